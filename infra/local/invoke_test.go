package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"keepsake/infra/envfile"
)

const sampleEvent = `{"id":"{{secret}}","match":"{{etag}}","by":"{{token}}","via":"{{origin}}"}`

// playedStack answers like a running stack, and records the requests.
type playedStack struct {
	asked  []string // "POST /v1/secrets"
	event  string   // the last event that a function got
	answer string   // each function's result
	failed bool
}

func (p *playedStack) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	if strings.HasPrefix(r.URL.Path, "/2015-03-31/") {
		p.event = string(body)
		if p.failed {
			w.Header().Set("X-Amz-Function-Error", "Unhandled")
		}
		fmt.Fprint(w, p.answer)
		return
	}
	p.asked = append(p.asked, strings.TrimSpace(r.Method+" "+r.URL.Path+" "+r.Header.Get("If-Match")))
	if r.Header.Get("Authorization") != "Bearer sk_akua_t" {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	etag := map[string]string{"POST": "1", "GET": `2\"`}[r.Method]
	fmt.Fprintf(w, `{"id":"sec_new","etag":"%s"}`, etag)
}

func startPlayed(t *testing.T, answer string) *playedStack {
	t.Helper()
	t.Chdir(t.TempDir())
	t.Setenv("SECRET", "")
	t.Setenv("ETAG", "")
	p := &playedStack{answer: answer}
	server := httptest.NewServer(p)
	t.Cleanup(server.Close)
	write(t, envfile.Path, envfile.BaseURL+"="+server.URL+"/v1\n"+
		envfile.Token+"=sk_akua_t\n"+envfile.Lambda+"="+server.URL+"\n"+envfile.OriginKey+"=o\n")
	for _, name := range []string{"get-secret", "undelete-secret"} {
		write(t, filepath.Join(eventsDir, name+".json"), sampleEvent)
	}
	return p
}

func TestASampleGetsASecretToWorkOn(t *testing.T) {
	for _, c := range []struct {
		function, secret, etag string
		asked                  []string
		event                  string
	}{
		{"get-secret", "", "", []string{"POST /v1/secrets", "GET /v1/secrets/sec_new"},
			`{"id":"sec_new","match":"2\"","by":"sk_akua_t","via":"o"}`},
		{"undelete-secret", "", "", []string{"POST /v1/secrets", "DELETE /v1/secrets/sec_new 1", "GET /v1/secrets/sec_new"},
			`{"id":"sec_new","match":"2\"","by":"sk_akua_t","via":"o"}`},
		{"undelete-secret", "sec_mine", "", []string{"GET /v1/secrets/sec_mine"},
			`{"id":"sec_mine","match":"2\"","by":"sk_akua_t","via":"o"}`},
		{"undelete-secret", "sec_mine", "9", nil, `{"id":"sec_mine","match":"9","by":"sk_akua_t","via":"o"}`},
	} {
		t.Run(c.function+" "+c.secret+c.etag, func(t *testing.T) {
			p := startPlayed(t, `{"statusCode":200}`)
			t.Setenv("SECRET", c.secret)
			t.Setenv("ETAG", c.etag)
			if err := invoke(t.Context(), c.function, io.Discard, io.Discard); err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(p.asked, c.asked) || p.event != c.event {
				t.Errorf("asked %q and sent %s; want %q and %s", p.asked, p.event, c.asked, c.event)
			}
		})
	}
}

func TestAnAnswerIsPrintedAndAFailureIsAnError(t *testing.T) {
	for _, c := range []struct {
		outcome, answer string
		failed          bool
		want            string
	}{
		{"success", `{"statusCode":204}`, false, ""},
		{"an HTTP refusal", `{"statusCode":404}`, false, ""},
		{"an HTTP failure", `{"statusCode":503}`, false, "get-secret answered 503"},
		{"a function error", `{"errorType":"x"}`, true, "get-secret failed"},
	} {
		t.Run(c.outcome, func(t *testing.T) {
			startPlayed(t, c.answer).failed = c.failed
			var out bytes.Buffer
			err := invoke(t.Context(), "get-secret", &out, io.Discard)
			if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want %q", err, c.want)
			}
			if got := strings.Join(strings.Fields(out.String()), ""); got != c.answer || !strings.Contains(out.String(), "\n  ") {
				t.Errorf("printed %q, want %s on lines of its own", out.String(), c.answer)
			}
		})
	}
}

func TestWithoutAStackThereIsOneLineThatSaysSo(t *testing.T) {
	startPlayed(t, "{}")
	write(t, envfile.Path, envfile.Lambda+"=http://127.0.0.1:1\n"+envfile.BaseURL+"=http://127.0.0.1:1/v1\n")
	if err := invoke(t.Context(), "get-secret", io.Discard, io.Discard); !errors.Is(err, errNoStack) {
		t.Errorf("a stack that has ended: error %v", err)
	}
	if err := forget(); err != nil {
		t.Fatal(err)
	}
	if err := invoke(t.Context(), "get-secret", io.Discard, io.Discard); !errors.Is(err, errNoStack) {
		t.Errorf("a stack that never was: error %v", err)
	}
}

func TestAnUnknownSampleNamesTheKnown(t *testing.T) {
	startPlayed(t, "{}")
	err := invoke(t.Context(), "get-secrets", io.Discard, io.Discard)
	if err == nil || !strings.Contains(err.Error(), "get-secret, undelete-secret") {
		t.Errorf("error %v", err)
	}
}

func TestASampleIsPrintedAsItWouldBeSent(t *testing.T) {
	p := startPlayed(t, "{}")
	var out bytes.Buffer
	if err := printEvent(t.Context(), "get-secret", &out, io.Discard); err != nil {
		t.Fatal(err)
	}
	if want := `{"id":"sec_new","match":"2\"","by":"sk_akua_t","via":"o"}`; out.String() != want || p.event != "" {
		t.Errorf("printed %s, want %s; a function got %q", &out, want, p.event)
	}
}
