package api_test

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"io"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"keepsake/shared/api"
)

// page asks for the console with these headers.
func (s *service) page(headers map[string]string) api.Result {
	s.t.Helper()
	result, err := s.operations["get-console"](s.t.Context(), s.event("get-console", request{headers: headers}))
	if err != nil {
		s.t.Fatal(err)
	}
	return result
}

func TestTheConsoleIsServedToAnybodyFromItsOwnCodeAlone(t *testing.T) {
	s := start(t)
	s.cloud.ResetCalls()
	r := s.page(with("authorization", "", "accept-encoding", ""))
	if r.StatusCode != 200 || !strings.HasPrefix(r.Body, "<!doctype html>") || r.IsBase64Encoded {
		t.Errorf("%d %.60s", r.StatusCode, r.Body)
	}
	want := map[string]string{
		"Content-Type": "text/html; charset=utf-8", "Cache-Control": "no-cache", "Vary": "Accept-Encoding",
		"X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY", "Referrer-Policy": "no-referrer",
		"Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Resource-Policy": "same-origin",
		"Permissions-Policy": "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
	}
	for name, value := range want {
		if r.Headers[name] != value {
			t.Errorf("%s: %q, want %q", name, r.Headers[name], value)
		}
	}
	for _, name := range []string{"ETag", "Content-Security-Policy"} {
		if r.Headers[name] == "" {
			t.Errorf("it has no %s", name)
		}
	}
	if len(r.Headers) != len(want)+2 {
		t.Errorf("its headers are %v", slices.Sorted(maps.Keys(r.Headers)))
	}
	s.wantCalls()
}

func TestTheConsoleIsRefusedPastTheDistribution(t *testing.T) {
	s := start(t)
	if r := s.page(with("x-origin-key", "other")); r.StatusCode != 403 || strings.Contains(r.Body, "<") {
		t.Errorf("%d %.60s", r.StatusCode, r.Body)
	}
}

func TestTheConsoleIsCompressedForWhoAcceptsIt(t *testing.T) {
	s := start(t)
	plain := s.page(with("accept-encoding", ""))
	for accept, compressed := range map[string]bool{
		"gzip": true, "gzip, deflate, br, zstd": true, "br;q=1.0, GZIP;q=0.5": true, "gzip; q=0.001": true,
		"": false, "br": false, "identity": false, "gzip;q=0": false, "gzip; q=0.000, br": false, "x-gzip-not": false,
	} {
		r := s.page(with("accept-encoding", accept))
		if got := r.Headers["Content-Encoding"] == "gzip"; got != compressed || r.IsBase64Encoded != compressed {
			t.Errorf("%q: compressed %v, want %v", accept, got, compressed)
		}
		if r.Headers["Vary"] != "Accept-Encoding" || (r.Headers["ETag"] != plain.Headers["ETag"]) != compressed {
			t.Errorf("%q: %v", accept, r.Headers)
		}
		if compressed && uncompressed(t, r.Body) != plain.Body {
			t.Errorf("%q: it is another document", accept)
		}
	}
}

func uncompressed(t *testing.T, body string) string {
	t.Helper()
	r, err := gzip.NewReader(base64.NewDecoder(base64.StdEncoding, strings.NewReader(body)))
	if err != nil {
		t.Fatal(err)
	}
	var text bytes.Buffer
	if _, err := io.Copy(&text, r); err != nil {
		t.Fatal(err)
	}
	return text.String()
}

func TestABrowserThatHasTheConsoleIsToldThatItIsUpToDate(t *testing.T) {
	s := start(t)
	for _, accept := range []string{"", "gzip"} {
		fresh := s.page(with("accept-encoding", accept))
		etag := fresh.Headers["ETag"]
		for has, status := range map[string]int{
			etag: 304, "W/" + etag: 304, `"x", ` + etag: 304, `"x"`: 200, "": 200, etag[:len(etag)-2] + `"`: 200,
		} {
			r := s.page(with("accept-encoding", accept, "if-none-match", has))
			if r.StatusCode != status || (r.Body == "") != (status == 304) {
				t.Errorf("%s: %d with %d bytes, want %d", has, r.StatusCode, len(r.Body), status)
			}
			if !maps.Equal(r.Headers, fresh.Headers) {
				t.Errorf("%s: the headers are %v", has, r.Headers)
			}
		}
	}
}

func TestTheConsolesEtagIsAnotherIfTheDocumentOrItsPolicyIs(t *testing.T) {
	edge := api.Edge{OriginKey: "k", Now: time.Now, Log: slog.New(slog.DiscardHandler)}
	etags := map[string]bool{}
	for _, p := range []api.Page{
		{Document: []byte("a"), Policy: "p"}, {Document: []byte("a"), Policy: "q"}, {Document: []byte("b"), Policy: "p"},
	} {
		r, err := api.GetConsole(edge, p)(t.Context(), api.Event{Headers: with("x-origin-key", "k")})
		if err != nil || etags[r.Headers["ETag"]] {
			t.Errorf("%v, %v", r.Headers, err)
		}
		etags[r.Headers["ETag"]] = true
	}
}
