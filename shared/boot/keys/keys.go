// Package keys binds KMS for the few functions that have a right to it.
package keys

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"

	"keepsake/shared/boot"
	"keepsake/shared/envelope"
)

// Sealer encrypts payloads; it cannot decrypt one.
func Sealer(e *boot.Env) envelope.Sealer {
	return envelope.Sealer{KMS: client(e), KeyID: e.Var("ENCRYPTION_KEY")}
}

// Opener decrypts payloads.
func Opener(e *boot.Env) envelope.Opener {
	return envelope.Opener{KMS: client(e), KeyID: e.Var("ENCRYPTION_KEY")}
}

// Fingerprinter makes the fingerprints of idempotent requests.
func Fingerprinter(e *boot.Env) envelope.Fingerprinter {
	return envelope.Fingerprinter{KMS: client(e), KeyID: e.Var("FINGERPRINT_KEY")}
}

// client returns a client of KMS. A function with two of them calls both at once, so that each opens a
// connection of its own.
func client(e *boot.Env) *kms.Client {
	client := kms.NewFromConfig(e.AWS)
	e.Warm(func(ctx context.Context) {
		if url := address(ctx, client.Options()); url != "" {
			e.Connect(ctx, url)
		}
	})
	return client
}

// address returns the URL that a client with these options calls; empty if there is none.
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
