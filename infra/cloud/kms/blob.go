package kms

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/binary"
	"fmt"
	"maps"
	"slices"
)

// A blob is: one byte of format, one of the key id's length, the key id, and the data key sealed by
// AES-256-GCM, nonce in front. What comes before the nonce and the encryption context are its
// additional data, so that a blob opens only for the context it was made for.
const blobFormat = 1

// errCiphertext does not say what was wrong, as the real service does not.
var errCiphertext = &fault{Type: "InvalidCiphertextException"}

func wrap(key Key, dataKey []byte, context map[string]string) ([]byte, error) {
	aead, err := sealer(key)
	if err != nil {
		return nil, err
	}
	header := append([]byte{blobFormat, byte(len(key.id()))}, key.id()...)
	return append(header, aead.Seal(nil, nil, dataKey, additionalData(header, context))...), nil
}

func unwrap(key Key, blob []byte, context map[string]string) ([]byte, error) {
	aead, err := sealer(key)
	if err != nil {
		return nil, err
	}
	end := 2 + len(key.id())
	plaintext, err := aead.Open(nil, nil, blob[end:], additionalData(blob[:end], context))
	if err != nil {
		return nil, errCiphertext
	}
	return plaintext, nil
}

// keyOf reads the id of the key that a blob is sealed with; "" if it is no blob.
func keyOf(blob []byte) string {
	if len(blob) < 2 || blob[0] != blobFormat || len(blob) < 2+int(blob[1]) {
		return ""
	}
	return string(blob[2 : 2+int(blob[1])])
}

func sealer(key Key) (cipher.AEAD, error) {
	block, err := aes.NewCipher(key.Secret)
	if err != nil {
		return nil, fmt.Errorf("use the secret of %s: %w", key.ARN, err)
	}
	return cipher.NewGCMWithRandomNonce(block)
}

// additionalData spells the context in one way only: sorted, each part after its length, so that no
// two contexts read the same. No context and an empty one are the same context.
func additionalData(header []byte, context map[string]string) []byte {
	data := slices.Clone(header)
	for _, name := range slices.Sorted(maps.Keys(context)) {
		for _, part := range []string{name, context[name]} {
			data = binary.BigEndian.AppendUint32(data, uint32(len(part)))
			data = append(data, part...)
		}
	}
	return data
}
