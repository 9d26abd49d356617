package api

import (
	"keepsake/shared/audit"
	"keepsake/shared/secret"
	"keepsake/shared/store"
)

// This file has every JSON object of the contract but the lists, which are in page.go: first what is
// written, then what is read. Times are Unix seconds. A field without a value is absent, unless it says
// otherwise.

// secretJSON is the contract's Secret.
type secretJSON struct {
	ID                  string            `json:"id"`
	HTMLURL             string            `json:"html_url"`
	WorkspaceID         string            `json:"workspace_id"`
	Name                string            `json:"name"`
	Kind                secret.Kind       `json:"kind"`
	Description         string            `json:"description,omitempty"`
	Labels              map[string]string `json:"labels,omitempty"`
	State               secret.State      `json:"state"`
	Validation          *validationJSON   `json:"validation"` // always there, and may be null
	MimeType            string            `json:"mime_type,omitempty"`
	VersionAliases      map[string]int    `json:"version_aliases,omitempty"`
	VersionCount        int               `json:"version_count"`
	EnabledVersionCount int               `json:"enabled_version_count"`
	CreatedAt           int64             `json:"created_at"`
	UpdatedAt           int64             `json:"updated_at"`
	DeletedAt           int64             `json:"deleted_at,omitempty"`
	PurgeAt             int64             `json:"purge_at,omitempty"`
	Etag                string            `json:"etag"`
}

// trashedJSON is Keepsake's TrashedSecret: a Secret, with who deleted it and whether it is still asked for.
type trashedJSON struct {
	secretJSON
	DeletedBy  string    `json:"deleted_by,omitempty"`
	ReadsSince askedJSON `json:"reads_since"`
}

// askedJSON counts the refused reads since the delete.
type askedJSON struct {
	Count  int    `json:"count"`
	More   bool   `json:"more"`
	LastAt int64  `json:"last_at,omitempty"`
	LastBy string `json:"last_by,omitempty"`
}

type validationJSON struct {
	State       secret.ValidationState `json:"state"`
	ValidatedAt int64                  `json:"validated_at"`
	Error       string                 `json:"error,omitempty"`
}

// versionJSON is the contract's SecretVersion.
type versionJSON struct {
	ID            string              `json:"id"`
	SecretID      string              `json:"secret_id"`
	VersionNumber int                 `json:"version_number"`
	State         secret.VersionState `json:"state"`
	Comment       string              `json:"comment,omitempty"`
	CreatedAt     int64               `json:"created_at"`
	DestroyedAt   int64               `json:"destroyed_at,omitempty"`
	Etag          string              `json:"etag"`
}

// valueJSON is the contract's SecretValue: the only object that is written with a value.
type valueJSON struct {
	Value string `json:"value"`
}

// eventJSON is Keepsake's SecretEvent: a line of the audit trail.
type eventJSON struct {
	ID         string        `json:"id"`
	SecretID   string        `json:"secret_id"`
	Operation  string        `json:"operation"`
	Version    string        `json:"version,omitempty"` // a number, or what the caller asked for
	Outcome    audit.Outcome `json:"outcome"`
	Reason     string        `json:"reason,omitempty"`
	Principal  string        `json:"principal"`
	RequestID  string        `json:"request_id,omitempty"`
	SourceIP   string        `json:"source_ip,omitempty"` // who called the gateway: the distribution's address
	ViewerIP   string        `json:"viewer_ip,omitempty"` // who called the distribution
	OccurredAt int64         `json:"occurred_at"`
	Purge      *purgeJSON    `json:"purge,omitempty"`
}

// purgeJSON is what a purge erased, and whose delete came before it.
type purgeJSON struct {
	Mechanism secret.Mechanism `json:"mechanism,omitempty"` // absent if the service did not erase it
	Versions  int              `json:"versions"`
	DeletedBy string           `json:"deleted_by,omitempty"`
	DeletedAt int64            `json:"deleted_at,omitempty"`
}

// tokenJSON is a provider's verdict on a token.
type tokenJSON struct {
	Valid bool   `json:"valid"`
	Error string `json:"error,omitempty"`
}

// errorsJSON is the contract's envelope of errors.
type errorsJSON struct {
	Success bool        `json:"success"` // always false
	Errors  []errorJSON `json:"errors"`  // at least one
	Result  struct{}    `json:"result"`  // always {}
}

type errorJSON struct {
	Code     int               `json:"code"`
	Message  string            `json:"message"`
	Path     []string          `json:"path,omitempty"`
	Metadata map[string]string `json:"metadata,omitempty"`
}

// The bounds of the fields that are read, in characters. A value is bounded in bytes, by package secret.
const (
	maxName        = 200
	maxDescription = 500
	maxMimeType    = 100
	maxComment     = 200
	maxCredential  = 256 // aws_access_key_id and username: the contract sets no bound
)

// createBody is the body of a create.
type createBody struct {
	name, description string
	kind              secret.Kind
	labels            map[string]string
	payload           secret.Payload // value, and for some kinds aws_access_key_id or username
}

func (b createBody) wipe() { b.payload.Value.Wipe() }

func readCreateBody(in *input) createBody {
	body := in.Body()
	defer body.End("aws_access_key_id", "username")
	r := createBody{
		name:        body.Text("name", 1, maxName),
		kind:        body.Kind("kind"),
		description: body.Text("description", 0, maxDescription),
		labels:      body.Labels("labels"),
	}
	r.payload.Value = body.Value("value")
	// Taken only where they belong: anywhere else they are unknown fields.
	if r.kind == secret.AWS {
		r.payload.AWSAccessKeyID = body.Text("aws_access_key_id", 0, maxCredential)
	}
	if r.kind == secret.OCIRegistry {
		r.payload.Username = body.Text("username", 0, maxCredential)
	}
	in.note(refuseForKind(r.kind, r.payload.Value))
	return r
}

// versionBody is the body of a create of a version.
type versionBody struct {
	comment string
	payload secret.Payload
}

func (b versionBody) wipe() { b.payload.Value.Wipe() }

func readVersionBody(in *input) versionBody {
	body := in.Body()
	defer body.End()
	r := versionBody{comment: body.Text("comment", 0, maxComment)}
	r.payload.Value = body.Value("value")
	return r
}

// readPatch reads the body of an update, which must have a field that is to change.
func readPatch(in *input) store.Patch {
	body := in.Body()
	defer body.End()
	if body.Empty() {
		in.invalid("must have at least one field to change", "body")
	}
	return store.Patch{
		Name:           body.Change("name", 1, maxName),
		Description:    body.Change("description", 0, maxDescription),
		MimeType:       body.Change("mime_type", 0, maxMimeType),
		Labels:         body.Labels("labels"),
		VersionAliases: body.Aliases("version_aliases"),
	}
}

// hcloudProvider is the one provider that a token can be validated with, as clients name it.
const hcloudProvider = "hcloud"

// tokenBody is the body of a validation: a provider's token.
type tokenBody struct {
	token secret.Value
}

func readTokenBody(in *input) tokenBody {
	body := in.Body()
	defer body.End()
	if provider, ok := body.take("provider", true); ok && provider != hcloudProvider {
		body.invalid("provider", `must be "`+hcloudProvider+`"`)
	}
	return tokenBody{body.Value("token")}
}

func (b tokenBody) wipe() { b.token.Wipe() }
