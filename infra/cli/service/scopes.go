package service

import (
	"context"
	"errors"
	"net/http"

	"keepsake/infra/cli/client"
)

// noSecret has the form of no id, so a request with it can do nothing and leaves no line in the trail.
const noSecret = "none"

// Scopes returns what the token may do. It asks by requests that can do nothing: a token without the scope is
// refused before the service looks at the rest.
func (s *Service) Scopes(ctx context.Context) ([]string, error) {
	asks := []struct {
		scope string
		ask   func() (*http.Response, error)
	}{
		{"secrets:read", func() (*http.Response, error) { return s.api.SecretsListVersions(ctx, noSecret, nil) }},
		{"secrets:access", func() (*http.Response, error) { return s.api.SecretsAccessVersion(ctx, noSecret, "latest", nil) }},
		{"secrets:write", func() (*http.Response, error) {
			return s.api.SecretsDelete(ctx, noSecret, &client.SecretsDeleteParams{IfMatch: "0"})
		}},
		{"secrets:restore", func() (*http.Response, error) {
			return s.api.SecretsUndelete(ctx, noSecret, &client.SecretsUndeleteParams{IfMatch: "0"})
		}},
		{"secrets:audit", func() (*http.Response, error) { return s.api.SecretsListEvents(ctx, noSecret, nil) }},
	}
	scopes := []string{}
	for _, each := range asks {
		response, err := each.ask()
		_, _, err = answer[struct{}](s, response, err)
		f := &Failure{Status: http.StatusOK}
		switch errors.As(err, &f); f.Status {
		case http.StatusOK, http.StatusNotFound:
			scopes = append(scopes, each.scope)
		case http.StatusForbidden:
		default:
			return nil, err
		}
	}
	return scopes, nil
}

// Workspace returns the workspace in which the token acts, or "" if nothing tells: the workspace has no secret, or
// the token may not list.
func (s *Service) Workspace(ctx context.Context) string {
	limit := 1
	response, err := s.api.SecretsList(ctx, &client.SecretsListParams{Limit: &limit})
	page, _, err := answer[client.SecretList](s, response, err)
	if err != nil || len(page.Data) == 0 {
		return ""
	}
	return page.Data[0].WorkspaceId
}
