package api_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/go-json-experiment/json/jsontext"

	"keepsake/shared/api"
)

// watch reports what of an operation's requests and answers is not as the document says.
func (d *document) watch(t *testing.T, operation string, handle api.Handler) api.Handler {
	return func(ctx context.Context, event api.Request) (api.Response, error) {
		response, err := handle(ctx, event)
		if err == nil {
			for _, fault := range d.faults(operation, event, response) {
				t.Errorf("%s and openapi.json: %s", operation, fault)
			}
		}
		return response, err
	}
}

// request is the event as the client sent it.
func (p place) request(event api.Request) (*http.Request, error) {
	path, escaped := p.path, p.path
	for name, value := range event.PathParameters {
		path = strings.ReplaceAll(path, "{"+name+"}", value)
		escaped = strings.ReplaceAll(escaped, "{"+name+"}", url.PathEscape(value))
	}
	query := url.Values{}
	for name, value := range event.QueryStringParameters {
		query.Set(name, value)
	}
	body := []byte(event.Body)
	if event.IsBase64Encoded {
		var err error
		if body, err = base64.StdEncoding.DecodeString(event.Body); err != nil {
			return nil, err
		}
	}
	r := &http.Request{
		Method: p.method,
		URL:    &url.URL{Scheme: "https", Host: "keepsake.example.com", Path: path, RawPath: escaped, RawQuery: query.Encode()},
		Header: http.Header{},
		Body:   http.NoBody,
	}
	for name, value := range event.Headers {
		r.Header.Set(name, value)
	}
	if len(body) > 0 {
		r.Body, r.ContentLength = io.NopCloser(strings.NewReader(string(body))), int64(len(body))
		r.Header.Set("Content-Type", "application/json") // whatever a client calls it, that is how it is read
	}
	return r, nil
}

func httpResponse(response api.Response) *http.Response {
	r := &http.Response{StatusCode: response.StatusCode, Header: http.Header{}, Body: http.NoBody}
	for name, value := range response.Headers {
		r.Header.Set(name, value)
	}
	if response.Body != "" {
		r.Body = io.NopCloser(strings.NewReader(response.Body))
	}
	return r
}

// A rule is one that a schema cannot express: a request may break it and be valid.
type rule struct {
	what   string
	path   string // what an error of this rule names, or what that begins with
	broken func(api.Request) bool
}

var rules = []rule{
	{"values are counted in bytes", "body.value", func(e api.Request) bool { return len(field(e, "value")) > 65_536 }},
	{"tokens are counted in bytes", "body.token", func(e api.Request) bool { return len(field(e, "token")) > 65_536 }},
	{"JSON has one meaning: no name twice, nothing that is no Unicode", "body", func(e api.Request) bool {
		return json.Valid([]byte(e.Body)) && !jsontext.Value(e.Body).IsValid()
	}},
	{"an alias names a version that exists", "body.version_aliases", func(e api.Request) bool { return strings.Contains(e.Body, "version_aliases") }},
	{"a token of several workspaces says which", "headers.akua-context", func(e api.Request) bool { return e.Headers["akua-context"] == "" }},
	{"a cursor belongs to this very list", "query.cursor", func(e api.Request) bool { return e.QueryStringParameters["cursor"] != "" }},
	{"a limit is written in digits: 1.0 is none", "query.limit", func(e api.Request) bool {
		return strings.Trim(e.QueryStringParameters["limit"], "0123456789") != ""
	}},
}

// beyondSchemas lists what a 400 names and no rule explains.
func beyondSchemas(event api.Request, response api.Response) []string {
	var envelope struct{ Errors []struct{ Path []string } }
	if json.Unmarshal([]byte(response.Body), &envelope) != nil {
		return []string{"a body that is no JSON"}
	}
	var out []string
	for _, e := range envelope.Errors {
		path, explained := strings.Join(e.Path, "."), false
		for _, r := range rules {
			explained = explained || strings.HasPrefix(path+".", r.path+".") && r.broken(event)
		}
		if !explained {
			out = append(out, path)
		}
	}
	return out
}

// field is a text field of the event's body.
func field(event api.Request, name string) string {
	var fields map[string]any
	if json.Unmarshal([]byte(event.Body), &fields) != nil {
		return ""
	}
	text, _ := fields[name].(string)
	return text
}
