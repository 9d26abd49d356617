package service

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"

	"keepsake/infra/cli/client"
)

// secretID is the form of a secret's id. What has it is an id, never a name.
var secretID = regexp.MustCompile(`^sec_[0-9a-z]{20,50}$`)

// IsID reports whether text is an id of a secret, and not a name.
func IsID(text string) bool { return secretID.MatchString(text) }

// Reference names a version of a secret: NAME, NAME@alias, NAME@3, and the same with an id.
type Reference struct {
	Secret  string // a name or an id
	Version string // "latest", an alias, a number, or a version's id
}

// ParseReference takes a reference apart at its last @. A name that has an @ itself is followed by its version:
// user@example.com@latest.
func ParseReference(text string) (Reference, error) {
	r := Reference{text, "latest"}
	if i := strings.LastIndex(text, "@"); i >= 0 {
		r = Reference{text[:i], text[i+1:]}
	}
	if r.Secret == "" || r.Version == "" {
		return r, Fail(Failed, "%q is not a NAME, NAME@alias or NAME@3", text)
	}
	return r, nil
}

// String returns the reference as it is typed.
func (r Reference) String() string {
	if r.Version == "latest" && !strings.Contains(r.Secret, "@") {
		return r.Secret
	}
	return r.Secret + "@" + r.Version
}

// Find returns the active secret of a name or an id: exactly one, or a Failure of the kind Missing.
func (s *Service) Find(ctx context.Context, name string) (client.Secret, error) {
	if IsID(name) {
		found, err := s.Get(ctx, name)
		if err == nil && found.State == client.SecretStateSoftDeleted {
			return found, deleted(found.Name, found.Id, found.PurgeAt)
		}
		return found, err
	}
	all, err := s.Named(ctx, name)
	if err != nil {
		return client.Secret{}, err
	}
	return one(name, all, func(s client.Secret) string { return s.Id },
		Fail(Missing, "there is no secret with the name %q", name).
			Because("keepsake ls lists the names; keepsake trash lists what can be restored."))
}

// Named lists the active secrets with exactly this name.
func (s *Service) Named(ctx context.Context, name string) ([]client.Secret, error) {
	return s.List(ctx, client.SecretsListParams{Name: &name})
}

// one returns the only secret of a name. none is the Failure if there is none.
func one[T any](name string, all []T, id func(T) string, none *Failure) (T, error) {
	var zero T
	switch len(all) {
	case 1:
		return all[0], nil
	case 0:
		return zero, none
	}
	ids := make([]string, len(all))
	for i, each := range all {
		ids[i] = id(each)
	}
	return zero, Ambiguous(name, ids)
}

// Ambiguous is the Failure of a name that several secrets have.
func Ambiguous(name string, ids []string) *Failure {
	f := Fail(Missing, "%d secrets have the name %q: %s", len(ids), name, strings.Join(ids, ", ")).
		Because("Use the id in the place of the name.")
	f.IDs = ids
	return f
}

// deleted is the Failure of a secret that is in the trash.
func deleted(name, id string, purgeAt *client.Time) *Failure {
	until := ""
	if purgeAt != nil {
		until = ", until " + Time(*purgeAt).Format(time.RFC3339)
	}
	return Fail(Missing, "%q is deleted", name).Because("Restore it%s: keepsake restore %s", until, id)
}

// Time returns a time of the API.
func Time(seconds client.Time) time.Time { return time.Unix(int64(seconds), 0).UTC() }

// FindDeleted returns the deleted secret of a name: exactly one, or a Failure of the kind Missing.
func (s *Service) FindDeleted(ctx context.Context, name string) (client.TrashedSecret, error) {
	all, err := s.Trash(ctx, name)
	if err != nil {
		return client.TrashedSecret{}, err
	}
	return one(name, all, func(s client.TrashedSecret) string { return s.Id },
		Fail(Missing, "no deleted secret has the name %q", name).
			Because("keepsake trash lists what can be restored. What was deleted before that is gone."))
}

// versionID returns what the path of an access names: an alias and "latest" as they are, a number as the id of the
// version. A number that is also an alias of another version is ambiguous.
func (s *Service) versionID(ctx context.Context, of client.Secret, version string) (string, error) {
	number, err := strconv.Atoi(version)
	if err != nil || strconv.Itoa(number) != version {
		return version, nil
	}
	if of.VersionAliases != nil {
		if to, ok := (*of.VersionAliases)[version]; ok && to != number {
			return "", Fail(Missing, "%s is the number of a version of %q, and the alias of version %d", version, of.Name, to).
				Because("Use the id of the version in the place of the number.")
		}
	}
	var id string
	err = s.eachVersion(ctx, of.Id, func(v client.SecretVersion) bool {
		if v.VersionNumber == number {
			id = v.Id
		}
		return v.VersionNumber > number // the newest comes first
	})
	if err == nil && id == "" {
		err = Fail(Missing, "%q has no version %d", of.Name, number)
	}
	return id, err
}

// Value is a value as it was read.
type Value struct {
	Secret client.Secret // all of it only from Look; else the id or the name that was asked for
	Text   string
	Etag   string // of the value that was read
}

// Read returns the value that a reference names: in one request, which needs the right to read values and no other.
func (s *Service) Read(ctx context.Context, r Reference) (Value, error) {
	if !r.inOneRequest() {
		return s.Look(ctx, r)
	}
	value, _, err := s.open(ctx, r, "")
	refused := new(Failure)
	if !errors.As(err, &refused) || refused.Kind != Missing {
		return value, named(err, r)
	}
	// Look says what is missing. It also finds what a service has that knows no names in a path.
	value, err = s.Look(ctx, r)
	if f := new(Failure); !errors.As(err, &f) || f.Status != http.StatusForbidden {
		return value, err
	}
	if refused.IDs != nil {
		return Value{}, Ambiguous(r.Secret, refused.IDs)
	}
	return Value{}, named(refused, r)
}

// inOneRequest reports whether the service finds the version by itself: it takes no number for one. The names "." and ".."
// may not arrive in a path.
func (r Reference) inOneRequest() bool {
	_, err := strconv.Atoi(r.Version)
	return err != nil && r.Secret != "." && r.Secret != ".."
}

func (s *Service) open(ctx context.Context, r Reference, etag string) (value Value, isNew bool, err error) {
	if IsID(r.Secret) {
		return s.access(ctx, client.Secret{Id: r.Secret}, r.Version, etag)
	}
	return s.accessNamed(ctx, r.Secret, r.Version, etag)
}

// Look returns the value that a reference names, with its secret. It finds the secret first.
func (s *Service) Look(ctx context.Context, r Reference) (Value, error) {
	found, err := s.Find(ctx, r.Secret)
	if err != nil {
		return Value{}, err
	}
	vid, err := s.versionID(ctx, found, r.Version)
	if err != nil {
		return Value{}, err
	}
	value, _, err := s.access(ctx, found, vid, "")
	return value, named(err, r)
}

// ReadNew returns the value that a reference names, if it is another one than before, the value that was read last.
func (s *Service) ReadNew(ctx context.Context, r Reference, before Value) (value Value, isNew bool, err error) {
	if r.inOneRequest() {
		value, isNew, err = s.open(ctx, r, before.Etag)
	} else {
		value, isNew, err = s.lookNew(ctx, r, before)
	}
	if f := new(Failure); errors.As(err, &f) && f.Kind == Missing && !IsID(r.Secret) {
		// It may have been deleted, and made anew under its name.
		value, err = s.Read(ctx, r)
		return value, err == nil && value.Text != before.Text, err
	}
	return value, isNew, named(err, r)
}

func (s *Service) lookNew(ctx context.Context, r Reference, before Value) (value Value, isNew bool, err error) {
	vid, err := s.versionID(ctx, before.Secret, r.Version)
	if err != nil {
		return Value{}, false, err
	}
	return s.access(ctx, before.Secret, vid, before.Etag)
}

// named puts the reference before a failure's message, so that one knows which of many has failed.
func named(err error, r Reference) error {
	if f := new(Failure); errors.As(err, &f) && f.Status != 0 && !f.Away && f.Status != 401 {
		again := *f
		again.Message = fmt.Sprintf("%s: %s", r, f.Message)
		return &again
	}
	return err
}
