// Package hcloud asks the Hetzner Cloud API whether a token is valid.
package hcloud

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"

	"keepsake/shared/fault"
	"keepsake/shared/secret"
)

const (
	// timeout is how long we wait for the provider.
	timeout = 2 * time.Second
	// question is the cheapest read that needs a token: a list of one, the same for every customer.
	question = "/locations?per_page=1"
	// maxToken is longer than any of their tokens (64 letters and digits). Many servers refuse
	// a longer header, so we do not send it.
	maxToken = 1024
	// maxRest is how many bytes of a response we read, to reuse its connection.
	maxRest = 64 << 10
)

// Why a token is not valid. We do not pass on the provider's words: they may hold anything.
const (
	reasonMalformed = "the value is not shaped like a Hetzner Cloud API token"
	reasonRefused   = "Hetzner Cloud refuses the token"
	reasonForbidden = "Hetzner Cloud does not let the token read"
)

// Client asks the Hetzner Cloud API at BaseURL, such as https://api.hetzner.cloud/v1.
type Client struct {
	BaseURL string
	// HTTP makes the requests; nil: http.DefaultTransport. It is not a client, because a client
	// follows redirects: the token goes to BaseURL and nowhere else.
	HTTP http.RoundTripper
}

// Validate reports whether token is valid, and if not, why. Unavailable if the provider does not
// say: no response within two seconds, its own error, a rate limit. One request, which changes
// nothing there. No result contains the token.
func (c Client) Validate(ctx context.Context, token secret.Value) (valid bool, reason string, err error) {
	if !wellFormed(token.Bytes()) {
		return false, reasonMalformed, nil
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, c.BaseURL+question, nil)
	if err != nil {
		return false, "", fmt.Errorf("hcloud: %w", err)
	}
	request.Header.Set("Authorization", "Bearer "+string(token.Bytes()))
	response, err := c.transport().RoundTrip(request)
	if err != nil {
		return false, "", unavailable(describe(ctx, err))
	}
	defer response.Body.Close()
	_, _ = io.CopyN(io.Discard, response.Body, maxRest)
	switch status := response.StatusCode; {
	case status >= 200 && status < 300:
		return true, "", nil
	case status == http.StatusUnauthorized:
		return false, reasonRefused, nil
	case status == http.StatusForbidden:
		return false, reasonForbidden, nil
	default:
		return false, "", unavailable(fmt.Errorf("it answers %d", status))
	}
}

func (c Client) transport() http.RoundTripper {
	if c.HTTP == nil {
		return http.DefaultTransport
	}
	return c.HTTP
}

// wellFormed reports whether token can stand in a header: visible ASCII, and not too long.
func wellFormed(token []byte) bool {
	for _, b := range token {
		if b <= ' ' || b > '~' {
			return false
		}
	}
	return len(token) > 0 && len(token) <= maxToken
}

func unavailable(cause error) error {
	return fault.NewUnavailable(fmt.Errorf("hcloud: %w", cause))
}

// describe says why no response came. If an error may quote what the server sent, it gives only
// the type: a broken server can send back what it got, with the token.
func describe(ctx context.Context, err error) error {
	var network *net.OpError
	var certificate *tls.CertificateVerificationError
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.As(err, &network):
		return network
	case errors.As(err, &certificate):
		return certificate
	}
	return fmt.Errorf("no answer: a %T", err)
}
