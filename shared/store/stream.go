package store

import (
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"keepsake/shared/secret"
)

const (
	// expiryPrincipal removes a row whose TTL has passed.
	expiryPrincipal = "dynamodb.amazonaws.com"
	versionPrefix   = "v#" // of a version's sort key
)

// Change is one change of a secret's metadata or of a version, as the table's stream reports it.
type Change struct {
	Ref      secret.Ref
	Version  int            // the version's number; 0: the secret's metadata
	Old      *secret.Secret // as it was; nil for a version, or if it is new
	Removed  bool
	Expired  bool         // removed by DynamoDB, for its TTL
	Stamped  bool         // by an operation; false for a change that users do not see, like telemetry
	By       secret.Stamp // who stamped it last
	Marked   secret.Mechanism
	Deleter  secret.Stamp // who deleted it, if it was
	PurgeAt  time.Time    // its deadline from now on; zero if it is not soft-deleted
	At       time.Time    // when the table changed, to the second
	Sequence string       // identifies it
}

// ReadChange reads a record of the table's stream. ok is false for a row that is neither a secret's
// metadata nor a version. With an error, the change still holds what needs no image: the secret, the
// version, the time, the sequence number.
func ReadChange(record events.DynamoDBEventRecord) (c Change, ok bool, err error) {
	c = Change{
		Ref:      refOf(stringKey(record, "pk")),
		Removed:  record.EventName == string(events.DynamoDBOperationTypeRemove),
		At:       record.Change.ApproximateCreationDateTime.UTC(),
		Sequence: record.Change.SequenceNumber,
	}
	c.Expired = c.Removed && record.UserIdentity != nil && record.UserIdentity.PrincipalID == expiryPrincipal
	sk := stringKey(record, "sk")
	number, isVersion := strings.CutPrefix(sk, versionPrefix)
	if !isVersion && sk != metaSort {
		return c, false, nil
	}
	c.Version, _ = strconv.Atoi(number)
	old, err := image(record.Change.OldImage)
	if err != nil {
		return c, false, err
	}
	now, err := image(record.Change.NewImage)
	if err != nil {
		return c, false, err
	}
	if isVersion {
		return c, true, c.readVersion(old, now)
	}
	return c, true, c.readMeta(old, now)
}

func (c *Change) readMeta(old, now item) error {
	before, err := decode[metaItem](old)
	if err != nil {
		return err
	}
	after, err := decode[metaItem](now)
	if err != nil {
		return err
	}
	if old != nil {
		was := before.secret()
		c.Old = &was
	}
	last := after
	if c.Removed {
		last = before
	}
	c.stamped(before.Stamp, last.Stamp)
	c.Marked = last.PurgedBy
	c.PurgeAt = at(after.PurgeAt)
	if last.DeletedBy != nil {
		c.Deleter = last.DeletedBy.stamp()
	}
	return nil
}

func (c *Change) readVersion(old, now item) error {
	before, err := decode[versionItem](old)
	if err != nil {
		return err
	}
	after, err := decode[versionItem](now)
	if err != nil {
		return err
	}
	c.stamped(before.Stamp, after.Stamp)
	return nil
}

func (c *Change) stamped(before, after stampItem) {
	c.Stamped = !c.Removed && before != after
	c.By = after.stamp()
}

func (i stampItem) stamp() secret.Stamp {
	return secret.Stamp{
		Operation: i.Operation, Principal: i.Principal, RequestID: i.RequestID, InvocationID: i.InvocationID,
		SourceIP: i.SourceIP, ViewerIP: i.ViewerIP, TraceID: i.TraceID, At: time.UnixMilli(i.At).UTC(),
	}
}

func stringKey(record events.DynamoDBEventRecord, name string) string {
	if key, ok := record.Change.Keys[name]; ok && key.DataType() == events.DataTypeString {
		return key.String()
	}
	return ""
}
