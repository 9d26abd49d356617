package store

import (
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"keepsake/shared/secret"
)

// expiryPrincipal is who removes a row whose TTL has passed.
const expiryPrincipal = "dynamodb.amazonaws.com"

// Change is one change of a secret's metadata or of a version, as the table's stream tells it.
type Change struct {
	Ref      secret.Ref
	Version  int            // the version's number; 0: the secret's metadata
	Old      *secret.Secret // as it was; nil unless it was the metadata, and there before
	Removed  bool
	Expired  bool         // removed by DynamoDB, for its TTL
	Stamped  bool         // by an operation: false for what is no change to a user, like telemetry
	By       secret.Stamp // who stamped it last
	Marked   secret.Mechanism
	Deleter  secret.Stamp // who deleted it, if it was
	At       time.Time    // when the table took it, to the second
	Sequence string       // tells it from all others
}

// ReadChange reads a record of the table's stream. ok is false for rows that are neither a secret's
// metadata nor a version.
func ReadChange(record events.DynamoDBEventRecord) (c Change, ok bool, err error) {
	c = Change{
		Ref:      refOf(stringKey(record, "pk")),
		Removed:  record.EventName == string(events.DynamoDBOperationTypeRemove),
		At:       record.Change.ApproximateCreationDateTime.UTC(),
		Sequence: record.Change.SequenceNumber,
	}
	c.Expired = c.Removed && record.UserIdentity != nil && record.UserIdentity.PrincipalID == expiryPrincipal
	old, err := image(record.Change.OldImage)
	if err != nil {
		return c, false, err
	}
	now, err := image(record.Change.NewImage)
	if err != nil {
		return c, false, err
	}
	switch sk := stringKey(record, "sk"); {
	case sk == metaSort:
		return c, true, c.readMeta(old, now)
	case strings.HasPrefix(sk, "v#"):
		return c, true, c.readVersion(old, now)
	}
	return c, false, nil
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
	c.Version = max(before.Number, after.Number)
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

// image turns a row from the event's types into the client's; nil for none.
func image(in map[string]events.DynamoDBAttributeValue) (item, error) {
	if len(in) == 0 {
		return nil, nil
	}
	out := item{}
	for name, value := range in {
		converted, err := convert(value)
		if err != nil {
			return nil, fmt.Errorf("read a stream record's %s: %w", name, err)
		}
		out[name] = converted
	}
	return out, nil
}

func convert(v events.DynamoDBAttributeValue) (types.AttributeValue, error) {
	switch v.DataType() {
	case events.DataTypeString:
		return &types.AttributeValueMemberS{Value: v.String()}, nil
	case events.DataTypeNumber:
		return &types.AttributeValueMemberN{Value: v.Number()}, nil
	case events.DataTypeBinary:
		return &types.AttributeValueMemberB{Value: v.Binary()}, nil
	case events.DataTypeMap:
		members, err := image(v.Map())
		if members == nil {
			members = item{}
		}
		return &types.AttributeValueMemberM{Value: members}, err
	}
	return nil, fmt.Errorf("no row has an attribute of the type %v", v.DataType())
}
