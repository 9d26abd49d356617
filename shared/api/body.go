package api

import (
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strings"

	"keepsake/shared/secret"
)

// Body is a request's JSON object. Its methods take fields out; a field that no method takes is an
// error. A null field counts as absent: clients send null for fields that were not set.
type Body struct {
	in     *input
	fields map[string]json.RawMessage
}

// Body reads the request's body, which must be an object.
func (in *input) Body() *Body {
	b := &Body{in: in}
	raw, err := in.rawBody()
	if err == nil {
		err = checkJSON(raw)
	}
	if err == nil && json.Unmarshal(raw, &b.fields) != nil || err == nil && b.fields == nil {
		err = errors.New("must be a JSON object")
	}
	if err != nil {
		in.invalid(err.Error(), "body")
		return b
	}
	return b
}

// NoBody notes a fault unless the body is empty, null or an object without fields.
func (in *input) NoBody() {
	raw, err := in.rawBody()
	if err == nil && (len(raw) == 0 || strings.TrimSpace(string(raw)) == "null") {
		return
	}
	in.Body().End()
}

// End notes every field that has not been taken. The nullable ones belong to requests of another kind:
// they may be here if they are null.
func (b *Body) End(nullable ...string) {
	for _, name := range nullable {
		if isNull(b.fields[name]) {
			delete(b.fields, name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(b.fields)) {
		b.in.invalid("is not a field of this request", "body", name)
	}
}

// Empty reports whether the object has no field that is not null.
func (b *Body) Empty() bool {
	for _, raw := range b.fields {
		if !isNull(raw) {
			return false
		}
	}
	return b.fields != nil
}

// Text takes a string of min to max characters; empty if absent. With min 0 it is optional.
func (b *Body) Text(name string, min, max int) string {
	text, ok := b.take(name, min > 0)
	if !ok {
		return ""
	}
	b.in.length(text, min, max, "body", name)
	if strings.ContainsRune(text, 0) {
		b.invalid(name, noNUL)
	}
	return text
}

// Value takes a required plaintext of 1 to 65,536 bytes.
func (b *Body) Value(name string) secret.Value {
	text, ok := b.take(name, true)
	if ok && (len(text) < secret.MinValueBytes || len(text) > secret.MaxValueBytes) {
		b.in.note(lengthFault(secret.MinValueBytes, secret.MaxValueBytes, "bytes", "body", name))
	}
	return secret.NewValue([]byte(text))
}

const noNUL = "must not contain the character NUL"

// raw removes a field; false if it is absent.
func (b *Body) raw(name string) (json.RawMessage, bool) {
	raw, ok := b.fields[name]
	delete(b.fields, name)
	return raw, ok && !isNull(raw)
}

func isNull(raw json.RawMessage) bool { return string(raw) == "null" }

// take removes a field and returns it as a string. It returns false if the field is absent, which is a
// fault if it is required, or not a string, which always is a fault.
func (b *Body) take(name string, required bool) (string, bool) {
	raw, ok := b.raw(name)
	var text string
	switch {
	case !ok && required:
		b.invalid(name, "is required")
	case ok && json.Unmarshal(raw, &text) != nil:
		b.invalid(name, "must be a string")
		return "", false
	}
	return text, ok
}

// invalid notes a fault of a field. If the body is not an object, that fault is noted already and the
// missing fields add nothing.
func (b *Body) invalid(name, message string) {
	if b.fields != nil {
		b.in.invalid(message, "body", name)
	}
}

// Change takes an optional string of min to max characters; nil if it is absent.
func (b *Body) Change(name string, min, max int) *string {
	if raw, ok := b.fields[name]; !ok || isNull(raw) {
		delete(b.fields, name)
		return nil
	}
	text := b.Text(name, min, max)
	return &text
}

// Kind takes the kind of a secret that can be created.
func (b *Body) Kind(name string) secret.Kind {
	text, ok := b.take(name, true)
	kind := secret.Kind(text)
	if ok && !kind.Creatable() {
		b.invalid(name, "must be one of "+list(secret.Kinds))
	}
	return kind
}
