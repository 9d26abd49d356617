package envelope

import (
	"context"
	"crypto/sha256"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"
)

// MacAPI is the KMS call that fingerprints.
type MacAPI interface {
	GenerateMac(context.Context, *kms.GenerateMacInput, ...func(*kms.Options)) (*kms.GenerateMacOutput, error)
}

// Fingerprinter makes fingerprints of requests under the KMS key KeyID, an HMAC key that never
// leaves KMS: with the table but no right to that key, nobody can test a guess.
type Fingerprinter struct {
	KMS   MacAPI
	KeyID string
}

// Fingerprint returns 32 bytes that are equal for equal requests. KMS sees only the request's
// hash: a message may have at most 4,096 bytes, and KMS need not see the value.
// One KMS call.
func (f Fingerprinter) Fingerprint(ctx context.Context, request []byte) ([]byte, error) {
	hash := sha256.Sum256(request)
	out, err := f.KMS.GenerateMac(ctx, &kms.GenerateMacInput{
		KeyId:        &f.KeyID,
		MacAlgorithm: types.MacAlgorithmSpecHmacSha256,
		Message:      hash[:],
	})
	if err != nil {
		return nil, fmt.Errorf("fingerprint: %w", err)
	}
	return out.Mac, nil
}
