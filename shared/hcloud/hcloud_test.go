package hcloud_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"keepsake/shared/fault"
	"keepsake/shared/hcloud"
	"keepsake/shared/secret"
)

const token = "hcloud-token-of-this-test-0123456789"

func validate(t *testing.T, base, token string) (bool, string, error) {
	t.Helper()
	valid, reason, err := hcloud.Client{BaseURL: base}.Validate(t.Context(), secret.NewValue([]byte(token)))
	if text := fmt.Sprint(reason, err); len(token) > 8 && strings.Contains(text, token[:8]) {
		t.Errorf("the token is in %s", text)
	}
	return valid, reason, err
}

// provider serves every request with what.
func provider(t *testing.T, what http.HandlerFunc) string {
	t.Helper()
	server := httptest.NewServer(what)
	t.Cleanup(server.Close)
	return server.URL
}

func isUnavailable(err error) bool {
	var e *fault.Error
	return errors.As(err, &e) && e.Kind == fault.Unavailable
}

func TestTheProviderIsAskedOnceByAReadWithTheToken(t *testing.T) {
	var asked []string
	base := provider(t, func(w http.ResponseWriter, r *http.Request) {
		asked = append(asked, r.Method+" "+r.URL.String()+" "+r.Header.Get("Authorization"))
		_, _ = io.WriteString(w, `{"locations":[]}`)
	})
	valid, reason, err := validate(t, base+"/v1", token)
	if !valid || reason != "" || err != nil {
		t.Errorf("valid %v, reason %q, error %v", valid, reason, err)
	}
	if want := "GET /v1/locations?per_page=1 Bearer " + token; len(asked) != 1 || asked[0] != want {
		t.Errorf("asked %q", asked)
	}
}

func TestARefusalIsNotValidInOurOwnWords(t *testing.T) {
	for _, status := range []int{401, 403} {
		base := provider(t, func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(status)
			_, _ = io.WriteString(w, "their words about "+r.Header.Get("Authorization"))
		})
		valid, reason, err := validate(t, base, token)
		if valid || reason == "" || strings.Contains(reason, "their words") || err != nil {
			t.Errorf("%d: valid %v, reason %q, error %v", status, valid, reason, err)
		}
	}
}

func TestAProviderThatDoesNotSayIsUnavailable(t *testing.T) {
	for _, status := range []int{301, 302, 307, 400, 404, 418, 429, 500, 502, 503, 504} {
		elsewhere := false
		base := provider(t, func(w http.ResponseWriter, r *http.Request) {
			elsewhere = elsewhere || r.URL.Path == "/elsewhere"
			w.Header().Set("Location", "/elsewhere")
			w.WriteHeader(status)
		})
		if valid, _, err := validate(t, base, token); valid || !isUnavailable(err) {
			t.Errorf("%d: valid %v, error %v", status, valid, err)
		}
		if elsewhere {
			t.Errorf("%d: the redirect was followed", status)
		}
	}
	gone := httptest.NewServer(nil)
	gone.Close()
	if _, _, err := validate(t, gone.URL, token); !isUnavailable(err) {
		t.Errorf("nobody listens: %v", err)
	}
}

// TestAServerThatSendsBackWhatItGotRevealsNothing speaks no HTTP: Go's errors quote such answers.
func TestAServerThatSendsBackWhatItGotRevealsNothing(t *testing.T) {
	for name, prefix := range map[string]string{"no HTTP": "", "a bad header": "HTTP/1.1 200 OK\r\n"} {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		go func() {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			defer conn.Close()
			request, _ := http.ReadRequest(bufio.NewReader(conn))
			fmt.Fprintf(conn, "%s%s %[2]s\r\n\r\n", prefix, strings.TrimPrefix(request.Header.Get("Authorization"), "Bearer "))
		}()
		if _, _, err := validate(t, "http://"+listener.Addr().String(), token); !isUnavailable(err) {
			t.Errorf("%s: %v", name, err)
		}
		_ = listener.Close()
	}
}

func TestWhatCanBeNoTokenIsNotSent(t *testing.T) {
	base := provider(t, func(http.ResponseWriter, *http.Request) { t.Error("it was sent") })
	for _, value := range []string{"", "with space", "line\n", "\x00", "é", "tab\t", "x\r\nHost: y", strings.Repeat("x", 1025)} {
		valid, reason, err := validate(t, base, value)
		if valid || reason == "" || err != nil {
			t.Errorf("%q: valid %v, reason %q, error %v", value, valid, reason, err)
		}
	}
}

func TestAProviderThatHangsIsGivenUpAfterTwoSeconds(t *testing.T) {
	t.Parallel()
	base := provider(t, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	begin := time.Now()
	if _, _, err := validate(t, base, token); !isUnavailable(err) || !errors.Is(err, context.DeadlineExceeded) {
		t.Error(err)
	}
	if took := time.Since(begin); took > 4*time.Second {
		t.Errorf("after %s", took)
	}
}
