package api_test

import (
	"testing"
)

func TestAnHTMLURLLeadsToTheConsoleAtTheHostThatWasCalled(t *testing.T) {
	s := start(t)
	id := s.create()
	path := "/workspaces/" + workspace + "/secrets/" + id
	for host, want := range map[string]string{
		"keepsake.example.com":          "https://keepsake.example.com",
		"d111111abcdef8.cloudfront.net": "https://d111111abcdef8.cloudfront.net",
		"127.0.0.1:3000":                "http://127.0.0.1:3000",
		"localhost:3000":                "http://localhost:3000",
		"localhost":                     "http://localhost",
		"[::1]:3000":                    "http://[::1]:3000",
		"localhost.example.com":         "https://localhost.example.com",
		"":                              "https://abc123.execute-api.us-east-1.amazonaws.com",
		"evil.example/x?":               "https://abc123.execute-api.us-east-1.amazonaws.com",
		"user@evil.example":             "https://abc123.execute-api.us-east-1.amazonaws.com",
	} {
		got := s.call("get-secret", request{id: id, headers: with("x-viewer-host", host)}).want(200).str("html_url")
		if got != want+path {
			t.Errorf("%q: %s, want %s", host, got, want+path)
		}
	}
}

func TestEachAnswerWithASecretHasTheHostThatWasCalledInItsHTMLURL(t *testing.T) {
	s := start(t)
	host := with("x-viewer-host", "secrets.example.org")
	wants := func(name, url, id string) {
		t.Helper()
		if want := "https://secrets.example.org/workspaces/" + workspace + "/secrets/" + id; url != want {
			t.Errorf("%s: %s, want %s", name, url, want)
		}
	}
	first := func(list response) string {
		return list.json["data"].([]any)[0].(map[string]any)["html_url"].(string)
	}
	made := s.call("create-secret", request{headers: host}).want(201)
	id := made.str("id")
	wants("create", made.str("html_url"), id)
	wants("get", s.call("get-secret", request{id: id, headers: host}).want(200).str("html_url"), id)
	wants("list", first(s.call("list-secrets", request{headers: host}).want(200)), id)
	wants("update", s.call("update-secret", request{id: id, headers: host}).want(200).str("html_url"), id)
	s.call("delete-secret", request{id: id, headers: with("if-match", "2")}).want(204)
	wants("trash", first(s.call("list-trash", request{headers: host}).want(200)), id)
	wants("undelete", s.call("undelete-secret", request{id: id, headers: with("if-match", "3", "x-viewer-host", "secrets.example.org")}).want(200).str("html_url"), id)
}

func TestADashboardOfOnesOwnIsInEachHTMLURL(t *testing.T) {
	s := launch(t)
	t.Setenv("DASHBOARD_URL", "https://dashboard.example.net")
	s.restart()
	id := s.create()
	got := s.call("get-secret", request{id: id}).want(200).str("html_url")
	if want := "https://dashboard.example.net/workspaces/" + workspace + "/secrets/" + id; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}
