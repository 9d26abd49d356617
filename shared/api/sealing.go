package api

import (
	"context"
	"encoding/json"

	"keepsake/shared/secret"
	"keepsake/shared/store"
)

// Sealer encrypts a payload for one version.
type Sealer interface {
	Seal(context.Context, secret.Binding, secret.Payload) (secret.Sealed, error)
}

// Fingerprinter returns bytes that are equal for equal requests, and tell nothing else of them.
type Fingerprinter interface {
	Fingerprint(ctx context.Context, request []byte) ([]byte, error)
}

// canonical is what makes two requests the same: the operation's name, the workspace, and all that
// the caller said, in a fixed order. It holds a value.
type canonical []any

// fingerprint is the idempotency key with the request's fingerprint; nil without a key.
func fingerprint(ctx context.Context, prints Fingerprinter, key string, request canonical) (*store.Key, error) {
	if key == "" {
		return nil, nil
	}
	encoded, err := json.Marshal(request)
	if err != nil {
		return nil, err
	}
	defer clear(encoded)
	print, err := prints.Fingerprint(ctx, encoded)
	if err != nil {
		return nil, err
	}
	return &store.Key{Text: key, Fingerprint: print}, nil
}
