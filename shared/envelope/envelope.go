// Package envelope seals payloads: plaintext in, sealed bytes out. Every version has its own
// data key, which KMS makes and wraps and which encrypts the payload with AES-256-GCM.
//
// A sealed payload is bound to its version twice: the version's full name and
// kind are KMS's encryption context when the data key is unwrapped, and GCM's additional data when
// the payload is opened. A copy in another row does not open.
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

// SealAPI is the KMS call that seals.
type SealAPI interface {
	GenerateDataKey(context.Context, *kms.GenerateDataKeyInput, ...func(*kms.Options)) (*kms.GenerateDataKeyOutput, error)
}

// OpenAPI is the KMS call that opens.
type OpenAPI interface {
	Decrypt(context.Context, *kms.DecryptInput, ...func(*kms.Options)) (*kms.DecryptOutput, error)
}

// Sealer seals payloads under the KMS key KeyID.
type Sealer struct {
	KMS   SealAPI
	KeyID string
}

// Seal encrypts p for b only. One KMS call.
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

// Opener opens what Sealer sealed under the KMS key KeyID, no other key.
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

// encryptionContext binds a payload to b. KMS writes it into CloudTrail with every use of
// the data key, and it can limit a role's right to decrypt.
func encryptionContext(b secret.Binding) map[string]string {
	return map[string]string{
		"workspace": b.Workspace,
		"secret":    b.Ref.ID,
		"version":   strconv.Itoa(b.Number),
		"kind":      string(b.Kind),
	}
}

// additionalData is the same, as bytes. No part can contain a '#'.
func additionalData(b secret.Binding) []byte {
	return []byte(b.Workspace + "#" + b.Ref.ID + "#" + strconv.Itoa(b.Number) + "#" + string(b.Kind))
}
