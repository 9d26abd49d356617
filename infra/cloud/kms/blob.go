package kms

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/binary"
	"fmt"
	"maps"
	"slices"
)

// A blob is a byte for the format, a byte for the length of the key id, the key id, a nonce, and the data
// key sealed by AES-256-GCM. All before the nonce, and the encryption context, are additional data: a
// blob opens only for the context that it was made for.
const blobFormat = 1

// errCiphertext does not say what is wrong: the real service does not either.
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

// keyOf returns the id of the key that sealed the blob, or "" if the bytes are not a blob.
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

// additionalData sorts the context and puts each part's length before it, so that no two contexts give
// the same bytes. No context and an empty one are the same context.
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
