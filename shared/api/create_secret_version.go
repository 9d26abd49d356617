package api

import (
	"context"
	"errors"
	"math/rand/v2"
	"net/http"
	"time"

	"keepsake/shared/audit"
	"keepsake/shared/auth"
	"keepsake/shared/secret"
	"keepsake/shared/store"
)

const maxComment = 200 // characters

// CreateSecretVersion is secrets.createVersion: it appends an immutable version with the next
// number. A key that is used again with another request leaves an audit line, as with CreateSecret.
func CreateSecretVersion(e Edge, secrets *store.Store, trail *audit.Trail, sealer Sealer, prints Fingerprinter) Handler {
	op := appending{secrets, sealer, prints}
	return e.handler("create-secret-version", auth.Write, func(ctx context.Context, c *Call) (Answer, error) {
		ref, key, body := c.Secret(), c.IdempotencyKey(), c.Body()
		request := versionRequest{comment: body.Text("comment", 0, maxComment)}
		request.payload.Value = body.Value("value")
		body.End()
		if err := c.Invalid(); err != nil {
			return Answer{}, err
		}
		defer request.payload.Value.Wipe()
		of, err := secrets.GetSecret(ctx, ref, c.Now)
		if err != nil {
			return Answer{}, err
		}
		c.fits(of.Kind, request.payload.Value)
		if err := c.Invalid(); err != nil {
			return Answer{}, err
		}
		made, err := op.append(ctx, c, of, key, request)
		if err != nil {
			return Answer{}, noteReuse(ctx, c, trail, err)
		}
		return versionAnswer(http.StatusCreated, made), nil
	})
}

type appending struct {
	secrets *store.Store
	sealer  Sealer
	prints  Fingerprinter
}

type versionRequest struct {
	comment string
	payload secret.Payload
}

// append seals for the next number and tries again with the one after that for as long as other
// writers are first: one of them always gets through, so that it ends.
func (op appending) append(ctx context.Context, c *Call, of secret.Secret, key string, r versionRequest) (secret.Version, error) {
	seal := func() (secret.Sealed, error) {
		return op.sealer.Seal(ctx, of.Binding(of.VersionCount+1), r.payload)
	}
	request := canonical{"create-secret-version", of.Workspace, of.ID, r.comment, r.payload.Value.Bytes()}
	sealed, remember, err := both(seal, func() (*store.Key, error) {
		return fingerprint(ctx, op.prints, key, request)
	})
	for try := 1; err == nil; try++ {
		var made secret.Version
		made, err = op.secrets.CreateVersion(ctx, store.NewVersion{
			Of: of, Sealed: sealed, Comment: r.comment, Key: remember,
		}, c.Stamp())
		var taken *store.NumberTakenError
		if !errors.As(err, &taken) {
			return made, err
		}
		of = taken.Now
		if err = pause(ctx, try); err == nil {
			sealed, err = seal()
		}
	}
	return secret.Version{}, err
}

// pause waits a random while that grows with each try, so that writers that met do not meet again.
func pause(ctx context.Context, try int) error {
	timer := time.NewTimer(rand.N(time.Duration(min(try, 10)) * 10 * time.Millisecond))
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
