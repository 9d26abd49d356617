package api_test

import (
	"strings"
	"testing"

	"keepsake/shared/auth"
)

func TestOnlyWhoMayReadMetadataIsToldThatASecretIsDeleted(t *testing.T) {
	s := start(t)
	id := s.deleted()
	message := func(id string) string {
		t.Helper()
		return s.call("access-secret-version", request{id: id}).fault(404, 7002)["message"].(string)
	}
	deadline := s.now.Add(retention).Format("2006-01-02T15:04:05Z")
	if got := message(id); !strings.HasPrefix(got, "Not Found: ") || !strings.Contains(got, "until "+deadline) {
		t.Errorf("a reader is told %q", got)
	}
	s.token = s.mint(auth.Grant{Workspace: workspace, Scopes: []auth.Scope{auth.Access, auth.Write}})
	if got, unknown := message(id), message("sec_1"); got != unknown {
		t.Errorf("who may not read metadata is told %q of a deleted secret and %q of an unknown one", got, unknown)
	}
	s.token = s.mint(auth.Grant{Workspace: workspace, Scopes: auth.Scopes})
	s.now = s.now.Add(retention)
	if got, unknown := message(id), message("sec_1"); got != unknown {
		t.Errorf("from its deadline on a reader is told %q of a secret and %q of an unknown one", got, unknown)
	}
}

func TestAnUnknownRouteIsToldFromAnUnknownSecret(t *testing.T) {
	s := start(t)
	event := s.event("reject-unknown-route", request{})
	event.RawPath = "/v1/nowhere"
	response, _ := s.operations["reject-unknown-route"](t.Context(), event)
	if !strings.Contains(response.Body, `"message":"Not Found: there is no such route"`) {
		t.Error(response.Body)
	}
	if got := s.call("get-secret", request{id: "sec_1"}).fault(404, 7002)["message"]; got != "Not Found: there is no such secret" {
		t.Errorf("message %q", got)
	}
}
