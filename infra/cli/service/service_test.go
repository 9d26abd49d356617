package service_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"keepsake/infra/cli/client"
	"keepsake/infra/cli/service"
)

// script is a server that gives one response after the other, and what was asked of it.
type script struct {
	responses []response
	asked     []*http.Request
	waited    []time.Duration
	told      []string
}

type response struct {
	status int
	body   string
	header map[string]string
}

const id = "sec_06h0cjhc61cfhamdwkxvcwd2fm"

func secret(state string) string {
	return fmt.Sprintf(`{"id":%q,"name":"db","state":%q,"etag":"1","purge_at":1797993855,"deleted_at":1795401855}`, id, state)
}

func page(items ...string) string {
	return `{"data":[` + strings.Join(items, ",") + `],"has_more":false,"next_cursor":null}`
}

func refusal(reason string) string {
	return `{"success":false,"errors":[{"code":7006,"message":"no","metadata":{"reason":"` + reason + `"}}],"result":{}}`
}

type bearer struct{}

func (bearer) Bearer(context.Context) (string, error) { return "sk_akua_test", nil }
func (bearer) From() string                           { return "a test" }

func start(t *testing.T, responses ...response) (*script, *service.Service) {
	t.Helper()
	s := &script{responses: responses}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.asked = append(s.asked, r)
		if len(s.asked) > len(s.responses) {
			t.Errorf("%s %s was not expected", r.Method, r.URL)
			return
		}
		next := s.responses[len(s.asked)-1]
		for name, value := range next.header {
			w.Header().Set(name, value)
		}
		w.WriteHeader(next.status)
		fmt.Fprint(w, next.body)
	}))
	t.Cleanup(server.Close)
	made, err := service.New(service.Config{
		Address: server.URL, Credential: bearer{},
		Tell: func(format string, args ...any) { s.told = append(s.told, fmt.Sprintf(format, args...)) },
		Wait: func(_ context.Context, d time.Duration) error { s.waited = append(s.waited, d); return nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	return s, made
}

func (s *script) done(t *testing.T) {
	t.Helper()
	if len(s.asked) != len(s.responses) {
		t.Errorf("%d requests came, want %d", len(s.asked), len(s.responses))
	}
}

func TestAThrottledRequestIsSentAgainAfterAsLongAsTheServiceSaysWithItsBodyAndKey(t *testing.T) {
	s, c := start(t,
		response{429, refusal(""), map[string]string{"Retry-After": "7"}},
		response{503, refusal(""), map[string]string{"Retry-After": "3600"}},
		response{201, secret("active"), nil})
	if _, err := c.Create(t.Context(), "", client.SecretCreate{Name: "db", Value: "v"}); err != nil {
		t.Fatal(err)
	}
	s.done(t)
	if s.waited[0] != 7*time.Second || s.waited[1] != 30*time.Second {
		t.Errorf("it waited %v, want 7s, and no longer than 30s", s.waited)
	}
	key := s.asked[0].Header.Get("Idempotency-Key")
	for _, r := range s.asked {
		if key == "" || r.Header.Get("Idempotency-Key") != key || r.ContentLength != s.asked[0].ContentLength {
			t.Errorf("a try has the key %q and %d bytes", r.Header.Get("Idempotency-Key"), r.ContentLength)
		}
	}
	if len(s.told) != 2 || !strings.Contains(s.told[0], "busy (429): trying again in 7s") {
		t.Errorf("it said %q", s.told)
	}
}

func TestAServiceThatStaysAwayIsReportedAfterSixTries(t *testing.T) {
	away := response{503, refusal(""), nil}
	s, c := start(t, away, away, away, away, away, away)
	_, err := c.Get(t.Context(), id)
	f := new(service.Failure)
	if !errors.As(err, &f) || !f.Away || f.Kind != service.Failed {
		t.Errorf("it is %v", err)
	}
	s.done(t)
}

func TestADeleteWhoseResponseWasLostIsNotReportedAsAFailure(t *testing.T) {
	for _, second := range []response{{409, refusal("ABORTED"), nil}, {404, refusal(""), nil}} {
		s, c := start(t, response{503, "", nil}, second, response{200, secret("soft_deleted"), nil})
		if _, err := c.Delete(t.Context(), id, "1"); err != nil {
			t.Error(err)
		}
		s.done(t)
	}
	s, c := start(t, response{409, refusal("ABORTED"), nil}, response{200, secret("active"), nil})
	if _, err := c.Delete(t.Context(), id, "1"); !service.Is(err, service.Stale) {
		t.Errorf("a stale etag: %v", err)
	}
	s.done(t)
}

func TestACommandWaitsUntilTheListsShowWhatItDid(t *testing.T) {
	s, c := start(t, response{200, page(), nil}, response{200, page(secret("active")), nil})
	c.SettleActive(t.Context(), "db", id)
	s.done(t)
	s, c = start(t,
		response{200, page(secret("active")), nil},
		response{200, page(), nil}, response{200, page(), nil},
		response{200, page(), nil}, response{200, page(secret("soft_deleted")), nil})
	c.SettleDeleted(t.Context(), "db", id)
	s.done(t)
}

func TestAWaitForListsEndsIfTheyNeverShowItOrMayNotBeRead(t *testing.T) {
	var never []response
	for range 20 {
		never = append(never, response{200, page(), nil})
	}
	s, c := start(t, never...)
	c.SettleActive(t.Context(), "db", id)
	s.done(t)
	s, c = start(t, response{403, refusal(""), nil})
	c.SettleActive(t.Context(), "db", id)
	s.done(t)
}

// A page of a list by name may be empty although there are more.
func TestANameIsLookedForOnEveryPage(t *testing.T) {
	s, c := start(t,
		response{200, `{"data":[],"has_more":true,"next_cursor":"on"}`, nil},
		response{200, page(secret("active")), nil})
	if found, err := c.Find(t.Context(), "db"); err != nil || found.Id != id {
		t.Errorf("%v, %v", found.Id, err)
	}
	s.done(t)
	if s.asked[1].URL.Query().Get("cursor") != "on" || s.asked[1].URL.Query().Get("name") != "db" {
		t.Errorf("the second page was asked for by %s", s.asked[1].URL)
	}
}

func TestAValueIsReadByItsNameInOneRequestAndAgainOnlyIfItIsNew(t *testing.T) {
	tag := map[string]string{"ETag": `"` + id + `.1000000001"`}
	s, c := start(t, response{200, `{"value":"v"}`, tag}, response{304, "", tag})
	r := service.Reference{Secret: "prod/db 100%", Version: "stable"}
	v, err := c.Read(t.Context(), r)
	if err != nil || v.Text != "v" {
		t.Fatal(v, err)
	}
	if _, isNew, err := c.ReadNew(t.Context(), r, v); isNew || err != nil {
		t.Error(isNew, err)
	}
	s.done(t)
	for _, asked := range s.asked {
		if got := asked.Method + " " + asked.URL.EscapedPath(); got != "POST /v1/names/prod%2Fdb%20100%25/versions/stable:access" {
			t.Errorf("it asked %s", got)
		}
	}
	if got := s.asked[1].Header.Get("If-None-Match"); got != tag["ETag"] {
		t.Errorf("it has %s", got)
	}
}

func TestATokenThatMayOnlyReadValuesIsToldWhatIsMissingAsFarAsItMayKnow(t *testing.T) {
	lacks := response{403, `{"success":false,"errors":[{"code":7004,"message":"no","metadata":{"scope":"secrets:read"}}],"result":{}}`, nil}
	none := response{404, `{"success":false,"errors":[{"code":7002,"message":"Not Found: no active secret has this name"}],"result":{}}`, nil}
	two := response{409, `{"success":false,"errors":[{"code":7006,"message":"no","metadata":{"reason":"NAME_NOT_UNIQUE","ids":"sec_1 sec_2"}}],"result":{}}`, nil}
	for want, first := range map[string]response{
		"db: Not Found: no active secret has this name": none,
		`2 secrets have the name "db": sec_1, sec_2`:    two,
	} {
		s, c := start(t, first, lacks)
		_, err := c.Read(t.Context(), service.Reference{Secret: "db", Version: "latest"})
		s.done(t)
		if f := new(service.Failure); !errors.As(err, &f) || f.Kind != service.Missing || f.Message != want {
			t.Errorf("%v, want %s", err, want)
		}
	}
}

func TestAServiceThatKnowsNoNamesInAPathIsAskedForTheID(t *testing.T) {
	route := response{404, `{"success":false,"errors":[{"code":7002,"message":"Not Found: there is no such route"}],"result":{}}`, nil}
	s, c := start(t, route, response{200, page(secret("active")), nil}, response{200, `{"value":"v"}`, nil})
	if v, err := c.Read(t.Context(), service.Reference{Secret: "db", Version: "latest"}); err != nil || v.Text != "v" {
		t.Error(v, err)
	}
	s.done(t)
}

func TestANumberOfAVersionAndANameThatNoPathCanCarryAreLookedFor(t *testing.T) {
	version := `{"id":"secv_06h0cjhc61cfhamdwkxvcwd2fm_3","version_number":3,"state":"enabled"}`
	s, c := start(t, response{200, page(secret("active")), nil}, response{200, page(version), nil}, response{200, `{"value":"third"}`, nil},
		response{200, page(secret("active")), nil}, response{200, `{"value":"dots"}`, nil})
	if v, err := c.Read(t.Context(), service.Reference{Secret: "db", Version: "3"}); err != nil || v.Text != "third" {
		t.Error(v, err)
	}
	if v, err := c.Read(t.Context(), service.Reference{Secret: "..", Version: "latest"}); err != nil || v.Text != "dots" {
		t.Error(v, err)
	}
	s.done(t)
}

func TestARedirectIsNotFollowed(t *testing.T) {
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("the token went elsewhere") }))
	defer elsewhere.Close()
	_, c := start(t, response{307, "", map[string]string{"Location": elsewhere.URL}})
	if _, err := c.Get(t.Context(), id); err == nil {
		t.Error("a redirect is a response")
	}
}

func TestAnAnswerThatIsNotOursIsNotQuoted(t *testing.T) {
	for _, status := range []int{200, 500} {
		_, c := start(t, response{status, "hunter2 <html>", nil})
		_, err := c.Get(t.Context(), id)
		if err == nil || strings.Contains(err.Error(), "hunter2") || !strings.Contains(err.Error(), "is the address right?") {
			t.Errorf("%d: %v", status, err)
		}
	}
}

func TestAReferenceIsTakenApartAtItsLastAt(t *testing.T) {
	for text, want := range map[string]service.Reference{
		"db":                      {Secret: "db", Version: "latest"},
		"db@stable":               {Secret: "db", Version: "stable"},
		"db@3":                    {Secret: "db", Version: "3"},
		"user@example.com@latest": {Secret: "user@example.com", Version: "latest"},
		id + "@stable":            {Secret: id, Version: "stable"},
	} {
		got, err := service.ParseReference(text)
		if err != nil || got != want {
			t.Errorf("%s: %v, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "@", "db@", "@stable"} {
		if r, err := service.ParseReference(text); err == nil {
			t.Errorf("%q is %v", text, r)
		}
	}
}

func TestATokenIsSentToNobodyInPlainTextButThisMachine(t *testing.T) {
	for address, ok := range map[string]bool{
		"https://keepsake.example.com": true, "https://keepsake.example.com/v1/": true, "http://127.0.0.1:3000/v1": true,
		"http://localhost:3000": true, "http://[::1]:3000": true,
		"http://keepsake.example.com": false, "http://localhost.example.com": false, "ftp://127.0.0.1": false, "": false,
		"https://": false, "https://a@keepsake.example.com": false, "https://keepsake.example.com?x=1": false,
	} {
		if got, err := service.Address(address); (err == nil) != ok || ok && strings.HasSuffix(got, "/v1") {
			t.Errorf("%q: %q, %v", address, got, err)
		}
	}
}
