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

// Value is a plaintext. It prints, logs and marshals as nothing but "[redacted]": the bytes come
// out by Bytes alone, so that a search for that name finds every place that handles them.
type Value struct{ bytes []byte }

// NewValue takes b over; the caller keeps no use of it.
func NewValue(b []byte) Value { return Value{bytes: b} }

// Bytes is the plaintext itself, not a copy.
func (v Value) Bytes() []byte { return v.bytes }

// Wipe overwrites the plaintext. Go may have copied it before (a string, a grown slice), so this
// shortens a plaintext's life in memory and cannot promise its end.
func (v Value) Wipe() { clear(v.bytes) }

// Format prints "[redacted]", whatever the verb.
func (Value) Format(f fmt.State, _ rune) { fmt.Fprint(f, redacted) }

// LogValue logs "[redacted]".
func (Value) LogValue() slog.Value { return slog.StringValue(redacted) }

// MarshalJSON refuses: an answer that reveals a value says so by naming Bytes.
func (Value) MarshalJSON() ([]byte, error) {
	return nil, errors.New("secret: a Value is not marshalled")
}
