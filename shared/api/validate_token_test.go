package api_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"keepsake/shared/auth"
)

const providersToken = "hcloud0123456789token"

// playProvider makes the provider return status from now on, and returns what it was asked.
func (s *service) playProvider(status int) *[]string {
	s.t.Helper()
	asked := &[]string{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		*asked = append(*asked, r.Method+" "+r.URL.Path+" "+r.Header.Get("Authorization"))
		w.WriteHeader(status)
		fmt.Fprint(w, "their words: ", r.Header.Get("Authorization"))
	}))
	s.t.Cleanup(server.Close)
	s.t.Setenv("HCLOUD_URL", server.URL)
	s.restart()
	return asked
}

func tokenBody(token string) *string {
	return body(fmt.Sprintf(`{"provider":"hcloud","token":%q}`, token))
}

func TestATokenIsValidIfItsProviderTakesIt(t *testing.T) {
	s := start(t)
	for status, want := range map[int]string{
		200: `{"valid":true}`,
		401: `{"valid":false,"error":"Hetzner Cloud refuses the token"}`,
		403: `{"valid":false,"error":"Hetzner Cloud does not let the token read"}`,
	} {
		asked := s.playProvider(status)
		a := s.call("validate-token", request{body: tokenBody(providersToken)}).want(200)
		if strings.TrimSpace(a.text) != want {
			t.Errorf("%d: got %s", status, a.text)
		}
		if len(*asked) != 1 || (*asked)[0] != "GET /locations Bearer "+providersToken {
			t.Errorf("%d: asked %q", status, *asked)
		}
	}
}

func TestAProviderThatDoesNotSayIsUnavailable(t *testing.T) {
	s := start(t)
	for _, status := range []int{302, 429, 500, 503} {
		s.playProvider(status)
		a := s.call("validate-token", request{body: tokenBody(providersToken)})
		a.fault(503, 7011)
		if a.headers["Retry-After"] == "" || strings.Contains(a.text, "their words") {
			t.Errorf("%d: headers %v, body %s", status, a.headers, a.text)
		}
	}
}

func TestValidatingATokenStoresNothingAndLogsNothingOfIt(t *testing.T) {
	s := start(t)
	for _, status := range []int{200, 401, 500} {
		s.playProvider(status)
		s.cloud.ResetCalls()
		a := s.call("validate-token", request{body: tokenBody(providersToken)})
		s.wantCalls("dynamodb:GetItem") // our own credential, looked up
		if strings.Contains(a.text, providersToken) || strings.Contains(s.log.String(), providersToken) {
			t.Errorf("%d: the token is in the response or the log", status)
		}
	}
	if len(s.log.String()) == 0 {
		t.Fatal("there is no log to look through")
	}
}

func TestWhatIsWrongWithATokenToValidateIsToldAtOnce(t *testing.T) {
	s := start(t)
	asked := s.playProvider(200)
	for text, want := range map[string]string{
		`{}`:                 "body.provider body.token",
		`{"provider":"aws"}`: "body.provider body.token",
		`null`:               "body",
		`{"provider":"","x":1,"token":"` + providersToken + `"}`:              "body.provider body.x",
		`{"provider":"hcloud","token":""}`:                                    "body.token",
		`{"provider":"hcloud","token":7}`:                                     "body.token",
		`{"provider":["hcloud"],"token":"t"}`:                                 "body.provider",
		`{"provider":"hcloud","token":"` + strings.Repeat("x", 65_537) + `"}`: "body.token",
	} {
		a := s.call("validate-token", request{body: body(text)})
		a.fault(400, 7001)
		if got := strings.Join(a.paths(), " "); got != want {
			t.Errorf("%.60s: paths %s, want %s", text, got, want)
		}
	}
	s.token = s.mint(auth.Grant{Workspace: workspace, Scopes: []auth.Scope{auth.Read, auth.Access}})
	s.call("validate-token", request{body: tokenBody(providersToken)}).fault(403, 7004)
	if len(*asked) != 0 {
		t.Errorf("the provider was asked: %q", *asked)
	}
}

func TestTheLongestTokenIsAnsweredNotSent(t *testing.T) {
	s := start(t)
	asked := s.playProvider(200)
	a := s.call("validate-token", request{body: tokenBody(strings.Repeat("x", 65_536))}).want(200)
	if a.json["valid"] != false || len(*asked) != 0 {
		t.Errorf("got %s, asked %q", a.text, *asked)
	}
}

func TestValidateTokenIsAPathOfItsOwnByPOSTAloneAndOtherwiseAnID(t *testing.T) {
	s := start(t)
	s.call("get-secret", request{id: "validate_token"}).fault(404, 7002)
	event := s.event("reject-unknown-route", request{})
	event.RawPath, event.RequestContext.HTTP.Method = "/v1/secrets/validate_token", "PUT"
	response, _ := s.operations["reject-unknown-route"](t.Context(), event)
	if allow := response.Headers["Allow"]; response.StatusCode != 405 || allow != "POST" {
		t.Errorf("%d, Allow %q", response.StatusCode, allow)
	}
	event.RawPath = "/v1/secrets/sec_1"
	response, _ = s.operations["reject-unknown-route"](t.Context(), event)
	if strings.Contains(response.Headers["Allow"], "POST") {
		t.Errorf("a secret takes POST: Allow %q", response.Headers["Allow"])
	}
}
