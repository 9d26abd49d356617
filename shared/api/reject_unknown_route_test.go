package api_test

import (
	"strings"
	"testing"
)

func TestAnUnknownRouteIsNotFoundAndAWrongMethodSaysWhichAreRight(t *testing.T) {
	s := start(t)
	cases := []struct {
		path   string
		status int
		allow  string
	}{
		{"/", 405, "GET"},
		{"/workspaces/ws_1/secrets/sec_1", 405, "GET"},
		{"/workspaces/ws_1", 404, ""},
		{"/nowhere", 404, ""},
		{"/v1", 404, ""},
		{"/v1/secrets/", 404, ""},
		{"/v1/secrets", 405, "POST, GET"},
		{"/v1/secrets/sec_1", 405, "GET, PATCH, DELETE"},
		{"/v1/secrets/sec_1:undelete", 404, ""},
		{"/v1/secrets/sec_1:frobnicate", 404, ""},
		{"/v1/secrets/sec_1/undelete", 404, ""},
		{"/v1/secrets/sec_1/versions/v:access", 404, ""},
		{"/v1/openapi.json", 405, "GET"},
		{"/v1/secrets/validate_token", 405, "POST"},
		{"/v1/secrets/validate_tokens", 405, "GET, PATCH, DELETE"},
		{"/v1/secrets/validate_token/versions", 405, "POST, GET"},
		{"/v2/secrets", 404, ""},
	}
	s.cloud.ResetCalls()
	for _, c := range cases {
		event := s.event("reject-unknown-route", request{})
		event.RawPath = c.path
		response, _ := s.operations["reject-unknown-route"](t.Context(), event)
		if response.StatusCode != c.status || response.Headers["Allow"] != c.allow {
			t.Errorf("%s: %d, Allow %q; want %d, %q", c.path, response.StatusCode, response.Headers["Allow"], c.status, c.allow)
		}
	}
	s.wantCalls()
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
