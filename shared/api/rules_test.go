package api_test

import (
	"encoding/json"
	"net/url"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"

	"keepsake/shared/api"
)

// A rule cannot be expressed in a schema: a request may break it and still fit the document.
type rule struct {
	what   string
	path   string // what an error of this rule names, or what that begins with
	broken func(api.Event) bool
}

var rules = []rule{
	{"values are counted in bytes", "body.value", func(e api.Event) bool { return len(field(e, "value")) > 65_536 }},
	{"a next value is long enough for its secret's kind", "body.value", func(e api.Event) bool {
		return strings.HasSuffix(e.RouteKey, "/versions") && len(field(e, "value")) < 16
	}},
	{"tokens are counted in bytes", "body.token", func(e api.Event) bool { return len(field(e, "token")) > 65_536 }},
	{"JSON has one meaning: each name once, all text in Unicode", "body", func(e api.Event) bool {
		return json.Valid([]byte(e.Body)) && !jsontext.Value(e.Body).IsValid()
	}},
	{"an alias names a version that exists", "body.version_aliases", func(e api.Event) bool { return strings.Contains(e.Body, "version_aliases") }},
	{"a token of several workspaces says which", "headers.akua-context", func(e api.Event) bool { return e.Headers["akua-context"] == "" }},
	{"a cursor belongs to this very list", "query.cursor", func(e api.Event) bool { return e.QueryStringParameters["cursor"] != "" }},
	{"labels are weighed in bytes", "body.labels", func(e api.Event) bool { return len(e.Body) > 16<<10 && strings.Contains(e.Body, "labels") }},
	{"a body comes as it was sent", "body", func(e api.Event) bool {
		sent := e.Headers["content-length"]
		return sent != "" && sent != strconv.Itoa(len(e.Body)) && strings.ContainsRune(e.Body, utf8.RuneError)
	}},
	{"a body has at most 1 MiB", "body", func(e api.Event) bool { return len(e.Body) > 1<<20 }},
	{"a query can be read and names a parameter once", "query", func(e api.Event) bool {
		query, err := url.ParseQuery(e.RawQueryString)
		return err != nil || len(query["limit"])+len(query["force"])+len(query["state"])+len(query["kind"])+len(query["cursor"])+len(query["name"])+len(query["name_prefix"])+len(query["label"]) > 1
	}},
	{"a filter is text in Unicode without NUL, and by a name or a prefix", "query", func(e api.Event) bool {
		name, prefix, label := e.QueryStringParameters["name"], e.QueryStringParameters["name_prefix"], e.QueryStringParameters["label"]
		all := name + prefix + label
		return name != "" && prefix != "" || strings.ContainsRune(all, 0) || !utf8.ValidString(all)
	}},
	{"a name is text in Unicode", "params.name", func(e api.Event) bool {
		name, err := url.PathUnescape(strings.ReplaceAll(e.PathParameters["name"], "~", "%"))
		return err != nil || !utf8.ValidString(name)
	}},
	{"an etag is quoted on both sides or bare", "headers.if-match", func(e api.Event) bool {
		etag := e.Headers["if-match"]
		return strings.HasPrefix(etag, `"`) != strings.HasSuffix(etag, `"`) || etag == `"`
	}},
	{"a limit is written in digits: 1.0 is refused", "query.limit", func(e api.Event) bool {
		return strings.Trim(e.QueryStringParameters["limit"], "0123456789") != ""
	}},
}

// beyondSchemas lists the faults of a 400 that no rule explains.
func beyondSchemas(event api.Event, response api.Result) []string {
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
func field(event api.Event, name string) string {
	var fields map[string]any
	if json.Unmarshal([]byte(event.Body), &fields) != nil {
		return ""
	}
	text, _ := fields[name].(string)
	return text
}
