package api

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"keepsake/shared/secret"
)

// maxBody is the longest body, in bytes: room for the largest value with every character escaped,
// and all that may stand beside it.
const maxBody = 1 << 20

// Body is a request's JSON object. Its methods take fields out; a field that none has taken is
// an error. A field that is null counts as absent, since clients send it for what was not set.
type Body struct {
	call   *Call
	fields map[string]json.RawMessage
}

// Body reads the request's body, which must be an object.
func (c *Call) Body() *Body {
	b := &Body{call: c}
	raw, err := c.rawBody()
	if err == nil {
		err = checkJSON(raw)
	}
	if err == nil && json.Unmarshal(raw, &b.fields) != nil || err == nil && b.fields == nil {
		err = errors.New("must be a JSON object")
	}
	if err != nil {
		c.invalid(err.Error(), "body")
		return b
	}
	return b
}

// NoBody notes a fault unless the body is empty, null or an object without fields.
func (c *Call) NoBody() {
	raw, err := c.rawBody()
	if err == nil && (len(raw) == 0 || strings.TrimSpace(string(raw)) == "null") {
		return
	}
	c.Body().End()
}

// End notes every field that has not been taken. The nullable ones belong to requests of another
// kind: there they may be, but say nothing.
func (b *Body) End(nullable ...string) {
	for _, name := range nullable {
		if isNull(b.fields[name]) {
			delete(b.fields, name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(b.fields)) {
		b.call.invalid("is not a field of this request", "body", name)
	}
}

// Empty reports whether the object says nothing at all.
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
	b.call.length(text, min, max, "body", name)
	if strings.ContainsRune(text, 0) {
		b.invalid(name, noNUL)
	}
	return text
}

// Value takes a required plaintext of 1 to 65,536 bytes.
func (b *Body) Value(name string) secret.Value {
	text, ok := b.take(name, true)
	if ok && (len(text) < secret.MinValueBytes || len(text) > secret.MaxValueBytes) {
		b.call.fault(lengthFault(secret.MinValueBytes, secret.MaxValueBytes, "bytes", "body", name))
	}
	return secret.NewValue([]byte(text))
}

// The bounds of labels, in entries and characters.
const (
	maxLabels = 200
	maxLabel  = 200
)

// Labels takes an optional map of strings to strings.
func (b *Body) Labels(name string) map[string]string {
	raw, ok := b.raw(name)
	if !ok {
		return nil
	}
	var labels map[string]*string
	if json.Unmarshal(raw, &labels) != nil {
		b.invalid(name, "must be an object of strings")
		return nil
	}
	if len(labels) > maxLabels {
		b.invalid(name, fmt.Sprintf("must have at most %d entries", maxLabels))
	}
	out := make(map[string]string, len(labels))
	for _, key := range slices.Sorted(maps.Keys(labels)) {
		if labels[key] == nil {
			b.call.invalid("must be a string", "body", name, key)
			continue
		}
		b.call.length(key, 1, maxLabel, "body", name, key)
		b.call.length(*labels[key], 0, maxLabel, "body", name, key)
		if strings.ContainsRune(key+*labels[key], 0) {
			b.call.invalid(noNUL, "body", name, key)
		}
		out[key] = *labels[key]
	}
	return out
}

const noNUL = "must not contain the character NUL"

// raw removes a field; false if it is absent.
func (b *Body) raw(name string) (json.RawMessage, bool) {
	raw, ok := b.fields[name]
	delete(b.fields, name)
	return raw, ok && !isNull(raw)
}

func isNull(raw json.RawMessage) bool { return string(raw) == "null" }

// take removes a field and returns it as a string; false if there is none, which is a fault if it
// is required, or if it is no string, which always is.
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

// invalid notes a fault of a field. Where there is no object, that has been said: its fields are
// then not worth a word.
func (b *Body) invalid(name, message string) {
	if b.fields != nil {
		b.call.invalid(message, "body", name)
	}
}

func (c *Call) rawBody() ([]byte, error) {
	raw := []byte(c.event.Body)
	if c.event.IsBase64Encoded {
		var err error
		if raw, err = base64.StdEncoding.DecodeString(c.event.Body); err != nil {
			return nil, errors.New("cannot be read")
		}
	}
	if len(raw) > maxBody {
		return nil, fmt.Errorf("must have at most %d bytes", maxBody)
	}
	return raw, nil
}

// checkJSON reports what is wrong with raw as JSON. Unlike encoding/json it takes neither a name
// twice nor text that is no Unicode: the one hides a field, the other changes a secret unseen.
// Its words never quote the body.
func checkJSON(raw []byte) error {
	decoder := jsontext.NewDecoder(strings.NewReader(string(raw)))
	_, err := decoder.ReadValue()
	if err == nil {
		_, err = decoder.ReadToken()
		if errors.Is(err, io.EOF) {
			return nil
		}
		return errors.New("must be one JSON object and nothing after it")
	}
	if errors.Is(err, jsontext.ErrDuplicateName) {
		return errors.New("must not name a field twice")
	}
	return errors.New("must be a JSON object in UTF-8")
}

func lengthFault(min, max int, unit string, path ...string) *secret.Error {
	if min == 0 {
		return secret.InvalidError(fmt.Sprintf("must have at most %d %s", max, unit), path...)
	}
	return secret.InvalidError(fmt.Sprintf("must have %d to %d %s", min, max, unit), path...)
}
