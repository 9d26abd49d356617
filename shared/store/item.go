package store

import (
	"fmt"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"keepsake/shared/secret"
)

// item is a row, or the values of an expression, in DynamoDB's own types.
type item = map[string]types.AttributeValue

// metaItem is the row of a secret's metadata. Times are Unix seconds. The attributes from ListPK to
// TTL serve the indexes and the expiry; the secret's state decides which of them are set.
type metaItem struct {
	PK string `dynamodbav:"pk"`
	SK string `dynamodbav:"sk"`

	Workspace           string            `dynamodbav:"workspace_id"`
	ID                  string            `dynamodbav:"id"`
	Name                string            `dynamodbav:"secret_name"`
	Kind                secret.Kind       `dynamodbav:"kind"`
	Description         string            `dynamodbav:"description,omitempty"`
	Labels              map[string]string `dynamodbav:"label_map,omitempty"`
	MimeType            string            `dynamodbav:"mime_type,omitempty"`
	State               secret.State      `dynamodbav:"secret_state"`
	Validation          *validationItem   `dynamodbav:"validation,omitempty"`
	VersionAliases      map[string]int    `dynamodbav:"version_aliases,omitempty"`
	VersionCount        int               `dynamodbav:"version_count"`
	EnabledVersionCount int               `dynamodbav:"enabled_version_count"`
	CreatedAt           int64             `dynamodbav:"created_at"`
	UpdatedAt           int64             `dynamodbav:"updated_at"`
	DeletedAt           int64             `dynamodbav:"deleted_at,omitempty"`
	PurgeAt             int64             `dynamodbav:"purge_at,omitempty"`
	Revision            secret.Etag       `dynamodbav:"revision"`

	ListPK       string `dynamodbav:"list_pk,omitempty"`
	ListSK       string `dynamodbav:"list_sk,omitempty"`
	PurgeShard   string `dynamodbav:"purge_shard,omitempty"`
	VersionOrder string `dynamodbav:"version_order,omitempty"`
	TTL          int64  `dynamodbav:"ttl,omitempty"`

	ValidateShard    string `dynamodbav:"validate_shard,omitempty"`    // only if Kind.Validated
	ValidateAt       int64  `dynamodbav:"validate_at,omitempty"`       // when to ask the provider next
	ValidateFailures int    `dynamodbav:"validate_failures,omitempty"` // since it last responded

	UndeletedRevision secret.Etag  `dynamodbav:"undeleted_revision,omitempty"`
	Receipt           *receiptItem `dynamodbav:"undelete_receipt,omitempty"` // left by earlier releases
	DeletedBy         *stampItem   `dynamodbav:"deleted_by,omitempty"`       // who deleted it, kept for the purge's audit line

	PurgedBy secret.Mechanism `dynamodbav:"purged_by,omitempty"` // only while purging
	Stamp    stampItem        `dynamodbav:"stamp"`
}

type validationItem struct {
	State       secret.ValidationState `dynamodbav:"state"`
	ValidatedAt int64                  `dynamodbav:"validated_at"`
	Error       string                 `dynamodbav:"error,omitempty"`
}

// versionItem is the row of a version. Its attributes have their own names: if the metadata row used
// them too, each change of that row would rewrite its entry in the index "states".
type versionItem struct {
	PK string `dynamodbav:"pk"`
	SK string `dynamodbav:"sk"`

	Number      int                 `dynamodbav:"version_number"`
	State       secret.VersionState `dynamodbav:"version_state"`
	Comment     string              `dynamodbav:"version_comment,omitempty"`
	CreatedAt   int64               `dynamodbav:"version_created_at"`
	DestroyedAt int64               `dynamodbav:"version_destroyed_at,omitempty"`
	Revision    secret.Etag         `dynamodbav:"version_revision"`
	Order       string              `dynamodbav:"version_order"`
	Format      secret.Format       `dynamodbav:"sealing_format,omitempty"` // absent: the first
	WrappedKey  []byte              `dynamodbav:"wrapped_key,omitempty"`
	Ciphertext  []byte              `dynamodbav:"ciphertext,omitempty"`
	Receipt     *receiptItem        `dynamodbav:"enable_receipt,omitempty"` // left by earlier releases
	MadeIn      string              `dynamodbav:"made_in,omitempty"`        // the run of the function that made it
	Stamp       stampItem           `dynamodbav:"stamp"`
}

// stampItem is secret.Stamp as a row holds it.
type stampItem struct {
	Operation    string `dynamodbav:"operation"`
	Principal    string `dynamodbav:"principal"`
	RequestID    string `dynamodbav:"request_id"`
	InvocationID string `dynamodbav:"invocation_id"`
	SourceIP     string `dynamodbav:"source_ip,omitempty"`
	ViewerIP     string `dynamodbav:"viewer_ip,omitempty"`
	TraceID      string `dynamodbav:"trace_id,omitempty"`
	At           int64  `dynamodbav:"at"` // Unix milliseconds
}

func newStampItem(s secret.Stamp) stampItem {
	return stampItem{
		Operation: s.Operation, Principal: s.Principal, RequestID: s.RequestID,
		InvocationID: s.InvocationID, SourceIP: s.SourceIP, ViewerIP: s.ViewerIP,
		TraceID: s.TraceID, At: s.At.UnixMilli(),
	}
}

func newMetaItem(s secret.Secret, by secret.Stamp) metaItem {
	m := metaItem{
		PK: partition(s.Ref), SK: metaSort,
		Workspace: s.Workspace, ID: s.ID, Name: s.Name, Kind: s.Kind,
		Description: s.Description, Labels: s.Labels, MimeType: s.MimeType, State: s.State,
		VersionAliases: s.VersionAliases, VersionCount: s.VersionCount,
		EnabledVersionCount: s.EnabledVersionCount,
		CreatedAt:           s.CreatedAt.Unix(), UpdatedAt: s.UpdatedAt.Unix(), Revision: s.Etag,
		ListPK: listPartition(s.Workspace, s.State), ListSK: listSort(s.Kind, s.ID),
		VersionOrder: metaOrder, Stamp: newStampItem(by),
	}
	if s.Kind.Validated() {
		m.ValidateShard, m.ValidateAt = shard(s.Ref), s.CreatedAt.Unix()
	}
	if v := s.Validation; v != nil {
		m.Validation = &validationItem{State: v.State, ValidatedAt: v.ValidatedAt.Unix(), Error: v.Error}
	}
	return m
}

func (m metaItem) secret() secret.Secret {
	s := secret.Secret{
		Ref:  secret.Ref{Workspace: m.Workspace, ID: m.ID},
		Name: m.Name, Kind: m.Kind, Description: m.Description, Labels: m.Labels,
		MimeType: m.MimeType, State: m.State, VersionAliases: m.VersionAliases,
		VersionCount: m.VersionCount, EnabledVersionCount: m.EnabledVersionCount,
		CreatedAt: at(m.CreatedAt), UpdatedAt: at(m.UpdatedAt),
		DeletedAt: at(m.DeletedAt), PurgeAt: at(m.PurgeAt), Etag: m.Revision,
	}
	if v := m.Validation; v != nil {
		s.Validation = &secret.Validation{State: v.State, ValidatedAt: at(v.ValidatedAt), Error: v.Error}
	}
	return s
}

func newVersionItem(v secret.Version, sealed secret.Sealed, by secret.Stamp) versionItem {
	return versionItem{
		PK: partition(v.Ref), SK: versionKey(v.Number),
		Number: v.Number, State: v.State, Comment: v.Comment, CreatedAt: v.CreatedAt.Unix(),
		Revision: v.Etag, Order: versionOrder(v.State, v.Number),
		Format: sealed.Format, WrappedKey: sealed.WrappedKey, Ciphertext: sealed.Ciphertext,
		MadeIn: by.InvocationID, Stamp: newStampItem(by),
	}
}

func (i versionItem) version(of secret.Ref) secret.Version {
	return secret.Version{
		VersionRef: of.Version(i.Number), State: i.State, Comment: i.Comment,
		CreatedAt: at(i.CreatedAt), DestroyedAt: at(i.DestroyedAt), Etag: i.Revision,
	}
}

// number encodes a number for DynamoDB.
func number(n int64) types.AttributeValue {
	return &types.AttributeValueMemberN{Value: strconv.FormatInt(n, 10)}
}

// at returns the time of a Unix second; zero for a missing attribute.
func at(seconds int64) time.Time {
	if seconds == 0 {
		return time.Time{}
	}
	return time.Unix(seconds, 0).UTC()
}

// decode reads a row into T. It ignores attributes that T does not have, and leaves zero those that the
// row lacks, so that it can read rows of older and newer code.
func decode[T any](row item) (T, error) {
	var out T
	err := attributevalue.UnmarshalMap(row, &out)
	if err != nil {
		return out, fmt.Errorf("read a row: %w", err)
	}
	return out, nil
}

// encode is the inverse of decode. It also encodes an expression's values.
func encode(in any) (item, error) {
	out, err := attributevalue.MarshalMap(in)
	if err != nil {
		return nil, fmt.Errorf("build a row: %w", err)
	}
	return out, nil
}
