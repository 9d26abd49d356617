// Package envelope seals payloads: plaintext in, sealed bytes out. Every version has a data key of
// its own, which KMS makes and wraps; the payload is encrypted under it with AES-256-GCM.
//
// A sealed payload is bound to the version that it belongs to, twice: the version's full name is
// KMS's encryption context when the data key is unwrapped, and GCM's additional data when the
// payload is opened. Copied to another row it does not open.
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

// SealAPI is what sealing asks of KMS.
type SealAPI interface {
	GenerateDataKey(context.Context, *kms.GenerateDataKeyInput, ...func(*kms.Options)) (*kms.GenerateDataKeyOutput, error)
}

// OpenAPI is what opening asks of KMS.
type OpenAPI interface {
	Decrypt(context.Context, *kms.DecryptInput, ...func(*kms.Options)) (*kms.DecryptOutput, error)
}

// Sealer seals payloads under the KMS key KeyID.
type Sealer struct {
	KMS   SealAPI
	KeyID string
}

// Seal encrypts p for v alone. One KMS call.
func (s Sealer) Seal(ctx context.Context, v secret.VersionRef, p secret.Payload) (secret.Sealed, error) {
	key, err := s.KMS.GenerateDataKey(ctx, &kms.GenerateDataKeyInput{
		KeyId:             &s.KeyID,
		KeySpec:           types.DataKeySpecAes256,
		EncryptionContext: encryptionContext(v),
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
		Ciphertext: aead.Seal(nonce, nonce, plaintext, additionalData(v)),
	}, nil
}

// Opener opens what Sealer sealed under the KMS key KeyID, and no other key.
type Opener struct {
	KMS   OpenAPI
	KeyID string
}

// Open decrypts sealed, which must have been sealed for v. The caller wipes the value. One KMS
// call.
func (o Opener) Open(ctx context.Context, v secret.VersionRef, sealed secret.Sealed) (secret.Payload, error) {
	key, err := o.KMS.Decrypt(ctx, &kms.DecryptInput{
		KeyId:             &o.KeyID,
		CiphertextBlob:    sealed.WrappedKey,
		EncryptionContext: encryptionContext(v),
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
	plaintext, err := aead.Open(nil, nonce, body, additionalData(v))
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

// encryptionContext is the version's full name; KMS writes it into CloudTrail with every use of
// the data key.
func encryptionContext(v secret.VersionRef) map[string]string {
	return map[string]string{
		"workspace": v.Workspace,
		"secret":    v.Ref.ID,
		"version":   strconv.Itoa(v.Number),
	}
}

// additionalData is the same name as bytes. None of its parts can hold a '#'.
func additionalData(v secret.VersionRef) []byte {
	return []byte(v.Workspace + "#" + v.Ref.ID + "#" + strconv.Itoa(v.Number))
}
