package store

import (
	"fmt"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"keepsake/shared/secret"
)

// listedAttributes are those that listedMeta reads.
const listedAttributes = `workspace_id, id, secret_name, kind, description, label_map, mime_type, secret_state,
	validation, version_aliases, version_count, enabled_version_count, created_at, updated_at, deleted_at,
	purge_at, revision`

// listedMeta is decode for a row of a list, which has up to a hundred: decode finds its fields by
// reflection, and takes several times as long.
func listedMeta(row item) (m metaItem, err error) {
	var r reader
	for name, value := range row {
		switch name {
		case "workspace_id":
			m.Workspace = r.text(value)
		case "id":
			m.ID = r.text(value)
		case "secret_name":
			m.Name = r.text(value)
		case "kind":
			m.Kind = secret.Kind(r.text(value))
		case "description":
			m.Description = r.text(value)
		case "label_map":
			m.Labels = r.labels(value)
		case "mime_type":
			m.MimeType = r.text(value)
		case "secret_state":
			m.State = secret.State(r.text(value))
		case "validation":
			m.Validation = r.validation(value)
		case "version_aliases":
			m.VersionAliases = r.aliases(value)
		case "version_count":
			m.VersionCount = r.count(value)
		case "enabled_version_count":
			m.EnabledVersionCount = r.count(value)
		case "created_at":
			m.CreatedAt = r.number(value)
		case "updated_at":
			m.UpdatedAt = r.number(value)
		case "deleted_at":
			m.DeletedAt = r.number(value)
		case "purge_at":
			m.PurgeAt = r.number(value)
		case "revision":
			m.Revision = secret.Etag(r.number(value))
		}
	}
	return m, r.err
}

// listedVersion is listedMeta for the row of a version.
func listedVersion(row item) (v versionItem, err error) {
	var r reader
	for name, value := range row {
		switch name {
		case "version_number":
			v.Number = r.count(value)
		case "version_state":
			v.State = secret.VersionState(r.text(value))
		case "version_comment":
			v.Comment = r.text(value)
		case "version_created_at":
			v.CreatedAt = r.number(value)
		case "version_destroyed_at":
			v.DestroyedAt = r.number(value)
		case "version_revision":
			v.Revision = secret.Etag(r.number(value))
		}
	}
	return v, r.err
}

// reader reads attributes. Null is the zero value, as decode has it. An attribute of another type is an
// error; the first error is kept.
type reader struct{ err error }

func (r *reader) text(value types.AttributeValue) string {
	if s, ok := value.(*types.AttributeValueMemberS); ok {
		return s.Value
	}
	r.other(value)
	return ""
}

func (r *reader) number(value types.AttributeValue) int64 {
	digits, ok := value.(*types.AttributeValueMemberN)
	if !ok {
		r.other(value)
		return 0
	}
	n, err := strconv.ParseInt(digits.Value, 10, 64)
	r.note(err)
	return n
}

func (r *reader) count(value types.AttributeValue) int { return int(r.number(value)) }

// entries returns a map; nil if value is not one.
func (r *reader) entries(value types.AttributeValue) item {
	if m, ok := value.(*types.AttributeValueMemberM); ok {
		return m.Value
	}
	r.other(value)
	return nil
}

// other notes a value that is not of the expected type, unless it is null.
func (r *reader) other(value types.AttributeValue) {
	if _, null := value.(*types.AttributeValueMemberNULL); !null {
		r.note(fmt.Errorf("an attribute is a %T", value)) // not the value: it may be anything
	}
}

func (r *reader) note(err error) {
	if err != nil && r.err == nil {
		r.err = fmt.Errorf("read a row: %w", err)
	}
}

// labels reads a map of texts, aliases one of numbers. Users choose the names.
func (r *reader) labels(value types.AttributeValue) map[string]string {
	in := r.entries(value)
	if in == nil {
		return nil
	}
	out := make(map[string]string, len(in))
	for name, value := range in {
		out[name] = r.text(value)
	}
	return out
}

func (r *reader) aliases(value types.AttributeValue) map[string]int {
	in := r.entries(value)
	if in == nil {
		return nil
	}
	out := make(map[string]int, len(in))
	for name, value := range in {
		out[name] = r.count(value)
	}
	return out
}

func (r *reader) validation(value types.AttributeValue) *validationItem {
	in := r.entries(value)
	if in == nil {
		return nil
	}
	var v validationItem
	for name, value := range in {
		switch name {
		case "state":
			v.State = secret.ValidationState(r.text(value))
		case "validated_at":
			v.ValidatedAt = r.number(value)
		case "error":
			v.Error = r.text(value)
		}
	}
	return &v
}
