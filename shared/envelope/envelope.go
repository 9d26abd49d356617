// Package envelope seals payloads: plaintext in, sealed bytes out. Every version has a data key of
// its own, which KMS makes and wraps; the payload is encrypted under it with AES-256-GCM.
//
// A sealed payload is bound to the version that it belongs to, twice: the version's full name and
// kind are KMS's encryption context when the data key is unwrapped, and GCM's additional data when
// the payload is opened. Copied to another row it does not open.
package envelope

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"errors"
	"fmt"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"

	"keepsake/shared/secret"
)

// SealAPI is the part of KMS that sealing needs.
type SealAPI interface {
	GenerateDataKey(context.Context, *kms.GenerateDataKeyInput, ...func(*kms.Options)) (*kms.GenerateDataKeyOutput, error)
}

// OpenAPI is the part of KMS that opening needs.
type OpenAPI interface {
	Decrypt(context.Context, *kms.DecryptInput, ...func(*kms.Options)) (*kms.DecryptOutput, error)
}

// Sealer seals payloads under the KMS key KeyID.
type Sealer struct {
	KMS   SealAPI
	KeyID string
}

// Seal encrypts p for b alone. One KMS call.
func (s Sealer) Seal(ctx context.Context, b secret.Binding, p secret.Payload) (secret.Sealed, error) {
	key, err := s.KMS.GenerateDataKey(ctx, &kms.GenerateDataKeyInput{
		KeyId:             &s.KeyID,
		KeySpec:           types.DataKeySpecAes256,
		EncryptionContext: encryptionContext(b),
	})
	if err != nil {
		return secret.Sealed{}, fmt.Errorf("seal: %w", err)
	}
	defer clear(key.Plaintext)
	aead, err := newGCM(key.Plaintext)
	if err != nil {
		return secret.Sealed{}, fmt.Errorf("seal: %w", err)
	}
	plaintext := p.Encode()
	defer clear(plaintext)
	nonce := make([]byte, aead.NonceSize(), aead.NonceSize()+len(plaintext)+aead.Overhead())
	rand.Read(nonce)
	return secret.Sealed{
		WrappedKey: key.CiphertextBlob,
		Ciphertext: aead.Seal(nonce, nonce, plaintext, additionalData(b)),
	}, nil
}

// Opener opens what Sealer sealed under the KMS key KeyID, and no other key.
type Opener struct {
	KMS   OpenAPI
	KeyID string
}

// Open decrypts sealed, which must have been sealed for b. The caller wipes the value. One KMS
// call.
func (o Opener) Open(ctx context.Context, b secret.Binding, sealed secret.Sealed) (secret.Payload, error) {
	key, err := o.KMS.Decrypt(ctx, &kms.DecryptInput{
		KeyId:             &o.KeyID,
		CiphertextBlob:    sealed.WrappedKey,
		EncryptionContext: encryptionContext(b),
	})
	if err != nil {
		return secret.Payload{}, fmt.Errorf("open: %w", err)
	}
	defer clear(key.Plaintext)
	aead, err := newGCM(key.Plaintext)
	if err != nil {
		return secret.Payload{}, fmt.Errorf("open: %w", err)
	}
	if len(sealed.Ciphertext) < aead.NonceSize() {
		return secret.Payload{}, errors.New("open: the ciphertext is cut short")
	}
	nonce, body := sealed.Ciphertext[:aead.NonceSize()], sealed.Ciphertext[aead.NonceSize():]
	plaintext, err := aead.Open(nil, nonce, body, additionalData(b))
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

// encryptionContext returns what a payload is bound to. KMS writes it into CloudTrail with every use of
// the data key, and it can limit a role's right to decrypt.
func encryptionContext(b secret.Binding) map[string]string {
	return map[string]string{
		"workspace": b.Workspace,
		"secret":    b.Ref.ID,
		"version":   strconv.Itoa(b.Number),
		"kind":      string(b.Kind),
	}
}

// additionalData returns the same as bytes. No part of it can hold a '#'.
func additionalData(b secret.Binding) []byte {
	return []byte(b.Workspace + "#" + b.Ref.ID + "#" + strconv.Itoa(b.Number) + "#" + string(b.Kind))
}
