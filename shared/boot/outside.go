package boot

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"os"

	"keepsake/shared/auth"
	"keepsake/shared/hcloud"
)

// jwts returns the verifier of JWTs from the issuer that the environment names. If it names none, jwts
// returns nil, and every JWT is refused. An issuer with only some of its variables is a mistake: a
// token would be accepted, or refused, for the wrong reason.
func (e *Env) jwts() *auth.JWTs {
	given, err := isIssuerGiven(os.Getenv)
	if err != nil {
		e.faults = append(e.faults, err)
	}
	if !given {
		return nil
	}
	e.readRoots()
	return auth.NewJWTs(auth.Issuer{
		Name: os.Getenv("JWT_ISSUER"), Audience: os.Getenv("JWT_AUDIENCE"), KeysURL: e.address("JWT_JWKS_URL"),
	})
}

// CheckOutside checks the variables that name other services, as a function that starts with them
// would. The local stack calls it before it starts any function.
func CheckOutside(getenv func(string) string) error {
	if _, err := isIssuerGiven(getenv); err != nil {
		return err
	}
	for _, name := range []string{"JWT_JWKS_URL", "HCLOUD_URL"} {
		if text := getenv(name); text != "" {
			if err := checkAddress(text); err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
		}
	}
	return nil
}

func isIssuerGiven(getenv func(string) string) (bool, error) {
	name, audience, keys := getenv("JWT_ISSUER"), getenv("JWT_AUDIENCE"), getenv("JWT_JWKS_URL")
	switch {
	case name == "" && audience == "" && keys == "":
		return false, nil
	case name == "" || audience == "" || keys == "":
		return false, errors.New("JWT_ISSUER, JWT_AUDIENCE and JWT_JWKS_URL belong together: set all or none")
	}
	return true, nil
}

// SignIn is how people get a token from the issuer, for the console. The zero value: they paste one.
type SignIn struct {
	Issuer, ClientID, Audience, Scope, TokenOrigin string
}

// SignIn returns how people sign in. Without a client's id they do not.
func (e *Env) SignIn() SignIn {
	given, err := isIssuerGiven(os.Getenv)
	if err != nil {
		e.faults = append(e.faults, err)
	}
	client := os.Getenv("CONSOLE_CLIENT_ID")
	if client == "" {
		return SignIn{}
	}
	if !given {
		e.faults = append(e.faults, errors.New("CONSOLE_CLIENT_ID: there is no issuer to sign in with"))
		return SignIn{}
	}
	s := SignIn{Issuer: e.address("JWT_ISSUER"), ClientID: client, Audience: os.Getenv("JWT_AUDIENCE"), Scope: e.Var("CONSOLE_SCOPE")}
	if os.Getenv("CONSOLE_TOKEN_ORIGIN") != "" {
		s.TokenOrigin = e.address("CONSOLE_TOKEN_ORIGIN")
	}
	return s
}

// HCloud returns a client of the Hetzner Cloud API.
func (e *Env) HCloud() hcloud.Client {
	e.readRoots()
	return hcloud.Client{BaseURL: e.address("HCLOUD_URL")}
}

// readRoots reads the system's roots while the function starts: they verify services that are not AWS's. In
// a request that would take 50 ms.
func (e *Env) readRoots() { e.Warm(func(context.Context) { _, _ = x509.SystemCertPool() }) }

// address returns an environment variable that must be the URL of another service.
func (e *Env) address(name string) string {
	text := e.Var(name)
	if text == "" {
		return ""
	}
	if err := checkAddress(text); err != nil {
		e.faults = append(e.faults, fmt.Errorf("%s: %w", name, err))
	}
	return text
}

// checkAddress refuses a URL without TLS: anybody who can change the response can forge keys, and
// anybody who can read the request has the token. A loopback address needs no TLS.
func checkAddress(text string) error {
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || u.User != nil || u.Fragment != "" {
		return errors.New("must be the URL of a service, like https://api.example.com/v1")
	}
	ip, err := netip.ParseAddr(u.Hostname())
	here := u.Hostname() == "localhost" || err == nil && ip.IsLoopback()
	if u.Scheme != "https" && (u.Scheme != "http" || !here) {
		return errors.New("must begin with https://")
	}
	return nil
}
