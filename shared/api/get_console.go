package api

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strings"
)

// Page is an HTML document for browsers.
type Page struct {
	Document []byte
	Gzip     []byte // the same, compressed
	Policy   string // its Content-Security-Policy
}

// GetConsole returns the page for people. It asks for no credential and calls no backend: the page asks the
// person for a token and calls the API with it.
//
// CloudFront compresses nothing that it may not cache, so the function does.
func GetConsole(e Edge, p Page) Handler {
	tag := p.tag()
	plain := Response{status: http.StatusOK, body: p.Document, headers: p.headers(tag)}
	compressed := Response{status: http.StatusOK, body: p.Gzip, binary: true, headers: p.headers(tag + "-gzip")}
	compressed.headers["Content-Encoding"] = "gzip"
	return e.open("get-console", func(_ context.Context, c *Call) (Response, error) {
		r := plain
		if acceptsGzip(c.event.Headers["accept-encoding"]) {
			r = compressed
		}
		if has := etags(c.event.Headers["if-none-match"]); has.has(tag) || has.has(tag+"-gzip") {
			return Response{status: http.StatusNotModified, headers: r.headers}, nil
		}
		return r, nil
	})
}

// tag returns the page's etag, without quotes. It is another one if the document or its policy is.
func (p Page) tag() string {
	sum := sha256.Sum256([]byte(p.Policy + "\n" + string(p.Document)))
	return hex.EncodeToString(sum[:8])
}

// headers returns what a browser is told about the page: what it may do, and that it must ask each time whether
// its copy is up to date. CloudFront adds Strict-Transport-Security.
func (p Page) headers(tag string) map[string]string {
	return map[string]string{
		"Content-Type":                 "text/html; charset=utf-8",
		"Cache-Control":                "no-cache",
		"ETag":                         `"` + tag + `"`,
		"Vary":                         "Accept-Encoding",
		"Content-Security-Policy":      p.Policy,
		"X-Content-Type-Options":       "nosniff",
		"X-Frame-Options":              "DENY", // for browsers that do not know frame-ancestors
		"Referrer-Policy":              "no-referrer",
		"Cross-Origin-Opener-Policy":   "same-origin",
		"Cross-Origin-Resource-Policy": "same-origin",
		"Permissions-Policy":           "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
	}
}

// acceptsGzip reports whether an Accept-Encoding names gzip and does not rule it out.
func acceptsGzip(accept string) bool {
	for coding := range strings.SplitSeq(strings.ToLower(accept), ",") {
		name, weight, weighted := strings.Cut(strings.ReplaceAll(coding, " ", ""), ";")
		if name == "gzip" {
			return !weighted || strings.Trim(strings.TrimPrefix(weight, "q="), "0.") != ""
		}
	}
	return false
}
