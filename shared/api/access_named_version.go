package api

import (
	"context"
	"errors"

	"keepsake/shared/audit"
	"keepsake/shared/auth"
	"keepsake/shared/fault"
	"keepsake/shared/secret"
	"keepsake/shared/store"
)

// maxNamesakes is how many secrets of one name a refusal lists, and leaves a line about.
const maxNamesakes = 10

// errNameMoved says that the index and the table disagree about a name: the index lags by a second or so.
var errNameMoved = errors.New("the secret that had the name a moment ago has another one now")

// AccessNamedVersion is Keepsake's own names.accessVersion: AccessSecretVersion for the one active secret of a
// name. It never guesses: if several secrets have the name, it opens none.
//
// The index of names lags behind the table by a second or so. So the secret that it names is then read from
// the table, by its id, and is opened only if it still has the name and is active. What that cannot show is a
// second secret that was given the name a moment ago.
//
// Each attempt leaves a line in the trail of each secret that it was about, as by the id: also in those of
// deleted secrets of that name, since "is it still asked for?" must not depend on how one asks.
func AccessNamedVersion(e Edge, secrets *store.Store, trail *audit.Trail, opener Opener, teller secret.Teller) Handler {
	op := named{newAccess(secrets, trail, opener, teller), &hints[string]{}}
	return operation[namedRequest]{
		name: "access-named-version", scope: auth.Access, read: readNamed, act: op.serve,
		refused: op.refuse,
	}.handler(e)
}

type namedRequest struct {
	name    string
	version string // an id, "latest" or an alias
	has     etags  // of the versions that the caller has already
}

func readNamed(in *input) namedRequest {
	r := namedRequest{in.NameAsked(), in.VersionAsked(), in.IfNoneMatch()}
	in.NoBody()
	return r
}

type named struct {
	access
	ids *hints[string] // the id of the secret that a name led to
}

// namesakes are the secrets of one name, in one state.
type namesakes struct {
	secrets []secret.Secret // up to maxNamesakes
	more    bool
}

func (op named) serve(ctx context.Context, c *Call, r namedRequest) (Response, error) {
	active, ahead, err := op.find(ctx, c, r)
	switch {
	case err != nil:
		return Response{}, err
	case len(active.secrets) == 0:
		return Response{}, op.absent(ctx, c, r)
	case len(active.secrets) > 1:
		return Response{}, op.denyAll(ctx, c, active, r.version, secret.NotUniqueError(active.secrets, active.more))
	}
	ref := active.secrets[0].Ref
	c.about = ref.ID
	if ahead.of != ref {
		ahead = op.readOf(ctx, c, ref, r.version)
	}
	found := ahead.reading.Secret
	switch {
	case found.ID != "" && found.Name != r.name:
		return Response{}, fault.NewUnavailable(errNameMoved)
	case found.State == secret.SoftDeleted && !found.Purged(c.Now):
		return Response{}, op.deny(ctx, c, ref, r.version, &secret.NameDeletedError{Deleted: []secret.Secret{found}})
	}
	op.ids.note(op.hint(c, r.name), ref.ID)
	return op.answer(ctx, c, accessRequest{ref, r.version, r.has, true}, ahead.reading, ahead.err)
}

// ofSecret is what a read of one secret's version returned.
type ofSecret struct {
	of      secret.Ref
	reading store.Reading
	err     error
}

func (op named) readOf(ctx context.Context, c *Call, ref secret.Ref, version string) ofSecret {
	reading, err := op.read(ctx, c, ref, version)
	return ofSecret{ref, reading, err}
}

// find looks for the active secrets of the name. If this container has found one before, it reads that one's
// version at the same time: in most cases it is the one.
func (op named) find(ctx context.Context, c *Call, r namedRequest) (namesakes, ofSecret, error) {
	active := func() (namesakes, error) { return op.called(ctx, c, r.name, secret.Active) }
	id, ok := op.ids.of(op.hint(c, r.name))
	if !ok {
		found, err := active()
		return found, ofSecret{}, err
	}
	return inParallel(active, func() (ofSecret, error) {
		return op.readOf(ctx, c, secret.Ref{Workspace: c.Workspace, ID: id}, r.version), nil
	})
}

func (op named) hint(c *Call, text string) name {
	return name{secret.Ref{Workspace: c.Workspace}, text}
}

// called returns the secrets that have the name, by the index.
func (op named) called(ctx context.Context, c *Call, name string, state secret.State) (namesakes, error) {
	list := store.ListSecrets{Workspace: c.Workspace, State: state, Name: name, Limit: maxNamesakes}
	page, err := op.secrets.ListSecrets(ctx, list, func(secret.Secret) bool { return true }, c.Now)
	return namesakes{page.Items, page.Next != ""}, err
}

// absent returns what becomes of a request for a name that no active secret has. If deleted ones have it, they
// get a line each, and a caller that may see the trash learns of them.
func (op named) absent(ctx context.Context, c *Call, r namedRequest) error {
	deleted, err := op.called(ctx, c, r.name, secret.SoftDeleted)
	switch {
	case err != nil:
		return err
	case len(deleted.secrets) == 0:
		return secret.NoNameError()
	}
	return op.denyAll(ctx, c, deleted, r.version, &secret.NameDeletedError{Deleted: deleted.secrets})
}

// refuse leaves the lines of a caller without the scope, and returns the refusal. The request may be invalid.
func (op named) refuse(ctx context.Context, c *Call, r namedRequest, refusal error) error {
	if r.name == "" {
		return refusal
	}
	for _, state := range []secret.State{secret.Active, secret.SoftDeleted} {
		found, err := op.called(ctx, c, r.name, state)
		if err != nil {
			c.unaudited = true
			return errors.Join(refusal, err)
		}
		if len(found.secrets) > 0 {
			return op.denyAll(ctx, c, found, r.version, refusal)
		}
	}
	return refusal
}

// denyAll is deny for several secrets: each gets a line. If there is one, the log names it, too.
func (op named) denyAll(ctx context.Context, c *Call, all namesakes, version string, refusal error) error {
	if len(all.secrets) == 1 {
		c.about = all.secrets[0].ID
	}
	_, _, err := inParallel(
		func() ([]struct{}, error) {
			return eachInParallel(all.secrets, maxNamesakes, func(s secret.Secret) (struct{}, error) {
				return struct{}{}, op.trail.Append(ctx, denial(c, s.Ref, version, refusal))
			})
		},
		func() (struct{}, error) {
			op.tell(ctx, c, deletedReads(c, secret.Ref{}, refusal))
			return struct{}{}, nil
		},
	)
	if err != nil {
		c.unaudited = true
		return errors.Join(refusal, fault.NewUnavailable(err))
	}
	return refusal
}
