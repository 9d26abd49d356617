package api

import (
	"encoding/json"
	"net/http"
	"time"

	"keepsake/shared/fault"
	"keepsake/shared/secret"
)

// Answer is what an operation answers with.
type Answer struct {
	status  int
	body    []byte // JSON; nil: none
	headers map[string]string
	reason  fault.Kind // why it is an error; empty: it is none
}

// empty answers without a body.
func empty(status int, etag secret.Etag) Answer {
	return Answer{status: status, headers: map[string]string{"ETag": quote(etag)}}
}

// notModified says that the caller has it already.
func notModified(etag secret.Etag) Answer { return empty(http.StatusNotModified, etag) }

// resource answers with one resource, which etag belongs to.
func resource(status int, body any, etag secret.Etag) Answer {
	a := answer(status, body)
	a.headers["ETag"] = quote(etag)
	return a
}

func answer(status int, body any) Answer {
	// A line's end, for those who read it in a terminal.
	return Answer{status: status, body: append(encode(body), '\n'), headers: map[string]string{}}
}

func encode(body any) []byte {
	encoded, err := json.Marshal(body)
	if err != nil {
		panic(err) // the bodies are this package's own types: all of them marshal
	}
	return encoded
}

func quote(e secret.Etag) string { return `"` + e.String() + `"` }

// response is the answer as the gateway takes it. Nothing of it may be kept by a cache.
func (a Answer) response() Response {
	headers := map[string]string{"Cache-Control": "no-store"}
	if a.body != nil {
		headers["Content-Type"] = "application/json"
	}
	for name, value := range a.headers {
		headers[name] = value
	}
	return Response{StatusCode: a.status, Headers: headers, Body: string(a.body)}
}

// Dashboard is the scheme and host that each secret's html_url begins with.
type Dashboard string

func (d Dashboard) url(r secret.Ref) string {
	return string(d) + "/workspaces/" + r.Workspace + "/secrets/" + r.ID
}

// secretJSON is the contract's Secret. A field with no value is absent; validation alone is
// there always, and may be null.
type secretJSON struct {
	ID                  string            `json:"id"`
	HTMLURL             string            `json:"html_url"`
	WorkspaceID         string            `json:"workspace_id"`
	Name                string            `json:"name"`
	Kind                secret.Kind       `json:"kind"`
	Description         string            `json:"description,omitempty"`
	Labels              map[string]string `json:"labels,omitempty"`
	State               secret.State      `json:"state"`
	Validation          *validationJSON   `json:"validation"`
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

type validationJSON struct {
	State       secret.ValidationState `json:"state"`
	ValidatedAt int64                  `json:"validated_at"`
	Error       string                 `json:"error,omitempty"`
}

func (d Dashboard) answer(status int, s secret.Secret) Answer {
	return resource(status, d.secretJSON(s), s.Etag)
}

func (d Dashboard) secretJSON(s secret.Secret) secretJSON {
	body := secretJSON{
		ID: s.ID, HTMLURL: d.url(s.Ref), WorkspaceID: s.Workspace,
		Name: s.Name, Kind: s.Kind, Description: s.Description, Labels: s.Labels,
		State: s.State, MimeType: s.MimeType, VersionAliases: s.VersionAliases,
		VersionCount: s.VersionCount, EnabledVersionCount: s.EnabledVersionCount,
		CreatedAt: unix(s.CreatedAt), UpdatedAt: unix(s.UpdatedAt),
		DeletedAt: unix(s.DeletedAt), PurgeAt: unix(s.PurgeAt), Etag: s.Etag.String(),
	}
	if v := s.Validation; v != nil {
		body.Validation = &validationJSON{State: v.State, ValidatedAt: unix(v.ValidatedAt), Error: v.Error}
	}
	return body
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

func newVersionJSON(v secret.Version) versionJSON {
	return versionJSON{
		ID: v.ID(), SecretID: v.Ref.ID, VersionNumber: v.Number, State: v.State, Comment: v.Comment,
		CreatedAt: unix(v.CreatedAt), DestroyedAt: unix(v.DestroyedAt), Etag: v.Etag.String(),
	}
}

func versionAnswer(status int, v secret.Version) Answer {
	return resource(status, newVersionJSON(v), v.Etag)
}

// unix is t in Unix seconds; 0, which marshals as absent, for none.
func unix(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.Unix()
}
