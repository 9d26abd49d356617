package api

import (
	"context"
	"errors"

	"keepsake/shared/fault"
	"keepsake/shared/secret"
	"keepsake/shared/store"
)

// read finds the version that the path names: latest, an id or an alias. If there is no such version but
// the secret exists, it returns the secret with NotFound.
func (op access) read(ctx context.Context, c *Call, ref secret.Ref, asked string) (store.Reading, error) {
	if asked == secret.Latest {
		r, err := op.secrets.ReadLatestVersion(ctx, ref)
		return r, missing(r, err, secret.NoEnabledVersionError())
	}
	if version, ok := ref.ParseVersionID(asked); ok {
		r, err := op.secrets.ReadVersion(ctx, version)
		return r, missing(r, err, secret.NoVersionError())
	}
	return op.follow(ctx, c, ref, asked)
}

// missing returns what if the secret exists and err is NotFound, else err.
func missing(r store.Reading, err error, what *fault.Error) error {
	if r.Secret.ID != "" && fault.KindOf(err) == fault.NotFound {
		return what
	}
	return err
}

// maxFollow is how many times follow reads the version that an alias names.
const maxFollow = 5

var errAliasMoves = errors.New("the alias or its version changed with every reading")

// follow reads the version that an alias names, which costs one read more than by id. The alias and the
// version are two rows, read at two moments. follow accepts a version if the metadata read with it still
// has the alias on it. It believes a refusal only if a second reading shows both rows unchanged: else the
// alias may have named another version when this one was disabled.
func (op access) follow(ctx context.Context, c *Call, ref secret.Ref, alias string) (store.Reading, error) {
	of, err := op.secrets.GetSecret(ctx, ref, c.Now)
	if err != nil {
		return store.Reading{}, err
	}
	r := store.Reading{Secret: of}
	for range maxFollow {
		number, ok := r.Secret.VersionAliases[alias]
		if !ok {
			if secret.IsVersionID(alias) {
				return r, secret.NoVersionError()
			}
			return r, secret.NoAliasError()
		}
		before := r
		if r, err = op.secrets.ReadVersion(ctx, ref.Version(number)); err != nil {
			return r, missing(r, err, secret.NoVersionError())
		}
		if r.Secret.VersionAliases[alias] != number {
			continue
		}
		readable := r.Secret.RefuseAccess(r.Version, c.Now) == nil
		if readable || r.Secret.State != secret.Active || sameRows(before, r) {
			return r, nil
		}
	}
	return store.Reading{}, fault.NewUnavailable(errAliasMoves)
}

// sameRows reports whether nothing changed between two readings. Equal etags show it: no etag is used twice.
func sameRows(a, b store.Reading) bool {
	return a.Secret.Etag == b.Secret.Etag && a.Version.Number == b.Version.Number && a.Version.Etag == b.Version.Etag
}
