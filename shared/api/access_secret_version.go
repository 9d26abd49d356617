package api

import (
	"context"
	"errors"
	"net/http"
	"strconv"

	"keepsake/shared/audit"
	"keepsake/shared/auth"
	"keepsake/shared/fault"
	"keepsake/shared/secret"
	"keepsake/shared/store"
)

// Opener decrypts what a Sealer sealed for one version.
type Opener interface {
	Open(context.Context, secret.Binding, secret.Sealed) (secret.Payload, error)
}

// AccessSecretVersion is secrets.accessVersion, the only operation that answers with a value. The
// audit line is written while the key service unwraps the data key; both must have succeeded
// before the plaintext leaves. Attempts that are refused leave a line too, an unknown version or alias of
// a secret that is there included. Two leave none: a caller that has the version already reads nothing,
// and where no secret is there is no value that somebody tried to read.
func AccessSecretVersion(e Edge, secrets *store.Store, trail *audit.Trail, opener Opener) Handler {
	op := access{secrets, trail, opener}
	return operation[accessRequest]{
		name: "access-secret-version", scope: auth.Access, read: readAccess, act: op.serve,
		refused: func(ctx context.Context, c *Call, r accessRequest, refusal error) error {
			return op.deny(ctx, c, r.secret, r.version, refusal)
		},
	}.handler(e)
}

type accessRequest struct {
	secret  secret.Ref
	version string // an id, "latest" or an alias
	has     etags  // of what the caller has already
}

func readAccess(in *input) accessRequest {
	r := accessRequest{in.Secret(), in.VersionAsked(), in.IfNoneMatch()}
	in.NoBody()
	return r
}

type access struct {
	secrets *store.Store
	trail   *audit.Trail
	opener  Opener
}

func (op access) serve(ctx context.Context, c *Call, request accessRequest) (Response, error) {
	ref, asked := request.secret, request.version
	r, err := op.read(ctx, c, ref, asked)
	if err != nil {
		return Response{}, op.miss(ctx, c, r.Secret, asked, err)
	}
	if refusal := r.Secret.RefuseAccess(r.Version, c.Now); refusal != nil {
		return Response{}, op.deny(ctx, c, ref, strconv.Itoa(r.Version.Number), refusal)
	}
	if request.has.has(r.Version.Etag) {
		return notModified(r.Version.Etag), nil
	}
	line := audit.Line{Ref: ref, Version: strconv.Itoa(r.Version.Number), Outcome: audit.Allowed, By: c.Stamp()}
	payload, _, err := both(
		func() (secret.Payload, error) {
			return op.opener.Open(ctx, r.Secret.Binding(r.Version.Number), r.Sealed)
		},
		func() (struct{}, error) { return struct{}{}, op.audit(ctx, c, line) },
	)
	defer payload.Value.Wipe()
	if err != nil {
		return Response{}, err
	}
	return resource(http.StatusOK, valueJSON{string(payload.Value.Bytes())}, r.Version.Etag), nil
}

// miss returns why nothing was read of of, and leaves a line if it is there without such a version.
func (op access) miss(ctx context.Context, c *Call, of secret.Secret, asked string, err error) error {
	if of.ID == "" || fault.KindOf(err) != fault.NotFound {
		return err
	}
	if refusal := of.RefuseAccess(secret.Version{State: secret.Enabled}, c.Now); refusal != nil {
		err = refusal // that the secret is deleted comes first
	}
	return op.deny(ctx, c, of.Ref, asked, err)
}

// audit writes a line. If it cannot be written the trail is unavailable, whatever the cause: a
// caller that comes again later is right to.
func (op access) audit(ctx context.Context, c *Call, line audit.Line) error {
	if err := op.trail.Append(ctx, line); err != nil {
		c.unaudited = true
		return fault.NewUnavailable(err)
	}
	return nil
}

// deny leaves a line that c was refused, and returns the refusal. That stands even if the line
// cannot be written: nothing is revealed by it. A version is named in the line only if something
// could be named so: what a client puts there by mistake could never be taken out of the trail.
func (op access) deny(ctx context.Context, c *Call, ref secret.Ref, version string, refusal error) error {
	if !ref.Plausible() {
		return refusal
	}
	if !isAlias(version) {
		version = ""
	}
	line := audit.Line{
		Ref: ref, Version: version, Outcome: audit.Denied, Reason: string(fault.KindOf(refusal)), By: c.Stamp(),
	}
	return errors.Join(refusal, op.audit(ctx, c, line))
}
