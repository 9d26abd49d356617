package api_test

import (
	"encoding/base64"
	"io"
	"net/http"
	"net/url"
	"strings"

	"keepsake/shared/api"
)

// request returns the event as the client sent it; false if its body is unknown, because the
// gateway's own encoding of it is broken.
func (p endpoint) request(event api.Event) (*http.Request, bool) {
	path, escaped := p.path, p.path
	for name, value := range event.PathParameters {
		if name == "name" { // as the edge function writes it
			if sent, err := url.PathUnescape(strings.ReplaceAll(value, "~", "%")); err == nil {
				value = sent
			}
		}
		path = strings.ReplaceAll(path, "{"+name+"}", value)
		escaped = strings.ReplaceAll(escaped, "{"+name+"}", url.PathEscape(value))
	}
	query := url.Values{}
	for name, value := range event.QueryStringParameters {
		query.Set(name, value)
	}
	raw := event.RawQueryString
	if raw == "" {
		raw = query.Encode()
	}
	body, readable := []byte(event.Body), true
	if event.IsBase64Encoded {
		var err error
		body, err = base64.StdEncoding.DecodeString(event.Body)
		readable = err == nil
	}
	r := &http.Request{
		Method: p.method,
		URL:    &url.URL{Scheme: "https", Host: "keepsake.example.com", Path: path, RawPath: escaped, RawQuery: raw},
		Header: http.Header{},
		Body:   http.NoBody,
	}
	for name, value := range event.Headers {
		r.Header.Set(name, value)
	}
	if len(body) > 0 {
		r.Body, r.ContentLength = io.NopCloser(strings.NewReader(string(body))), int64(len(body))
		r.Header.Set("Content-Type", "application/json") // whatever a client calls it, that is how it is read
	}
	return r, readable
}

func httpResponse(response api.Result) *http.Response {
	r := &http.Response{StatusCode: response.StatusCode, Header: http.Header{}, Body: http.NoBody}
	for name, value := range response.Headers {
		r.Header.Set(name, value)
	}
	if response.Body != "" {
		r.Body = io.NopCloser(strings.NewReader(response.Body))
	}
	return r
}
