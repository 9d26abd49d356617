// Package service calls a Keepsake service as a person means it: by names, with waits and retries, and with errors
// that say what to do.
package service

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"keepsake/infra/cli/client"
)

const (
	// timeout is for one try. The service itself gives up after 29 seconds.
	timeout = 35 * time.Second
	// largest is the largest response that is read, in bytes. A page of a list has 4 MiB.
	largest = 16 << 20
)

// Credential is what the service is shown, anew with each request.
type Credential interface {
	// Bearer returns a token.
	Bearer(context.Context) (string, error)
	// From says where the token comes from, such as "KEEPSAKE_TOKEN".
	From() string
}

// Config says which service is called, and as whom.
type Config struct {
	Address    string // such as https://d111.cloudfront.net; with /v1 or without
	Credential Credential
	Workspace  string // for a token of several workspaces, else ""
	Agent      string // the User-Agent header

	Tell func(format string, args ...any) // says on the terminal why it takes long; nil: nobody listens
	Wait Wait                             // nil: Sleep
	Once bool                             // no second try: who calls has another way
}

// Service is one Keepsake service.
type Service struct {
	api        *client.Client
	address    string
	credential Credential
	wait       Wait
}

// New returns a service. It sends nothing yet. An address that is not a service's is a Failure.
func New(c Config) (*Service, error) {
	address, err := Address(c.Address)
	if err != nil {
		return nil, err
	}
	if c.Wait == nil {
		c.Wait = Sleep
	}
	if c.Tell == nil {
		c.Tell = func(string, ...any) {}
	}
	waits := patient{next: &timed{http.DefaultTransport}, wait: c.Wait, tell: c.Tell, tries: tries}
	if c.Once {
		waits.tries = 1
	}
	caller := &http.Client{
		Transport: waits,
		// A redirect would send the token elsewhere, and a POST as a GET.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	s := &Service{address: address, credential: c.Credential, wait: c.Wait}
	s.api, err = client.NewClient(address, client.WithHTTPClient(caller), client.WithRequestEditorFn(
		func(ctx context.Context, r *http.Request) error {
			bearer, err := c.Credential.Bearer(ctx)
			if err != nil {
				return err
			}
			r.Header.Set("Authorization", "Bearer "+bearer)
			r.Header.Set("User-Agent", c.Agent)
			if c.Workspace != "" {
				r.Header.Set("Akua-Context", c.Workspace)
			}
			return nil
		}))
	return s, err
}

// Address returns the address of a service without /v1, checked. Plain http is for this machine alone: everybody on
// the way could read the token.
func Address(text string) (string, error) {
	u, err := url.Parse(strings.TrimSuffix(strings.TrimSuffix(text, "/"), "/v1"))
	wrong := Fail(Failed, "the address is not a URL such as https://d111111abcdef8.cloudfront.net")
	switch {
	case err != nil, u.Host == "", u.User != nil, u.RawQuery != "", u.Fragment != "":
		return "", wrong
	case u.Scheme == "http" && !loopback(u.Hostname()):
		return "", Fail(Failed, "the address must begin with https://: over http everybody on the way could read the token")
	case u.Scheme != "http" && u.Scheme != "https":
		return "", wrong
	}
	return strings.TrimSuffix(u.String(), "/"), nil
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// timed gives up on a try that takes too long, until its response's header is there.
type timed struct{ next http.RoundTripper }

// RoundTrip sends one request.
func (t *timed) RoundTrip(r *http.Request) (*http.Response, error) {
	ctx, cancel := context.WithTimeout(r.Context(), timeout)
	response, err := t.next.RoundTrip(r.WithContext(ctx))
	if err != nil {
		cancel()
		return nil, err
	}
	response.Body = &ending{response.Body, cancel}
	return response, nil
}

// ending cancels the request's context when the body is closed.
type ending struct {
	io.ReadCloser
	cancel context.CancelFunc
}

// Close closes the body.
func (e *ending) Close() error {
	defer e.cancel()
	return e.ReadCloser.Close()
}

// answer reads a response into a T. Each status but 2xx and 304 is a Failure.
func answer[T any](s *Service, response *http.Response, err error) (body T, header http.Header, failure error) {
	if err != nil {
		return body, nil, s.unreachable(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(io.LimitReader(response.Body, largest))
	if err != nil {
		return body, nil, s.unreachable(err)
	}
	if response.StatusCode == http.StatusNotModified {
		return body, response.Header, errUnchanged
	}
	if response.StatusCode >= 300 {
		var said client.Errors
		_ = json.Unmarshal(text, &said) // if it is not in our form, there are no errors in it
		return body, response.Header, s.refusal(response, said.Errors)
	}
	if len(text) > 0 && json.Unmarshal(text, &body) != nil {
		// The error of Unmarshal could quote a value.
		return body, nil, Fail(Failed, "the service at %s answers in a form that is not Keepsake's: is the address right?", s.address)
	}
	return body, response.Header, nil
}

// errUnchanged says that the version that the caller has is current.
var errUnchanged = errors.New("unchanged")

// unreachable is the Failure of a request without a response.
func (s *Service) unreachable(err error) error {
	var known *Failure
	if errors.As(err, &known) { // the credential's
		return known
	}
	if errors.Is(err, context.Canceled) {
		return &Failure{Kind: Failed, Message: "interrupted", cause: err}
	}
	cause := err
	if u := new(url.Error); errors.As(err, &u) {
		cause = u.Err
	}
	return &Failure{
		Kind: Failed, Away: true, cause: err,
		Message: "the service at " + s.address + " does not answer: " + cause.Error(),
		Help:    "Check the address (keepsake whoami shows it) and the network.",
	}
}
