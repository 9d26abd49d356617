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
		r, err := op.latest(ctx, ref)
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

// latest reads the newest enabled version. If this container has read it before and it was the newest of
// all, it is read by its key: that costs less than the index, and it is the latest if it is enabled and
// there is still no newer one. The count is checked as well as the rows, because an erasure may take the
// newest row first.
func (op access) latest(ctx context.Context, ref secret.Ref) (store.Reading, error) {
	latest := name{ref, secret.Latest}
	if number, ok := op.hints.of(latest); ok {
		r, err := op.secrets.ReadNewestVersion(ctx, ref.Version(number))
		switch {
		case err == nil && r.Version.State == secret.Enabled && r.Secret.VersionCount == number:
			return r, nil
		case err != nil && fault.KindOf(err) != fault.NotFound:
			return store.Reading{}, err
		}
	}
	r, err := op.secrets.ReadLatestVersion(ctx, ref)
	if err == nil && r.Version.Number == r.Secret.VersionCount {
		op.hints.note(latest, r.Version.Number)
	} else {
		op.hints.forget(latest)
	}
	return r, err
}

// follow reads the version that an alias names. The alias and the version are two rows, read at two
// moments. follow accepts a version if the metadata read with it still has the alias on it. It believes a
// refusal only if a second reading shows both rows unchanged: else the alias may have named another
// version when this one was disabled.
func (op access) follow(ctx context.Context, c *Call, ref secret.Ref, alias string) (store.Reading, error) {
	r, err := op.begin(ctx, c, ref, alias)
	if err != nil {
		return store.Reading{}, err
	}
	var before store.Reading
	for reads := 0; ; reads++ {
		number, ok := r.Secret.VersionAliases[alias]
		switch {
		case !ok && secret.IsVersionID(alias):
			return r, secret.NoVersionError()
		case !ok:
			return r, secret.NoAliasError()
		case r.Version.Number == number && believes(before, r, c):
			op.hints.note(name{ref, alias}, number)
			return r, nil
		case reads == maxFollow:
			return store.Reading{}, fault.NewUnavailable(errAliasMoves)
		}
		before = r
		if r, err = op.secrets.ReadVersion(ctx, ref.Version(number)); err != nil {
			return r, missing(r, err, secret.NoVersionError())
		}
	}
}

// begin reads the secret to learn what the alias names. If this container has followed the alias before,
// it reads the version with it that the alias named then.
func (op access) begin(ctx context.Context, c *Call, ref secret.Ref, alias string) (store.Reading, error) {
	if number, ok := op.hints.of(name{ref, alias}); ok {
		r, err := op.secrets.ReadVersion(ctx, ref.Version(number))
		switch {
		case err == nil && !r.Secret.Purged(c.Now):
			return r, nil
		case err != nil && fault.KindOf(err) != fault.NotFound:
			return store.Reading{}, err
		}
	}
	of, err := op.secrets.GetSecret(ctx, ref, c.Now)
	return store.Reading{Secret: of}, err
}

// believes reports whether r, in which the alias names the version, is the answer. before is the reading
// before it.
func believes(before, r store.Reading, c *Call) bool {
	readable := r.Secret.RefuseAccess(r.Version, c.Now) == nil
	return readable || r.Secret.State != secret.Active || sameRows(before, r)
}

// sameRows reports whether nothing changed between two readings. Equal etags show it: no etag is used twice.
func sameRows(a, b store.Reading) bool {
	return a.Secret.Etag == b.Secret.Etag && a.Version.Number == b.Version.Number && a.Version.Etag == b.Version.Etag
}
