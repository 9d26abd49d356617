package api

import (
	"context"
	"net/http"
)

// Page is an HTML document for browsers.
type Page struct {
	Document []byte
	Policy   string // its Content-Security-Policy
}

// GetConsole returns the page for people. It asks for no credential and calls no backend: the page asks the
// person for a token and calls the API with it.
func GetConsole(e Edge, p Page) Handler {
	headers := map[string]string{
		"Content-Type":                 "text/html; charset=utf-8",
		"Cache-Control":                "no-cache",
		"Content-Security-Policy":      p.Policy,
		"X-Content-Type-Options":       "nosniff",
		"X-Frame-Options":              "DENY",
		"Referrer-Policy":              "no-referrer",
		"Cross-Origin-Opener-Policy":   "same-origin",
		"Cross-Origin-Resource-Policy": "same-origin",
		"Permissions-Policy":           "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
	}
	return e.open("get-console", func(context.Context, *Call) (Response, error) {
		return Response{status: http.StatusOK, body: p.Document, headers: headers}, nil
	})
}
