package secret

import (
	"encoding/binary"
	"errors"
)

// Payload is the sealed content of a version: the value and, for some kinds, what belongs to it.
type Payload struct {
	Value          Value
	AWSAccessKeyID string // only with kind AWS
	Username       string // only with kind OCIRegistry
}

// Binding says what a payload is sealed for: one version of one secret, and the secret's kind, which
// never changes. The right to decrypt can be limited to a kind.
type Binding struct {
	VersionRef
	Kind Kind
}

// Sealed is an encrypted Payload, safe to store.
type Sealed struct {
	Format     Format
	WrappedKey []byte // the data key, encrypted under the key service's key
	Ciphertext []byte // nonce and ciphertext
}

// Format says how a payload was sealed. Newer code may have sealed it in a format that this code does
// not know.
type Format int

// The formats. Rows of the first one say nothing about it, so it is the zero value.
const (
	// FormatOne has a data key that the key service binds to the whole Binding.
	FormatOne Format = 0
	// FormatTwo has a data key that the key service binds to the secret. The cipher alone binds the
	// payload to the version.
	FormatTwo Format = 2
)

// DataKey seals payloads for the versions of one secret. Wipe it after use.
type DataKey struct {
	Of      Ref
	Kind    Kind   // only if Kind.Validated: the key service then binds the key to the kind too
	Wrapped []byte // as Sealed.WrappedKey
	Plain   Value
}

// Wipe overwrites the key.
func (k DataKey) Wipe() { k.Plain.Wipe() }

// Encode returns p as bytes to seal: the length of each field, then the field. The caller wipes them.
func (p Payload) Encode() []byte {
	fields := [][]byte{p.Value.bytes, []byte(p.AWSAccessKeyID), []byte(p.Username)}
	size := 0
	for _, f := range fields {
		size += binary.MaxVarintLen64 + len(f)
	}
	out := make([]byte, 0, size) // never grown: a grown slice leaves a copy of the value behind
	for _, f := range fields {
		out = append(binary.AppendUvarint(out, uint64(len(f))), f...)
	}
	return out
}

// DecodePayload reads what Encode wrote. The payload's value shares memory with b. It ignores fields
// that later code may have added at the end.
func DecodePayload(b []byte) (Payload, error) {
	var fields [3][]byte
	for i := range fields {
		size, n := binary.Uvarint(b)
		if n <= 0 || size > uint64(len(b)-n) {
			return Payload{}, errors.New("secret: a sealed payload is cut short")
		}
		fields[i], b = b[n:n+int(size)], b[n+int(size):]
	}
	return Payload{
		Value:          NewValue(fields[0]),
		AWSAccessKeyID: string(fields[1]),
		Username:       string(fields[2]),
	}, nil
}
