package main

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"keepsake/infra/ops/internal/environment"
	"keepsake/infra/ops/internal/table"
	"keepsake/shared/audit"
	"keepsake/shared/secret"
)

const (
	// defaultWait is how long the stream and the indexes may take to show a change. On AWS they take seconds.
	defaultWait = time.Minute
	// defaultScheduleWait is enough even if a run of the schedule is missed: it runs each minute. A stack on
	// this machine, which is checked often and in seconds, is not waited for.
	defaultScheduleWait = 3 * time.Minute
)

// settings is what the environment says.
type settings struct {
	base      string // scheme, host and /v1
	token     string
	workspace string // only for a token that may act in several
	direct    string // the gateway's own address, without a path; may be empty
	wait      time.Duration
	trail     trail  // nil: no audit table is named
	owner     *owner // nil: no stack is named

	scheduleWait time.Duration // 0: do not wait for the schedule
}

// trail reads a secret's audit trail.
type trail func(context.Context, secret.Ref) ([]audit.Line, error)

// readSettings reads the environment. An error names the variable that is wrong, and never contains the
// token.
func readSettings(ctx context.Context, env environment.Lookup) (settings, error) {
	s := settings{token: env.Get("TOKEN"), workspace: env.Get("WORKSPACE")}
	var err error
	if s.base, err = readBase(env.Get("URL")); err != nil {
		return s, err
	}
	switch {
	case s.token == "":
		return s, errors.New("TOKEN is not set: make token prints one; it must have all three scopes")
	case strings.ContainsFunc(s.token, func(r rune) bool { return r <= ' ' || r > '~' }):
		return s, errors.New("TOKEN: it contains a space or a line break: set it to the token alone")
	}
	if s.direct, err = readDirect(env.Get("DIRECT_URL")); err != nil {
		return s, err
	}
	if err = s.readWaits(env); err != nil {
		return s, err
	}
	if err = env.RefuseBlank("STACK"); err != nil {
		return s, err
	}
	return s, s.readOwner(ctx, env)
}

// readOwner finds the audit table and the stack, if the environment names them: the contract does not show
// them.
func (s *settings) readOwner(ctx context.Context, env environment.Lookup) error {
	if env.Get("STACK") == "" && env.Get(table.Audit.Variable) == "" {
		return nil
	}
	found, err := table.Find(ctx, env, table.Audit)
	if err != nil {
		return err
	}
	s.trail = trailAt(found)
	if found.Stack != nil {
		s.owner, err = newOwner(found)
	}
	return err
}

func (s *settings) readWaits(env environment.Lookup) (err error) {
	if s.wait, err = readWait(env, "WAIT", defaultWait); err != nil {
		return err
	}
	wait := defaultScheduleWait
	if u, err := url.Parse(s.base); err == nil && isLoopback(u.Hostname()) {
		wait = 0
	}
	s.scheduleWait, err = readWait(env, "SCHEDULE_WAIT", wait)
	return err
}

func readWait(env environment.Lookup, variable string, fallback time.Duration) (time.Duration, error) {
	text := env.Get(variable)
	if text == "" {
		return fallback, nil
	}
	wait, err := time.ParseDuration(text)
	if err != nil || wait <= 0 {
		return 0, fmt.Errorf("%s: %q is not a duration: write 60s or 2m", variable, text)
	}
	return wait, nil
}

// readBase checks the address under test.
func readBase(text string) (string, error) {
	if text == "" {
		return "", errors.New("URL is not set: make smoke URL=https://d123.cloudfront.net/v1")
	}
	u, err := readAddress("URL", text)
	switch {
	case err != nil:
		return "", err
	case strings.HasSuffix(u.Path, "/"):
		return "", fmt.Errorf("URL: %q ends with a slash: it must end with /v1", text)
	case u.Path != "/v1":
		return "", fmt.Errorf("URL: %q must end with /v1, right after the host", text)
	}
	return text, nil
}

func readDirect(text string) (string, error) {
	if text == "" {
		return "", nil
	}
	u, err := readAddress("DIRECT_URL", text)
	if err != nil {
		return "", err
	}
	if u.Path != "" && u.Path != "/" {
		return "", fmt.Errorf("DIRECT_URL: %q has a path: leave it out, as in https://id.execute-api.region.amazonaws.com", text)
	}
	return strings.TrimSuffix(text, "/"), nil
}

// readAddress takes https, and http only to this machine: to others the token would travel in the clear.
func readAddress(variable, text string) (*url.URL, error) {
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http":
		return nil, fmt.Errorf("%s: %q is not an address: write https://host/v1", variable, text)
	case u.User != nil || u.RawQuery != "" || u.Fragment != "":
		return nil, fmt.Errorf("%s: write nothing but a scheme, a host and a path", variable)
	case u.Scheme == "http" && !isLoopback(u.Hostname()):
		return nil, fmt.Errorf("%s: %q would send the token in the clear: use https://", variable, text)
	}
	return u, nil
}

func isLoopback(host string) bool {
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.IsLoopback()
}

func trailAt(found table.Table) trail {
	read := audit.NewReader(found.DB, found.Name).Read
	return func(ctx context.Context, ref secret.Ref) ([]audit.Line, error) {
		lines, err := read(ctx, ref)
		return lines, found.Explain(err)
	}
}
