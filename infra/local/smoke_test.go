package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"encoding/pem"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"keepsake/infra/edge"
	"keepsake/infra/envfile"
)

// smoked is the result of a smoke test.
type smoked struct {
	t       *testing.T
	printed string
	passed  bool
}

// smoke runs the smoke test to its end. For schedules and streams it waits a second, no longer.
func (l *laptop) smoke(t *testing.T, base, token string, env ...string) smoked {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	cmd := l.command(ctx, "smoke", nil, append([]string{"URL=" + base, "TOKEN=" + token, "WAIT=1s"}, env...))
	printed, err := cmd.CombinedOutput()
	if exit := new(exec.ExitError); err != nil && (!errors.As(err, &exit) || exit.ExitCode() != 1) {
		t.Fatalf("the smoke test ended with %v: %s", err, printed)
	}
	if bytes.Contains(printed, []byte(token)) {
		t.Error("it printed the token")
	}
	return smoked{t: t, printed: string(printed), passed: err == nil}
}

// promises returns the promises with this verdict: ok, FAIL or skip.
func (s smoked) promises(verdict string) []string {
	var found []string
	for line := range strings.Lines(s.printed) {
		if rest, ok := strings.CutPrefix(line, verdict); ok && strings.HasPrefix(rest, " ") {
			promise, _, _ := strings.Cut(strings.TrimSpace(rest), ": ")
			promise, _, _ = strings.Cut(promise, " (")
			found = append(found, promise)
		}
	}
	return found
}

// wantFailed checks that exactly these promises were found broken.
func (s smoked) wantFailed(promises ...string) {
	s.t.Helper()
	if failed := s.promises("FAIL"); !slices.Equal(failed, promises) || s.passed != (len(promises) == 0) {
		s.t.Errorf("passed: %v, failed: %q, want %q; it printed\n%s", s.passed, failed, promises, s.printed)
	}
}

// tokenOf mints a token for a workspace of a test's own.
func (l *laptop) tokenOf(workspace string) string {
	l.t.Helper()
	return strings.TrimPrefix(l.mint("WORKSPACE="+workspace), "Authorization: Bearer ")
}

// wantEmpty checks that the token sees no secret, not even a deleted one.
func (l *laptop) wantEmpty(t *testing.T, token string) {
	t.Helper()
	for _, state := range []string{"active", "soft_deleted"} {
		a := l.call("GET /secrets?state="+state, "Authorization: Bearer "+token).want(http.StatusOK)
		if left := a.json["data"].([]any); len(left) != 0 {
			t.Errorf("%d secrets are left, %s", len(left), state)
		}
	}
}

func TestASoundStackPassesTheSmokeTestAndIsLeftClean(t *testing.T) {
	t.Parallel()
	c := newCheckout(t)
	l := c.start()
	known, err := envfile.Read(c.path(envfile.Path))
	if err != nil {
		t.Fatal(err)
	}
	closed := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		envelope(w, http.StatusForbidden, 7004)
	}))
	defer closed.Close()
	got := l.smoke(t, l.base, l.token, "DIRECT_URL="+closed.URL, "WAIT=30s",
		envfile.Audit+"="+known[envfile.Audit], envfile.DynamoDB+"="+known[envfile.DynamoDB])
	got.wantFailed()
	if skipped := got.promises("skip"); len(skipped) != 6 { // two for HTTPS, two for AWS, the schedule and the purge
		t.Errorf("it skipped %q", skipped)
	}
	l.wantEmpty(t, l.token)
	for _, promise := range append(got.promises("ok"), got.promises("skip")...) {
		known := slices.ContainsFunc(broken, func(c deployment) bool { return c.promise == promise })
		if !known && elsewhere[promise] == "" {
			t.Errorf("no test shows that this check can fail: %s", promise)
		}
	}
}

func envelope(w http.ResponseWriter, status, code int) {
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]any{
		"success": false, "errors": []any{map[string]any{"code": code, "message": "no"}}, "result": struct{}{},
	})
}

func TestASmokeTestThatIsInterruptedCleansUp(t *testing.T) {
	t.Parallel()
	l := newCheckout(t).start()
	reached, interrupted := make(chan struct{}), make(chan struct{})
	base := inFront(t, l, func(next roundTrip) roundTrip {
		return func(r *http.Request) (*http.Response, error) {
			if strings.HasSuffix(r.URL.Path, ":destroy") {
				close(reached)
				<-interrupted
			}
			return next(r)
		}
	})
	var out bytes.Buffer
	cmd := l.command(t.Context(), "smoke", nil, []string{"URL=" + base, "TOKEN=" + l.token})
	cmd.Stdout = &out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	select {
	case <-reached:
	case <-time.After(patience):
		t.Error("it destroyed no version")
	}
	err := cmd.Process.Signal(syscall.SIGINT)
	close(interrupted)
	if err = errors.Join(err, cmd.Wait()); cmd.ProcessState.ExitCode() != 1 {
		t.Errorf("it ended with %v", err)
	}
	smoked{t: t, printed: out.String()}.wantFailed("stopped before the end")
	l.wantEmpty(t, l.token)
}

func TestHTTPSIsHeldToItsPromises(t *testing.T) {
	t.Parallel()
	l := newCheckout(t).start()
	for _, c := range []struct {
		hsts string
		fail []string
	}{
		{"max-age=63072000", nil},
		{"", []string{"browsers are told to stay with HTTPS"}},
	} {
		secure := httptest.NewUnstartedServer(proxy(l, func(next roundTrip) roundTrip {
			return func(r *http.Request) (*http.Response, error) {
				a, err := next(r)
				if err == nil && c.hsts != "" {
					a.Header.Set("Strict-Transport-Security", c.hsts)
				}
				return a, err
			}
		}))
		secure.Config.ErrorLog = nil
		secure.StartTLS()
		t.Cleanup(secure.Close)
		certificate := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: secure.Certificate().Raw})
		path := l.path("certificate.pem")
		if err := os.WriteFile(path, certificate, 0o600); err != nil {
			t.Fatal(err)
		}
		got := l.smoke(t, secure.URL+"/v1", l.token, "SSL_CERT_FILE="+path)
		got.wantFailed(c.fail...)
		if !slices.Contains(got.promises("ok"), "plain HTTP is not served") {
			t.Errorf("it printed %s", got.printed)
		}
	}
}

var codeForm = regexp.MustCompile(`^\{"success":false,"errors":\[\{"code":(7002|7005),`)

// The edge's own tests hold where each golden path leads. This one sends the paths to the functions.
func TestEachGoldenPairThatIsNoOperationsIsAnsweredInTheContractsEnvelope(t *testing.T) {
	t.Parallel()
	l := newCheckout(t).start()
	pairs, err := edge.Pairs()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range pairs {
		_, malformed := url.PathUnescape(p.Path) // the laptop's HTTP server refuses it before any function
		if p.Function != "reject-unknown-route" || malformed != nil {
			continue
		}
		status, text := l.wire(t, p.Method+" "+p.Target())
		if status != http.StatusNotFound && status != http.StatusMethodNotAllowed || p.Method != http.MethodHead && !codeForm.MatchString(text) {
			t.Errorf("%s %s: %d %s", p.Method, p.Target(), status, text)
		}
	}
}

// wire sends a request line unchanged.
func (l *laptop) wire(t *testing.T, line string) (status int, text string) {
	t.Helper()
	host := strings.TrimSuffix(strings.TrimPrefix(l.base, "http://"), "/v1")
	conn, err := net.Dial("tcp", host)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := io.WriteString(conn, line+" HTTP/1.1\r\nHost: "+host+"\r\nConnection: close\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	method, _, _ := strings.Cut(line, " ")
	response, err := http.ReadResponse(bufio.NewReader(conn), &http.Request{Method: method}) // HEAD's has no body
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	content, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(content)
}
