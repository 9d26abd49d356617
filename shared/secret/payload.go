package secret

import (
	"encoding/binary"
	"errors"
)

// Payload is what is sealed in a version: the value, and what belongs to it for some kinds.
type Payload struct {
	Value          Value
	AWSAccessKeyID string // only with kind AWS
	Username       string // only with kind OCIRegistry
}

// Binding is what a payload is sealed for: one version of one secret, and the secret's kind, which
// never changes. A right to open can be limited to a kind.
type Binding struct {
	VersionRef
	Kind Kind
}

// Sealed is an encrypted Payload, safe to store.
type Sealed struct {
	WrappedKey []byte // the data key, encrypted under the key service's key
	Ciphertext []byte // nonce and ciphertext
}

// Encode returns p as bytes to seal: each field behind its length. The caller wipes them.
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

// DecodePayload reads what Encode wrote. The payload's value is part of b. Fields that a later
// version of the code may add at the end are passed over.
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
