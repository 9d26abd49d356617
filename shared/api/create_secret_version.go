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

// CreateSecretVersion is secrets.createVersion: it appends an immutable version with the next number.
// A key that is used again with another request leaves an audit line, as with CreateSecret.
func CreateSecretVersion(e Edge, secrets *store.Store, trail *audit.Trail, sealer Sealer, prints Fingerprinter) Handler {
	sealing := appending{secrets, sealer, prints}
	return operation[versionRequest]{
		name: "create-secret-version", scope: auth.Write, read: readCreateVersion,
		act: func(ctx context.Context, c *Call, r versionRequest) (Response, error) {
			of, err := secrets.GetSecret(ctx, r.secret, c.Now)
			if err != nil {
				return Response{}, err
			}
			if refusal := refuseForKind(of.Kind, r.payload.Value); refusal != nil {
				return Response{}, refusal
			}
			made, err := sealing.append(ctx, c, of, r)
			if err != nil {
				return Response{}, noteReuse(ctx, c, trail, err)
			}
			return versionResponse(http.StatusCreated, made), nil
		},
	}.handler(e)
}

type versionRequest struct {
	secret secret.Ref
	key    string // empty: none
	versionBody
}

func readCreateVersion(in *input) versionRequest {
	return versionRequest{in.Secret(), in.IdempotencyKey(), readVersionBody(in)}
}

// appending is what a create of a version works with.
type appending struct {
	secrets *store.Store
	sealer  Sealer
	prints  Fingerprinter
}

// append seals the payload for the next number and writes it. If another writer takes that number first,
// append tries the next one. This ends, because one of the writers always gets through.
func (op appending) append(ctx context.Context, c *Call, of secret.Secret, r versionRequest) (secret.Version, error) {
	seal := func() (secret.Sealed, error) {
		return op.sealer.Seal(ctx, of.Binding(of.VersionCount+1), r.payload)
	}
	same := canonical{"create-secret-version", of.Workspace, of.ID, r.comment, r.payload.Value.Bytes()}
	sealed, remember, err := inParallel(seal, func() (*store.Key, error) {
		return fingerprint(ctx, op.prints, r.key, same)
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
		if err = backOff(ctx, try); err == nil {
			sealed, err = seal()
		}
	}
	return secret.Version{}, err
}

// backOff waits a random time that grows with each try, so that writers that met do not meet again.
func backOff(ctx context.Context, try int) error {
	timer := time.NewTimer(rand.N(time.Duration(min(try, 10)) * 10 * time.Millisecond))
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
