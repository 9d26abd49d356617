package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"regexp"
	"testing"
	"unicode/utf8"

	"keepsake/shared/secret"
)

// FuzzJSON holds checkJSON to encoding/json: what it takes is JSON there too, and what it refuses of
// that has a name twice, or text that is no Unicode.
func FuzzJSON(f *testing.F) {
	for _, seed := range []string{
		`{"name":"db","kind":"generic","value":"x"}`, `{}`, `null`, ``, `{"a":1}{"b":2}`, `{"a":1,"a":2}`, `{"a":{"b":1,"b":2}}`,
		`{"a":"\ud800"}`, "{\"a\":\"\xff\"}", `{"\u0061":1,"a":2}`, `{"a":"\ud83d\ude00"}`, `[1,2`, `{"a":1e999}`, " {\"a\" : \t1}\n", "\ufeff{}",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		taken, valid := checkJSON(raw) == nil, json.Valid(raw)
		switch {
		case taken && !valid:
			t.Error("it takes what is no JSON")
		case !taken && valid && utf8.Valid(raw) && !loneSurrogate.Match(raw) && !namesTwice(raw):
			t.Error("it refuses what has one meaning")
		case taken && namesTwice(raw):
			t.Error("it takes a name twice")
		}
	})
}

// loneSurrogate finds too much: pairs as well.
var loneSurrogate = regexp.MustCompile(`\\u[dD][89a-fA-F]`)

// namesTwice reads raw the slow way.
func namesTwice(raw []byte) bool {
	decoder := json.NewDecoder(bytes.NewReader(raw))
	type level struct {
		names map[string]bool
		value bool // what comes next is a member's value
	}
	var levels []*level
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) || err != nil {
			return false
		}
		var top *level
		if len(levels) > 0 {
			top = levels[len(levels)-1]
		}
		if name, ok := token.(string); ok && top != nil && top.names != nil && !top.value {
			if top.names[name] {
				return true
			}
			top.names[name], top.value = true, true
			continue
		}
		if token == json.Delim('}') || token == json.Delim(']') {
			levels = levels[:len(levels)-1]
			continue
		}
		if top != nil {
			top.value = false
		}
		switch token {
		case json.Delim('{'):
			levels = append(levels, &level{names: map[string]bool{}})
		case json.Delim('['):
			levels = append(levels, &level{})
		}
	}
}

// FuzzCursor: a cursor that is taken is the very one that this list hands out, and no other list takes
// it.
func FuzzCursor(f *testing.F) {
	list := readingOf("list-secrets", Event{}).Cursor(anyPosition, "ws_a", "active", "")
	f.Add(list.at("generic#sec_a"), "active")
	f.Add(list.at("9"), "soft_deleted")
	f.Add("AAAAAAAAAAAA", "active")
	f.Add("=", "")
	f.Add("", "active")
	f.Fuzz(func(t *testing.T, text, state string) {
		read := func(state string) (cursor, bool) {
			in := readingOf("list-secrets", Event{QueryStringParameters: map[string]string{"cursor": text}})
			position := in.Cursor(anyPosition, "ws_a", state, "")
			return position, in.invalidities() == nil
		}
		position, taken := read(state)
		if taken && text != "" && position.at(position.after) != text {
			t.Errorf("%q is taken for the cursor of %q", text, position.after)
		}
		if _, elsewhere := read(state + "x"); taken && elsewhere && text != "" {
			t.Errorf("%q is taken by two lists", text)
		}
	})
}

// FuzzFields: what is wrong with the maps of a body is said, and what is taken is within the bounds.
func FuzzFields(f *testing.F) {
	f.Add([]byte(`{"a":"b"}`))
	f.Add([]byte(`{"":"x","a":null,"b":7}`))
	f.Add([]byte(`{"a":1,"latest":1,"secv_a_1":1,"b":0,"c":1.5,"d":1e2}`))
	f.Add([]byte(`[]`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		text := `{"labels":` + string(raw) + `,"version_aliases":` + string(raw) + `}`
		labels := readingOf("update-secret", Event{Body: text})
		if got := labels.Body().Labels("labels"); labels.invalidities() == nil {
			for name, value := range got {
				if name == "" || utf8.RuneCountInString(name) > maxLabel || utf8.RuneCountInString(value) > maxLabel || len(got) > maxLabels {
					t.Errorf("the label %q: %q is taken", name, value)
				}
			}
		}
		aliases := readingOf("update-secret", Event{Body: text})
		if got := aliases.Body().Aliases("version_aliases"); aliases.invalidities() == nil {
			for name, number := range got {
				if !isAlias(name) || name == secret.Latest || secret.IsVersionID(name) || number < 1 || len(got) > maxAliases {
					t.Errorf("the alias %q: %d is taken", name, number)
				}
			}
		}
	})
}

// FuzzHeaders: the headers that steer a write are read to what they are, or refused.
func FuzzHeaders(f *testing.F) {
	f.Add(`"7"`, "key", "203.0.113.7")
	f.Add("7", "", "::1%eth0")
	f.Add(`"`, "ключ", "x")
	f.Add(`W/"7"`, "a\nb", "")
	f.Fuzz(func(t *testing.T, ifMatch, key, viewer string) {
		in := readingOf("undelete-secret", Event{Headers: map[string]string{"if-match": ifMatch, "idempotency-key": key, "x-viewer-address": viewer}})
		etag, got, stamp := in.IfMatch(), in.IdempotencyKey(), in.call.Stamp()
		if etag != secret.NoEtag && ifMatch != etag.String() && !bytes.Contains([]byte(ifMatch), []byte(etag.String())) {
			t.Errorf("If-Match %q is read as %s", ifMatch, etag)
		}
		if n := utf8.RuneCountInString(key); in.invalidities() == nil && (got != key || n < 1 || n > maxIdempotencyKey) {
			t.Errorf("the key %q is read as %q", key, got)
		}
		if stamp.ViewerIP != "" && stamp.ViewerIP != viewer {
			t.Errorf("the address %q is read as %q", viewer, stamp.ViewerIP)
		}
	})
}

// readingOf is an operation's event as it is being read.
func readingOf(operation string, event Event) *input {
	return &input{call: &Call{operation: operation, event: event}}
}

// anyPosition takes every position.
func anyPosition(string) bool { return true }
