package main

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"keepsake/infra/ops/internal/environment"
)

func TestAWrongSettingIsOneLineThatNamesTheVariableAndNotTheToken(t *testing.T) {
	const token = "sk_akua_secret"
	for _, c := range []struct {
		pairs []string
		want  string
	}{
		{[]string{"URL="}, "URL is not set"},
		{[]string{"URL=d123.cloudfront.net/v1"}, "URL: "},
		{[]string{"URL=ftp://d123.cloudfront.net/v1"}, "URL: "},
		{[]string{"URL=https://d123.cloudfront.net"}, "URL: \"https://d123.cloudfront.net\" must end with /v1"},
		{[]string{"URL=https://d123.cloudfront.net/api/v1"}, "URL: \"https://d123.cloudfront.net/api/v1\" must end with /v1"},
		{[]string{"URL=https://d123.cloudfront.net/v1/"}, "URL: \"https://d123.cloudfront.net/v1/\" ends with a slash"},
		{[]string{"URL=http://d123.cloudfront.net/v1"}, "URL: \"http://d123.cloudfront.net/v1\" would send the token in the clear"},
		{[]string{"URL=http://127.0.0.1.example.com/v1"}, "URL: "},
		{[]string{"URL=https://" + token + "@d123.cloudfront.net/v1"}, "URL: "},
		{[]string{"URL=https://d123.cloudfront.net/v1?token=" + token}, "URL: "},
		{[]string{"TOKEN="}, "TOKEN is not set"},
		{[]string{"TOKEN=" + token + "\n"}, "TOKEN: "},
		{[]string{"TOKEN=Bearer " + token}, "TOKEN: "},
		{[]string{"DIRECT_URL=http://x.execute-api.us-east-1.amazonaws.com"}, "DIRECT_URL: "},
		{[]string{"DIRECT_URL=https://x.execute-api.us-east-1.amazonaws.com/v1"}, "DIRECT_URL: "},
		{[]string{"WAIT=5"}, "WAIT: "},
		{[]string{"WAIT=-5s"}, "WAIT: "},
		{[]string{"SCHEDULE_WAIT=0"}, "SCHEDULE_WAIT: "},
		{[]string{"STACK="}, "STACK is blank"},
	} {
		good := []string{"URL=https://d123.cloudfront.net/v1", "TOKEN=" + token}
		_, err := readSettings(t.Context(), environment.Of(append(good, c.pairs...)...))
		if err == nil || !strings.HasPrefix(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%q: error %v, want one line that begins with %s", c.pairs, err, c.want)
		} else if strings.Contains(err.Error(), token) {
			t.Errorf("%q: the error has the token in it", c.pairs)
		}
	}
}

func TestRightSettingsAreTaken(t *testing.T) {
	for _, url := range []string{
		"https://d123.cloudfront.net/v1", "http://127.0.0.1:3000/v1", "http://localhost:3000/v1", "http://[::1]:3000/v1",
	} {
		s, err := readSettings(t.Context(), environment.Of("URL="+url, "TOKEN=x", "DIRECT_URL=https://x.example.com/", "WAIT=2m"))
		if err != nil || s.base != url || s.direct != "https://x.example.com" || s.wait != 2*time.Minute {
			t.Errorf("%s: %+v, %v", url, s, err)
		}
	}
}

func TestTheScheduleIsWaitedForUnlessTheStackIsOnThisMachine(t *testing.T) {
	for _, c := range []struct {
		pairs []string
		want  time.Duration
	}{
		{[]string{"URL=https://d123.cloudfront.net/v1"}, defaultScheduleWait},
		{[]string{"URL=https://d123.cloudfront.net/v1", "SCHEDULE_WAIT=5m"}, 5 * time.Minute},
		{[]string{"URL=http://127.0.0.1:3000/v1", "WAIT=5m"}, 0},
		{[]string{"URL=http://localhost:3000/v1", "SCHEDULE_WAIT=90s"}, 90 * time.Second},
	} {
		s, err := readSettings(t.Context(), environment.Of(append(c.pairs, "TOKEN=x")...))
		if err != nil || s.scheduleWait != c.want {
			t.Errorf("%q: %v, %v, want %v", c.pairs, s.scheduleWait, err, c.want)
		}
	}
}

// run runs all checks on a server with this handler. They must not all pass.
func run(t *testing.T, handler http.HandlerFunc) string {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	var out strings.Builder
	d := newDeployment(settings{base: server.URL + "/v1", token: "sk_akua_secret", wait: time.Millisecond})
	if d.examine(t.Context(), &out) {
		t.Error("every check passed")
	}
	return out.String()
}

func TestTheContentOfAResponseIsNotPrinted(t *testing.T) {
	printed := run(t, func(w http.ResponseWriter, r *http.Request) {
		status := http.StatusOK
		if r.Method == http.MethodPost && r.URL.Path == "/v1/secrets" {
			status = http.StatusCreated
		}
		w.WriteHeader(status)
		_, _ = w.Write([]byte(`{"id":"sec_x","etag":"1","openapi":"3.1.0","value":"hunter2","data":[{"id":"v_1"}]}`))
	})
	if !strings.Contains(printed, "got another value than was stored") || strings.Contains(printed, "hunter2") {
		t.Errorf("it printed %s", printed)
	}
}

func TestTheTokenFollowsNoRedirection(t *testing.T) {
	elsewhere := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		t.Errorf("the redirection was followed to %s", r.URL)
	}))
	defer elsewhere.Close()
	printed := run(t, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, elsewhere.URL, http.StatusTemporaryRedirect)
	})
	if !strings.Contains(printed, "got 307, expected 200") {
		t.Errorf("it printed %s", printed)
	}
}
