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
// The secret is read while KMS makes the data key and the fingerprint. A key that is used again with
// another request leaves an audit line, as with CreateSecret.
func CreateSecretVersion(e Edge, secrets *store.Store, trail *audit.Trail, sealer Sealer, prints Fingerprinter) Handler {
	sealing := appending{secrets, sealer, prints}
	return operation[versionRequest]{
		name: "create-secret-version", scope: auth.Write, read: readCreateVersion,
		act: func(ctx context.Context, c *Call, r versionRequest) (Response, error) {
			made, err := sealing.append(ctx, c, r)
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

// append writes the payload as the next version. If another writer takes that number first, append seals
// it anew, under the same data key, for the next one. This ends, because one of the writers always gets
// through.
func (op appending) append(ctx context.Context, c *Call, r versionRequest) (secret.Version, error) {
	if !r.secret.Plausible() { // KMS writes the id into CloudTrail
		return secret.Version{}, secret.NotFoundError()
	}
	of, from, err := op.gather(ctx, c, r)
	defer from.key.Wipe()
	for try := 1; err == nil; try++ {
		var sealed secret.Sealed
		if sealed, err = op.sealer.Seal(from.key, of.Binding(of.VersionCount+1), r.payload); err != nil {
			break
		}
		var made secret.Version
		made, err = op.secrets.CreateVersion(ctx, store.NewVersion{
			Of: of, Sealed: sealed, Comment: r.comment, Key: from.remember,
		}, c.Stamp())
		var taken *store.NumberTakenError
		if !errors.As(err, &taken) {
			return made, err
		}
		of = taken.Now
		err = backOff(ctx, try)
	}
	return secret.Version{}, err
}

// material is what KMS contributes to a version.
type material struct {
	key      secret.DataKey
	remember *store.Key // nil: the request has no idempotency key
}

// gather reads the secret while KMS works. If the secret refuses the version, KMS need not end its work,
// and it does not matter how that ends. The caller wipes the data key.
func (op appending) gather(ctx context.Context, c *Call, r versionRequest) (secret.Secret, material, error) {
	working, stop := context.WithCancel(ctx)
	defer stop()
	of, from, err := inParallel(
		func() (secret.Secret, error) {
			of, err := op.read(ctx, c, r)
			if err != nil {
				stop()
			}
			return of, err
		},
		func() (material, error) { return op.ask(working, r) },
	)
	if err != nil || !of.Kind.Validated() {
		return of, from, err
	}
	from.key.Wipe() // KMS has not been told the kind
	from.key, err = op.sealer.NewKey(ctx, r.secret, of.Kind)
	return of, from, err
}

// read returns the secret, or why it does not take the value.
func (op appending) read(ctx context.Context, c *Call, r versionRequest) (secret.Secret, error) {
	of, err := op.secrets.GetSecret(ctx, r.secret, c.Now)
	if err != nil {
		return of, err
	}
	if refusal := refuseForKind(of.Kind, r.payload.Value); refusal != nil {
		return of, refusal
	}
	return of, nil
}

// ask has KMS make a data key and, if the request has an idempotency key, its fingerprint.
func (op appending) ask(ctx context.Context, r versionRequest) (material, error) {
	same := canonical{"create-secret-version", r.secret.Workspace, r.secret.ID, r.comment, r.payload.Value.Bytes()}
	key, remember, err := inParallel(
		func() (secret.DataKey, error) { return op.sealer.NewKey(ctx, r.secret, "") },
		func() (*store.Key, error) { return fingerprint(ctx, op.prints, r.key, same) },
	)
	return material{key, remember}, err
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
