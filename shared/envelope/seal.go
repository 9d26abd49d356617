package envelope

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"

	"keepsake/shared/secret"
)

// SealAPI is the KMS call that seals.
type SealAPI interface {
	GenerateDataKey(context.Context, *kms.GenerateDataKeyInput, ...func(*kms.Options)) (*kms.GenerateDataKeyOutput, error)
}

// Sealer seals payloads under the KMS key KeyID, in the format secret.FormatTwo.
type Sealer struct {
	KMS   SealAPI
	KeyID string
}

// NewKey returns a new data key for a version of a secret, whatever its number will be. If the kind is
// not known yet, leave it empty: the key then fits every kind but those that are Validated. The caller
// wipes it. One KMS call.
func (s Sealer) NewKey(ctx context.Context, of secret.Ref, kind secret.Kind) (secret.DataKey, error) {
	made, err := s.KMS.GenerateDataKey(ctx, &kms.GenerateDataKeyInput{
		KeyId:             &s.KeyID,
		KeySpec:           types.DataKeySpecAes256,
		EncryptionContext: secretContext(of, kind),
	})
	if err != nil {
		return secret.DataKey{}, fmt.Errorf("make a data key: %w", err)
	}
	return secret.DataKey{
		Of: of, Kind: namedKind(kind), Wrapped: made.CiphertextBlob, Plain: secret.NewValue(made.Plaintext),
	}, nil
}

// Seal encrypts p for b only, under a key that was made for b's secret. It may seal again for another
// number if nobody has stored the first ciphertext. No KMS call.
//
// The same key may seal again because each nonce is 96 random bits. A request seals once for each try of
// its write, hundreds of times at most; for one key, NIST SP 800-38D allows 2^32 random nonces.
func (s Sealer) Seal(key secret.DataKey, b secret.Binding, p secret.Payload) (secret.Sealed, error) {
	if key.Of != b.Ref || key.Kind != namedKind(b.Kind) {
		return secret.Sealed{}, errors.New("seal: the data key is another secret's, or of another kind")
	}
	to, err := bind(secret.FormatTwo, b)
	if err != nil {
		return secret.Sealed{}, fmt.Errorf("seal: %w", err)
	}
	aead, err := newGCM(key.Plain.Bytes())
	if err != nil {
		return secret.Sealed{}, fmt.Errorf("seal: %w", err)
	}
	plaintext := p.Encode()
	defer clear(plaintext)
	nonce := make([]byte, aead.NonceSize(), aead.NonceSize()+len(plaintext)+aead.Overhead())
	rand.Read(nonce)
	return secret.Sealed{
		Format:     secret.FormatTwo,
		WrappedKey: key.Wrapped,
		Ciphertext: aead.Seal(nonce, nonce, plaintext, to.data),
	}, nil
}
