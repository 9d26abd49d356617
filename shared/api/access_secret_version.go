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

// AccessSecretVersion is secrets.accessVersion, which returns a value; only AccessNamedVersion does so, too. The audit line
// is written while the key service unwraps the data key; both must succeed before the plaintext leaves.
// A refused attempt leaves a line too, also one for an unknown version or alias of a secret that exists.
// Two attempts leave none: a caller that has the version already reads nothing, and if the secret does
// not exist there is no value that somebody tried to read.
func AccessSecretVersion(e Edge, secrets *store.Store, trail *audit.Trail, opener Opener, teller secret.Teller) Handler {
	op := newAccess(secrets, trail, opener, teller)
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
	has     etags  // of the versions that the caller has already
	byName  bool
}

// tag is the entity tag of a version's value. A name may come to another secret, whose versions have the same etags: so
// by name the tag says which secret it is, too.
func (r accessRequest) tag(of secret.Version) string {
	if r.byName {
		return r.secret.ID + "." + of.Etag.String()
	}
	return of.Etag.String()
}

func readAccess(in *input) accessRequest {
	r := accessRequest{secret: in.Secret(), version: in.VersionAsked(), has: in.IfNoneMatch()}
	in.NoBody()
	return r
}

type access struct {
	secrets *store.Store
	trail   *audit.Trail
	opener  Opener
	hints   *hints[int]   // the number of the version that latest, or an alias, led to
	teller  secret.Teller // is told of attempts to read a deleted secret; nil: nobody is
}

func newAccess(secrets *store.Store, trail *audit.Trail, opener Opener, teller secret.Teller) access {
	return access{secrets, trail, opener, &hints[int]{}, teller}
}

func (op access) serve(ctx context.Context, c *Call, request accessRequest) (Response, error) {
	r, err := op.read(ctx, c, request.secret, request.version)
	return op.answer(ctx, c, request, r, err)
}

// answer opens what was read for the caller, or says why it may not be opened. It leaves a line either way. err
// is the reading's.
func (op access) answer(ctx context.Context, c *Call, request accessRequest, r store.Reading, err error) (Response, error) {
	ref := request.secret
	if err != nil {
		return Response{}, op.miss(ctx, c, r.Secret, request.version, err)
	}
	if refusal := r.Secret.RefuseAccess(r.Version, c.Now); refusal != nil {
		return Response{}, op.deny(ctx, c, ref, strconv.Itoa(r.Version.Number), refusal)
	}
	tag := request.tag(r.Version)
	if request.has.has(tag) {
		return notModified(r.Version.Etag).tagged(tag), nil
	}
	line := audit.Line{Ref: ref, Version: strconv.Itoa(r.Version.Number), Outcome: audit.Allowed, By: c.Stamp()}
	payload, _, err := inParallel(
		func() (secret.Payload, error) {
			return op.opener.Open(ctx, r.Secret.Binding(r.Version.Number), r.Sealed)
		},
		func() (struct{}, error) { return struct{}{}, op.audit(ctx, c, line) },
	)
	defer payload.Value.Wipe()
	if err != nil {
		return Response{}, err
	}
	return resource(http.StatusOK, valueJSON{string(payload.Value.Bytes())}, r.Version.Etag).tagged(tag), nil
}

// miss returns why no version of the secret was read. It leaves a line if the secret exists and has no
// such version.
func (op access) miss(ctx context.Context, c *Call, of secret.Secret, asked string, err error) error {
	if of.ID == "" || fault.KindOf(err) != fault.NotFound {
		return err
	}
	if refusal := of.RefuseAccess(secret.Version{State: secret.Enabled}, c.Now); refusal != nil {
		err = refusal // that the secret is deleted comes first
	}
	return op.deny(ctx, c, of.Ref, asked, err)
}

// audit writes a line. If that fails, the error is Unavailable, whatever the cause: the caller should
// try again later.
func (op access) audit(ctx context.Context, c *Call, line audit.Line) error {
	if err := op.trail.Append(ctx, line); err != nil {
		c.unaudited = true
		return fault.NewUnavailable(err)
	}
	return nil
}

// deny leaves a line that c was refused, and returns the refusal, even if the line cannot be written: a
// refusal reveals nothing. Meanwhile it tells of it if the secret is deleted.
func (op access) deny(ctx context.Context, c *Call, ref secret.Ref, version string, refusal error) error {
	if !ref.Plausible() {
		return refusal
	}
	_, _, err := inParallel(
		func() (struct{}, error) { return struct{}{}, op.audit(ctx, c, denial(c, ref, version, refusal)) },
		func() (struct{}, error) { op.tell(ctx, c, deletedReads(c, ref, refusal)); return struct{}{}, nil },
	)
	return errors.Join(refusal, err)
}

// denial is the line of a refusal. It names the version only if a version or an alias could have that name:
// what a client puts there by mistake could never be taken out of the trail.
func denial(c *Call, ref secret.Ref, version string, refusal error) audit.Line {
	if !isAlias(version) {
		version = ""
	}
	return audit.Line{
		Ref: ref, Version: version, Outcome: audit.Denied, Reason: string(fault.KindOf(refusal)), By: c.Stamp(),
	}
}
