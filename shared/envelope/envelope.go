// Package envelope seals payloads: plaintext in, sealed bytes out. Every version has its own
// data key, which KMS makes and wraps and which encrypts the payload with AES-256-GCM.
//
// A sealed payload is bound to its version: GCM's additional data is the version's full name and kind,
// and KMS's encryption context is the secret's name. A copy in another row does not open.
package envelope

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/kms"

	"keepsake/shared/secret"
)

// OpenAPI is the KMS call that opens.
type OpenAPI interface {
	Decrypt(context.Context, *kms.DecryptInput, ...func(*kms.Options)) (*kms.DecryptOutput, error)
}

// Opener opens what Sealer sealed under the KMS key KeyID, no other key.
type Opener struct {
	KMS   OpenAPI
	KeyID string
	Cache *KeyCache // nil: none
}

// Open decrypts sealed, which must have been sealed for b, in any format that releases have used. The
// caller wipes the value. One KMS call; none if the data key is in the cache.
func (o Opener) Open(ctx context.Context, b secret.Binding, sealed secret.Sealed) (secret.Payload, error) {
	to, err := bind(sealed.Format, b)
	if err != nil {
		return secret.Payload{}, fmt.Errorf("open: %w", err)
	}
	id, asked := o.Cache.id(o.KeyID, to, sealed.WrappedKey), o.Cache.time()
	key, cached := o.Cache.take(id)
	if !cached {
		if key, err = o.unwrap(ctx, to, sealed.WrappedKey); err != nil {
			return secret.Payload{}, fmt.Errorf("open: %w", err)
		}
	}
	defer clear(key)
	payload, err := open(key, to, sealed.Ciphertext)
	if err == nil && !cached {
		o.Cache.keep(id, key, asked)
	}
	return payload, err
}

// unwrap asks KMS for a version's data key. The caller wipes it.
func (o Opener) unwrap(ctx context.Context, to bound, wrapped []byte) ([]byte, error) {
	key, err := o.KMS.Decrypt(ctx, &kms.DecryptInput{
		KeyId:             &o.KeyID,
		CiphertextBlob:    wrapped,
		EncryptionContext: to.context,
	})
	if err != nil {
		return nil, err
	}
	return key.Plaintext, nil
}

func open(key []byte, to bound, ciphertext []byte) (secret.Payload, error) {
	aead, err := newGCM(key)
	if err != nil {
		return secret.Payload{}, fmt.Errorf("open: %w", err)
	}
	if len(ciphertext) < aead.NonceSize() {
		return secret.Payload{}, errors.New("open: the ciphertext is cut short")
	}
	nonce, body := ciphertext[:aead.NonceSize()], ciphertext[aead.NonceSize():]
	plaintext, err := aead.Open(nil, nonce, body, to.data)
	if err != nil {
		return secret.Payload{}, fmt.Errorf("open: %w", err)
	}
	return secret.DecodePayload(plaintext)
}

func newGCM(key []byte) (cipher.AEAD, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}
