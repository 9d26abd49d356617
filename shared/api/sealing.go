package api

import (
	"context"
	"encoding/json"
	"errors"

	"keepsake/shared/audit"
	"keepsake/shared/secret"
	"keepsake/shared/store"
)

// Sealer makes data keys, and encrypts a payload under one, for one version.
type Sealer interface {
	// NewKey returns a key for a version of a secret. It may be asked before the kind is known: the key
	// then does not fit a kind that is Validated.
	NewKey(context.Context, secret.Ref, secret.Kind) (secret.DataKey, error)
	// Seal makes no call. It may seal again under the same key if the first result was not stored.
	Seal(secret.DataKey, secret.Binding, secret.Payload) (secret.Sealed, error)
}

// Fingerprinter returns bytes that are equal for equal requests, and reveal nothing else about them.
type Fingerprinter interface {
	Fingerprint(ctx context.Context, request []byte) ([]byte, error)
}

// canonical is equal for two requests if they are the same: the operation's name, the workspace, and all
// that the caller sent, in a fixed order. It holds a value.
type canonical []any

// fingerprint returns the idempotency key with the request's fingerprint, or nil if there is no key.
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

// noteReuse returns err. If err says that an idempotency key was used before with another request, it
// leaves an audit line about the secret that the first request made. If the line cannot be written, the
// error is still the refusal.
func noteReuse(ctx context.Context, c *Call, trail *audit.Trail, err error) error {
	var reused *store.KeyReusedError
	if !errors.As(err, &reused) {
		return err
	}
	failure := trail.Append(ctx, audit.Line{
		Ref: reused.Made.Ref, Outcome: audit.Denied, Reason: reasonKeyReused, By: c.Stamp(),
	})
	if failure != nil {
		c.unaudited = true
	}
	return errors.Join(err, failure)
}

// reasonKeyReused is the trail's reason for the refusal of a reused key.
const reasonKeyReused = "key_reused"
