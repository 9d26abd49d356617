package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"unicode"

	"keepsake/infra/ops/internal/columns"
	"keepsake/infra/ops/internal/environment"
	"keepsake/infra/ops/internal/table"
	"keepsake/shared/auth"
)

const (
	claimPrefix = "CLAIM_"
	// maxPattern is the longest audience, pattern or name of a claim, in bytes.
	maxPattern = 700
)

// trust makes a trust and prints its id.
func (t tool) trust(ctx context.Context) error {
	rule, err := t.readRule()
	if err != nil {
		return err
	}
	if t.env.Get("SCOPES") == "" {
		return fmt.Errorf("SCOPES is not set: say what these tokens may do, from %s", join(auth.Scopes))
	}
	grant, err := readGrant(t.env, t.now)
	if err != nil {
		return err
	}
	found, err := table.Find(ctx, t.env, table.Tokens)
	if err != nil {
		return err
	}
	if err := checkIssuerOf(found, rule.Issuer); err != nil {
		return err
	}
	if grant.CreatedBy, err = found.Caller(ctx); err != nil {
		return err
	}
	made, err := auth.NewRegistry(found.DB, found.Name).Trust(ctx, rule, grant)
	switch {
	case errors.Is(err, auth.ErrTooManyTrusts):
		return fmt.Errorf("%w: end one first (make trusts%s lists them), or let one pattern stand for several", err, t.env.Stack())
	case errors.Is(err, auth.ErrLongTrust):
		return fmt.Errorf("%w: shorten its patterns or its DESCRIPTION", err)
	case err != nil:
		return found.Explain(err)
	}
	_, _ = fmt.Fprintf(t.notes, "%s, %s: whoever has a token of %s for %s, whose %s, may %s in %s. It is in effect within 60 seconds. To end it: make end-trust TRUST_ID=%s%s\n",
		made.ID, expiry(grant), rule.Issuer, rule.Audience, conditions(rule), join(grant.Scopes), places(grant), made.ID, t.env.Stack())
	_, err = fmt.Fprintln(t.out, made.ID)
	return err
}

// conditions says what else a token must have, for people.
func conditions(rule auth.Rule) string {
	words := "sub is " + rule.Subject
	for _, name := range slices.Sorted(maps.Keys(rule.Claims)) {
		words += ", and whose " + name + " is " + rule.Claims[name]
	}
	return words
}

// readRule reads whose tokens are to be trusted. An error names the variable that is wrong.
func (t tool) readRule() (auth.Rule, error) {
	rule := auth.Rule{Issuer: t.env.Get("ISSUER"), Audience: t.env.Get("AUDIENCE"), Subject: t.env.Get("SUB")}
	for _, name := range []string{"ISSUER", "AUDIENCE", "SUB"} {
		if t.env.Get(name) == "" {
			return rule, fmt.Errorf("%s is not set: make trust ISSUER=https://… AUDIENCE=keepsake SUB=… WORKSPACE=ws_x SCOPES=\"secrets:read …\"", name)
		}
		if err := checkText(t.env.Get(name)); err != nil {
			return rule, fmt.Errorf("%s %w", name, err)
		}
	}
	if err := auth.CheckIssuer(rule.Issuer); err != nil {
		return rule, fmt.Errorf("ISSUER: %q %w", rule.Issuer, err)
	}
	if err := checkAudience(rule); err != nil {
		return rule, err
	}
	if err := checkSubject(rule.Subject, t.env); err != nil {
		return rule, err
	}
	var err error
	rule.Claims, err = t.readClaims()
	return rule, err
}

func checkText(text string) error {
	if len(text) > maxPattern || strings.ContainsFunc(text, unicode.IsControl) {
		return fmt.Errorf("must be one line of at most %d bytes", maxPattern)
	}
	return nil
}

// checkAudience refuses an audience that others check, too: whoever gets a token for it could pass it on to us.
func checkAudience(rule auth.Rule) error {
	switch {
	case strings.Contains(rule.Audience, "*"):
		return errors.New("AUDIENCE is no pattern: name the one audience that the tokens are for, such as keepsake")
	case rule.Audience == rule.Issuer:
		return errors.New("AUDIENCE is the issuer itself, which every service accepts that trusts its tokens: have tokens made for an audience of their own, such as keepsake")
	case rule.Audience == "sts.amazonaws.com":
		return errors.New("AUDIENCE is AWS's: whoever gets such a token could use it here. Have tokens made for an audience of their own, such as keepsake")
	}
	return nil
}

func checkSubject(subject string, env environment.Lookup) error {
	if value, set := env("EVERYBODY"); set {
		if value != "1" {
			return fmt.Errorf("EVERYBODY: %q is not 1: set it to 1 if SUB is to let in everybody, or leave it out", value)
		}
		return nil
	}
	if auth.LetsInEverybody(subject) {
		return fmt.Errorf("SUB: %q lets in everybody whom the issuer knows, or whoever chooses a name that fits: write the owner's name to its end before the first *, like repo:acme/*, or set EVERYBODY=1 if you mean everybody", subject)
	}
	return nil
}

// readClaims reads CLAIM_x=pattern, for names that a variable can have, and CLAIMS, a list of name=pattern, for others.
func (t tool) readClaims() (map[string]string, error) {
	claims := map[string]string{}
	add := func(variable, name, pattern string) error {
		_, twice := claims[name]
		switch {
		case name == "" || pattern == "":
			return fmt.Errorf("%s is blank: it must name a claim and say what it is", variable)
		case twice:
			return fmt.Errorf("%s: the claim %s is there twice", variable, name)
		case slices.Contains([]string{"iss", "aud", "sub", "exp", "nbf", "iat"}, name):
			return fmt.Errorf("%s: %s has a variable of its own, or is checked anyway", variable, name)
		}
		if err := checkText(name + pattern); err != nil {
			return fmt.Errorf("%s %w", variable, err)
		}
		claims[name] = pattern
		return nil
	}
	for _, variable := range t.names {
		if name, ok := strings.CutPrefix(variable, claimPrefix); ok {
			if err := add(variable, name, t.env.Get(variable)); err != nil {
				return nil, err
			}
		}
	}
	for _, word := range strings.Fields(t.env.Get("CLAIMS")) {
		name, pattern, _ := strings.Cut(word, "=")
		if err := add("CLAIMS", name, pattern); err != nil {
			return nil, err
		}
	}
	return claims, t.env.RefuseBlank("CLAIMS")
}

// checkIssuerOf refuses an issuer by which nobody would be let in: functions in AWS cannot reach it, or the stack
// takes its tokens in another way already.
func checkIssuerOf(found table.Table, issuer string) error {
	switch {
	case found.Account == nil:
		return nil
	case found.Stack != nil && found.Stack.Parameters["JwtIssuer"] == issuer:
		return errors.New("ISSUER is the stack's JwtIssuer, whose tokens say themselves where they may act: deploy with PARAMS=\"JwtIssuer= JwtAudience= JwtJwksUrl=\" first")
	}
	return checkReachable(issuer)
}

// checkReachable refuses an issuer that functions in AWS cannot ask for its keys.
func checkReachable(issuer string) error {
	u, err := url.Parse(issuer)
	if err != nil {
		return fmt.Errorf("ISSUER: %w", err)
	}
	host := u.Hostname()
	ip, err := netip.ParseAddr(host)
	private := err == nil && (ip.IsPrivate() || ip.IsLoopback() || ip.IsLinkLocalUnicast() || ip.IsUnspecified())
	last := host[strings.LastIndex(host, ".")+1:]
	if private || err != nil && (last == host || slices.Contains([]string{"local", "localhost", "svc", "internal"}, last)) {
		return fmt.Errorf("ISSUER: the functions cannot reach %s: the issuer must publish its keys on the internet", host)
	}
	return nil
}

// trusts prints every trust, good, expired or ended; with WORKSPACE only those for it.
func (t tool) trusts(ctx context.Context) error {
	acts, err := t.inWorkspace()
	if err != nil {
		return err
	}
	found, err := table.Find(ctx, t.env, table.Tokens)
	if err != nil {
		return err
	}
	trusts, err := auth.NewRegistry(found.DB, found.Name).ListTrusts(ctx)
	if err != nil {
		return found.Explain(err)
	}
	var rows [][]string
	for _, trust := range trusts {
		if acts(trust.Grant) {
			rows = append(rows, []string{
				trust.ID, stateOf(trust.Grant, trust.EndedAt, "ended", t.now), places(trust.Grant), join(trust.Scopes),
				trust.Issuer, "for " + trust.Audience, conditions(trust.Rule), expiry(trust.Grant), historyOf(trust.Grant, "ended", trust.EndedAt, trust.EndedBy),
			})
		}
	}
	if len(rows) == 0 {
		_, _ = fmt.Fprintln(t.notes, "there are no trusts: make trust makes one")
	}
	return columns.Write(t.out, rows)
}

// endTrust ends the trust whose id is in TRUST_ID.
func (t tool) endTrust(ctx context.Context) error {
	id := t.env.Get("TRUST_ID")
	if !auth.IsTrustID(id) {
		return errors.New("TRUST_ID must be the id of a trust, tru_ and 20 digits (0-9a-f): make trusts lists the ids")
	}
	found, err := table.Find(ctx, t.env, table.Tokens)
	if err != nil {
		return err
	}
	caller, err := found.Caller(ctx)
	if err != nil {
		return err
	}
	trust, err := auth.NewRegistry(found.DB, found.Name).EndTrust(ctx, id, caller, t.now)
	if errors.Is(err, auth.ErrNoTrust) {
		return fmt.Errorf("TRUST_ID: this stack has no trust %s: make trusts%s lists those it has", id, t.env.Stack())
	}
	if err != nil {
		return found.Explain(err)
	}
	_, err = fmt.Fprintf(t.out, "%s of %s was ended at %s by %s: 60 seconds later no function lets anybody in by it\n",
		trust.ID, places(trust.Grant), columns.Time(trust.EndedAt), trust.EndedBy)
	return err
}
