package api

import (
	"context"
	"encoding/json"
	"errors"

	"keepsake/shared/audit"
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

// noteReuse returns err, and leaves an audit line if err says that an idempotency key came with
// another request than the one that it stands for. The line is about the secret that the first
// request made. The refusal stands if it cannot be written.
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

// reasonKeyReused is why such an attempt was refused, in the trail.
const reasonKeyReused = "key_reused"
