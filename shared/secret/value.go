package secret

import (
	"errors"
	"fmt"
	"log/slog"
)

const redacted = "[redacted]"

// Limits of a value, in bytes.
const (
	MinValueBytes = 1
	MaxValueBytes = 65_536
)

// Value is a plaintext. It prints and logs as "[redacted]" and refuses to be marshalled. Only Bytes
// returns the plaintext, so a search for that name finds all code that handles it.
type Value struct{ bytes []byte }

// NewValue takes ownership of b: the caller must not use it any more.
func NewValue(b []byte) Value { return Value{bytes: b} }

// Bytes returns the plaintext itself, not a copy.
func (v Value) Bytes() []byte { return v.bytes }

// Wipe overwrites the plaintext. Go may have copied it before (a string, a grown slice), so Wipe
// shortens its life in memory but cannot promise its end.
func (v Value) Wipe() { clear(v.bytes) }

// Format prints "[redacted]", whatever the verb.
func (Value) Format(f fmt.State, _ rune) { fmt.Fprint(f, redacted) }

// LogValue logs "[redacted]".
func (Value) LogValue() slog.Value { return slog.StringValue(redacted) }

// MarshalJSON returns an error: a response that reveals a value must call Bytes.
func (Value) MarshalJSON() ([]byte, error) {
	return nil, errors.New("secret: a Value is not marshalled")
}
