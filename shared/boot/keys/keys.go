// Package keys binds KMS for the few functions that have a right to it.
package keys

import (
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

func client(e *boot.Env) *kms.Client { return kms.NewFromConfig(e.AWS) }
