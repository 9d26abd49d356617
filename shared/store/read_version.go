package store

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"keepsake/shared/secret"
)

// Reading is a version with its sealed payload, and its secret, read together. secret.RefuseAccess
// says whether it may be opened.
type Reading struct {
	Secret  secret.Secret
	Version secret.Version
	Sealed  secret.Sealed // empty if the version is destroyed
}

// ReadVersion reads a version by its number; NotFound if there is no such version. One BatchGetItem.
func (s *Store) ReadVersion(ctx context.Context, v secret.VersionRef) (Reading, error) {
	rows, err := s.readRows(ctx, v, "")
	return newReading(v.Ref, rows, err)
}

// ReadLatestVersion reads the newest enabled version; NotFound if there is none. One Query of the
// index "states", whose entries name the two rows that DynamoDB then fetches from the table. If there are
// newer versions, which are not enabled, the metadata is read once more.
func (s *Store) ReadLatestVersion(ctx context.Context, ref secret.Ref) (Reading, error) {
	if !ref.Plausible() {
		return Reading{}, secret.NotFoundError()
	}
	out, err := s.db.Query(ctx, &dynamodb.QueryInput{
		TableName:              &s.table,
		IndexName:              aws.String(statesIndex),
		KeyConditionExpression: aws.String("pk = :pk AND version_order BETWEEN :enabled AND :meta"),
		ExpressionAttributeValues: item{
			":pk":      &types.AttributeValueMemberS{Value: partition(ref)},
			":enabled": &types.AttributeValueMemberS{Value: string(secret.Enabled)},
			":meta":    &types.AttributeValueMemberS{Value: metaOrder},
		},
		Select:           types.SelectAllAttributes,
		ScanIndexForward: aws.Bool(false),
		Limit:            aws.Int32(2),
		ConsistentRead:   consistent,
	})
	if err != nil {
		return Reading{}, fmt.Errorf("read latest version: %w", err)
	}
	rows, err := sortOut(out.Items, secret.NoEnabledVersionError())
	if err == nil && rows.version.Number < rows.meta.VersionCount {
		// A Query may read its rows at different moments. While a secret is erased, it could find the metadata
		// as it was before, and an old version behind newer ones that are gone. A secret whose erasure has
		// begun never becomes active again.
		rows.meta, err = s.meta(ctx, ref)
	}
	return newReading(ref, rows, err)
}

// versionRows are the rows that belong together: a secret's, one of its versions', and the record of
// an idempotency key, if one was asked for and is there.
type versionRows struct {
	meta    metaItem
	version versionItem
	record  recordItem
}

// readRows reads the rows of a secret and of one of its versions, and the record of key unless that
// is empty; NotFound unless secret and version are there. One BatchGetItem, or more if DynamoDB
// does not get to all of them at once.
func (s *Store) readRows(ctx context.Context, v secret.VersionRef, key string) (versionRows, error) {
	if !v.Plausible() {
		return versionRows{}, secret.NotFoundError()
	}
	keys := []item{metaKey(v.Ref), rowKey(partition(v.Ref), versionKey(v.Number))}
	if key != "" {
		keys = append(keys, recordKey(v.Workspace, key))
	}
	rows, err := s.batchGet(ctx, types.KeysAndAttributes{Keys: keys, ConsistentRead: consistent})
	if err != nil {
		return versionRows{}, fmt.Errorf("read version: %w", err)
	}
	return sortOut(rows, secret.NoVersionError())
}

// sortOut distinguishes the rows, which come in any order. NotFound unless both metadata and version
// are there. It returns noVersion if the secret is active and only the version is missing.
func sortOut(rows []item, noVersion error) (out versionRows, err error) {
	for _, row := range rows {
		switch text(row, "sk") {
		case metaSort:
			out.meta, err = decode[metaItem](row)
		case recordSort:
			out.record, err = decode[recordItem](row)
		default:
			out.version, err = decode[versionItem](row)
		}
		if err != nil {
			return out, err
		}
	}
	switch {
	case out.meta.PK == "", out.version.PK == "" && out.meta.State != secret.Active:
		err = secret.NotFoundError()
	case out.version.PK == "":
		err = noVersion
	}
	return out, err
}

// after returns the rows after a cancelled transaction: those whose condition failed as its old images
// show them, the others as they were read. A row that is gone is empty.
func (r versionRows) after(version, meta, record cause) (versionRows, error) {
	var errs [3]error
	if version.failed {
		r.version, errs[0] = decode[versionItem](version.row)
	}
	if meta.failed {
		r.meta, errs[1] = decode[metaItem](meta.row)
	}
	if record.failed {
		r.record, errs[2] = decode[recordItem](record.row)
	}
	return r, errors.Join(errs[:]...)
}

// newReading returns the rows of a secret that was read by its key, and err. It returns an error if a
// row's attributes do not name what its key does. A payload is opened for what the attributes name: else
// whoever can write to the table could read any secret through a copy of its rows under another name.
func newReading(of secret.Ref, rows versionRows, err error) (Reading, error) {
	found, version := rows.meta.secret(), rows.version
	if rows.meta.PK != "" && found.Ref != of || version.PK != "" && version.SK != versionKey(version.Number) {
		return Reading{}, errMisnamed
	}
	return Reading{
		Secret:  found,
		Version: version.version(found.Ref),
		Sealed:  secret.Sealed{Format: version.Format, WrappedKey: version.WrappedKey, Ciphertext: version.Ciphertext},
	}, err
}

var errMisnamed = errors.New("a row of a secret or a version does not name what its key does")
