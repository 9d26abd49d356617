// Package keys configures KMS for the few functions that may use it.
package keys

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"

	"keepsake/shared/boot"
	"keepsake/shared/envelope"
)

// Sealer returns what encrypts payloads and cannot decrypt any.
func Sealer(e *boot.Env) envelope.Sealer {
	return envelope.Sealer{KMS: client(e), KeyID: e.Var("ENCRYPTION_KEY")}
}

// Opener returns what decrypts payloads.
func Opener(e *boot.Env) envelope.Opener {
	return envelope.Opener{KMS: client(e), KeyID: e.Var("ENCRYPTION_KEY")}
}

// CachingOpener is Opener, and keeps data keys in memory for as long as the environment says.
func CachingOpener(e *boot.Env) envelope.Opener {
	opener := Opener(e)
	opener.Cache = envelope.NewKeyCache(e.Duration("KEY_CACHING", envelope.MaxKeyAge), time.Now)
	return opener
}

// Fingerprinter returns what makes the fingerprints of idempotent requests.
func Fingerprinter(e *boot.Env) envelope.Fingerprinter {
	return envelope.Fingerprinter{KMS: client(e), KeyID: e.Var("FINGERPRINT_KEY")}
}

// client returns a client of KMS. Each opens its own connection: a function with two clients calls both
// at the same time.
func client(e *boot.Env) *kms.Client {
	client := kms.NewFromConfig(e.AWS)
	e.Warm(func(ctx context.Context) {
		if url := address(ctx, client.Options()); url != "" {
			e.Connect(ctx, url)
		}
	})
	return client
}

// address returns the URL that a client with these options calls; empty if it cannot be resolved.
func address(ctx context.Context, o kms.Options) string {
	endpoint, err := o.EndpointResolverV2.ResolveEndpoint(ctx, kms.EndpointParameters{
		Region: &o.Region, Endpoint: o.BaseEndpoint,
		UseFIPS:      aws.Bool(o.EndpointOptions.UseFIPSEndpoint == aws.FIPSEndpointStateEnabled),
		UseDualStack: aws.Bool(false),
	})
	if err != nil {
		return "" // the first call says why
	}
	return endpoint.URI.String()
}
