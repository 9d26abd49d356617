package api

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"time"

	"keepsake/shared/audit"
	"keepsake/shared/fault"
	"keepsake/shared/secret"
)

// Response is what an operation returns to its caller.
type Response struct {
	status  int
	body    []byte // JSON, unless the headers say otherwise; nil: none
	binary  bool   // the body is not text
	headers map[string]string
	kind    fault.Kind // of the error; empty: it is not one
}

// empty is a response without a body.
func empty(status int, etag secret.Etag) Response {
	return Response{status: status, headers: map[string]string{"ETag": quote(etag)}}
}

// notModified is the response to a caller that has the version already.
func notModified(etag secret.Etag) Response { return empty(http.StatusNotModified, etag) }

// resource is a response with one resource and its etag.
func resource(status int, body any, etag secret.Etag) Response {
	r := withBody(status, body)
	r.headers["ETag"] = quote(etag)
	return r
}

// tagged returns the response with another entity tag than its resource's etag.
func (r Response) tagged(tag string) Response {
	r.headers["ETag"] = `"` + tag + `"`
	return r
}

func withBody(status int, body any) Response {
	// The line's end is for people who read it in a terminal.
	return Response{status: status, body: append(encode(body), '\n'), headers: map[string]string{}}
}

func encode(body any) []byte {
	encoded, err := json.Marshal(body)
	if err != nil {
		panic(err) // the bodies are this package's own types: all of them marshal
	}
	return encoded
}

func quote(e secret.Etag) string { return `"` + e.String() + `"` }

// result returns the response in the gateway's form. Caches may not keep it, unless a header of the
// response's own allows it.
func (r Response) result() Result {
	headers := map[string]string{"Cache-Control": "no-store"}
	if r.body != nil {
		headers["Content-Type"] = "application/json"
	}
	for name, value := range r.headers {
		headers[name] = value
	}
	if r.binary {
		return Result{StatusCode: r.status, Headers: headers, Body: base64.StdEncoding.EncodeToString(r.body), IsBase64Encoded: true}
	}
	return Result{StatusCode: r.status, Headers: headers, Body: string(r.body)}
}

func (d Dashboard) response(status int, s secret.Secret) Response {
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

// trashed is a soft-deleted secret, who deleted it, and whether anybody has asked for it since.
type trashed struct {
	secret.Secret
	deletedBy string
	asked     audit.Asked
}

func (d Dashboard) trashedJSON(t trashed) trashedJSON {
	return trashedJSON{
		d.secretJSON(t.Secret), t.deletedBy, askedJSON{t.asked.Count, t.asked.More, unix(t.asked.LastAt), t.asked.LastBy},
	}
}

func newVersionJSON(v secret.Version) versionJSON {
	return versionJSON{
		ID: v.ID(), SecretID: v.Ref.ID, VersionNumber: v.Number, State: v.State, Comment: v.Comment,
		CreatedAt: unix(v.CreatedAt), DestroyedAt: unix(v.DestroyedAt), Etag: v.Etag.String(),
	}
}

func versionResponse(status int, v secret.Version) Response {
	return resource(status, newVersionJSON(v), v.Etag)
}

// unix returns t in Unix seconds. The zero time is 0, which marshals as absent.
func unix(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.Unix()
}

func newEventJSON(e audit.Entry) eventJSON {
	body := eventJSON{
		ID: e.ID, SecretID: e.Ref.ID, Operation: e.By.Operation, Version: e.Version, Outcome: e.Outcome, Reason: e.Reason,
		Principal: e.By.Principal, RequestID: e.By.RequestID, SourceIP: e.By.SourceIP, ViewerIP: e.By.ViewerIP,
		OccurredAt: unix(e.By.At),
	}
	if p := e.Purge; p != nil {
		body.Purge = &purgeJSON{p.Mechanism, p.Versions, p.DeletedBy, unix(p.DeletedAt)}
	}
	return body
}
