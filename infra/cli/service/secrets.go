package service

import (
	"context"
	"crypto/rand"
	"errors"
	"net/http"

	"keepsake/infra/cli/client"
)

// pageSize is the most that the service gives at once.
var pageSize = 100

// pages calls fetch for each page, until there is none, or until it returns that it is enough.
func pages(fetch func(cursor *string) (next *string, more bool, err error)) error {
	var cursor *string
	for {
		next, more, err := fetch(cursor)
		if err != nil || !more || next == nil {
			return err
		}
		cursor = next
	}
}

// List returns all secrets that the parameters ask for.
func (s *Service) List(ctx context.Context, params client.SecretsListParams) ([]client.Secret, error) {
	all := []client.Secret{}
	err := pages(func(cursor *string) (*string, bool, error) {
		params.Cursor, params.Limit = cursor, &pageSize
		response, err := s.api.SecretsList(ctx, &params)
		page, _, err := answer[client.SecretList](s, response, err)
		all = append(all, page.Data...)
		return page.NextCursor, page.HasMore, err
	})
	return all, err
}

// Trash returns all secrets that can be restored, the soonest deadline first; those with one name if it is not "".
func (s *Service) Trash(ctx context.Context, name string) ([]client.TrashedSecret, error) {
	params := client.TrashListParams{Limit: &pageSize}
	if name != "" {
		params.Name = &name
	}
	all := []client.TrashedSecret{}
	err := pages(func(cursor *string) (*string, bool, error) {
		params.Cursor = cursor
		response, err := s.api.TrashList(ctx, &params)
		page, _, err := answer[client.TrashedSecretList](s, response, err)
		all = append(all, page.Data...)
		return page.NextCursor, page.HasMore, err
	})
	return all, err
}

// Events returns the newest events of a secret, at most so many; 0: all.
func (s *Service) Events(ctx context.Context, id string, most int) ([]client.SecretEvent, error) {
	all := []client.SecretEvent{}
	err := pages(func(cursor *string) (*string, bool, error) {
		response, err := s.api.SecretsListEvents(ctx, id, &client.SecretsListEventsParams{Cursor: cursor, Limit: &pageSize})
		page, _, err := answer[client.SecretEventList](s, response, err)
		all = append(all, page.Data...)
		return page.NextCursor, page.HasMore && (most == 0 || len(all) < most), err
	})
	if most > 0 && len(all) > most {
		all = all[:most]
	}
	return all, err
}

// Versions returns all versions of a secret, the newest first.
func (s *Service) Versions(ctx context.Context, id string) ([]client.SecretVersion, error) {
	all := []client.SecretVersion{}
	err := s.eachVersion(ctx, id, func(v client.SecretVersion) bool { all = append(all, v); return true })
	return all, err
}

// eachVersion calls visit with the versions of a secret, the newest first, until it returns false.
func (s *Service) eachVersion(ctx context.Context, id string, visit func(client.SecretVersion) bool) error {
	return pages(func(cursor *string) (*string, bool, error) {
		response, err := s.api.SecretsListVersions(ctx, id, &client.SecretsListVersionsParams{Cursor: cursor, Limit: &pageSize})
		page, _, err := answer[client.SecretVersionList](s, response, err)
		for _, v := range page.Data {
			if !visit(v) {
				return nil, false, err
			}
		}
		return page.NextCursor, page.HasMore, err
	})
}

// Get returns the metadata of a secret, deleted or not.
func (s *Service) Get(ctx context.Context, id string) (client.Secret, error) {
	response, err := s.api.SecretsGet(ctx, id, nil)
	found, _, err := answer[client.Secret](s, response, err)
	return found, err
}

// access reads a version's value. If etag is that value's, it is not read again, and isNew is false.
func (s *Service) access(ctx context.Context, of client.Secret, vid, etag string) (value Value, isNew bool, err error) {
	response, err := s.api.SecretsAccessVersion(ctx, of.Id, vid, &client.SecretsAccessVersionParams{IfNoneMatch: known(etag)})
	return opened(s, of, response, err)
}

// accessNamed is access for the one active secret of a name, of which the response does not tell more.
func (s *Service) accessNamed(ctx context.Context, name, vid, etag string) (value Value, isNew bool, err error) {
	response, err := s.api.NamesAccessVersion(ctx, name, vid, &client.NamesAccessVersionParams{IfNoneMatch: known(etag)})
	return opened(s, client.Secret{Name: name}, response, err)
}

func known(etag string) *string {
	if etag == "" {
		return nil
	}
	return &etag
}

func opened(s *Service, of client.Secret, response *http.Response, err error) (value Value, isNew bool, _ error) {
	body, header, err := answer[client.SecretValue](s, response, err)
	if errors.Is(err, errUnchanged) {
		return Value{}, false, nil
	}
	return Value{Secret: of, Text: body.Value, Etag: header.Get("ETag")}, err == nil, err
}

// AccessLatest returns the newest enabled version's value.
func (s *Service) AccessLatest(ctx context.Context, of client.Secret) (string, error) {
	value, _, err := s.access(ctx, of, "latest", "")
	return value.Text, err
}

// Create makes a secret. The key makes a second try safe; "": a new one.
func (s *Service) Create(ctx context.Context, key string, body client.SecretCreate) (client.Secret, error) {
	response, err := s.api.SecretsCreate(ctx, &client.SecretsCreateParams{IdempotencyKey: orNew(key)}, body)
	made, _, err := answer[client.Secret](s, response, err)
	return made, err
}

// AddVersion makes a secret's next version. The key makes a second try safe; "": a new one.
func (s *Service) AddVersion(ctx context.Context, id, key string, body client.SecretVersionCreate) (client.SecretVersion, error) {
	response, err := s.api.SecretsCreateVersion(ctx, id, &client.SecretsCreateVersionParams{IdempotencyKey: orNew(key)}, body)
	made, _, err := answer[client.SecretVersion](s, response, err)
	return made, err
}

func orNew(key string) *string {
	if key == "" {
		key = rand.Text()
	}
	return &key
}

// Delete deletes a secret that is as its etag says, and returns it as it is then.
func (s *Service) Delete(ctx context.Context, id, etag string) (client.Secret, error) {
	response, err := s.api.SecretsDelete(ctx, id, &client.SecretsDeleteParams{IfMatch: etag})
	_, _, refusal := answer[struct{}](s, response, err)
	if refusal != nil && !Is(refusal, Stale) && !Is(refusal, Missing) {
		return client.Secret{}, refusal
	}
	now, err := s.Get(ctx, id)
	if refusal != nil && (err != nil || now.State != client.SecretStateSoftDeleted) {
		return client.Secret{}, refusal
	}
	return now, err // also if this delete was done at the first try, whose response was lost
}

// Undelete restores a secret that is as its etag says.
func (s *Service) Undelete(ctx context.Context, id, etag string) (client.Secret, error) {
	response, err := s.api.SecretsUndelete(ctx, id, &client.SecretsUndeleteParams{IfMatch: etag, IdempotencyKey: orNew("")})
	restored, _, err := answer[client.Secret](s, response, err)
	return restored, err
}

// KeyReused reports whether the service refused a create because its key was used with another request.
func KeyReused(err error) bool {
	f := new(Failure)
	return errors.As(err, &f) && f.Status == http.StatusConflict && f.Kind == Failed
}

// Is reports whether err is a Failure of a kind.
func Is(err error, kind Kind) bool {
	f := new(Failure)
	return errors.As(err, &f) && f.Kind == kind
}
