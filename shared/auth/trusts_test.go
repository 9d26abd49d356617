package auth_test

import (
	"encoding/base64"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"keepsake/infra/cloud/wire"
	"keepsake/shared/auth"
	"keepsake/shared/auth/authtest"
	"keepsake/shared/fault"
)

// trusting is a table of trusts, one container of a function, and the hosts that it can reach.
type trusting struct {
	registered
	internet  *authtest.Internet
	container *auth.Trusts
}

func trust(t *testing.T) *trusting {
	t.Helper()
	r := &trusting{registered: register(t), internet: authtest.NewInternet(t)}
	r.restart()
	return r
}

// restart makes a container that has read nothing.
func (r *trusting) restart() { r.container = auth.NewTrusts(r.db, r.table, r.internet.Transport) }

// issuer puts a shape's issuer on the internet.
func (r *trusting) issuer(s authtest.Shape) *authtest.Issuer {
	r.t.Helper()
	i := authtest.NewIssuer(r.t, s.Issuer, s.KeysPath, s.Algorithm)
	u, err := url.Parse(s.Issuer)
	if err != nil {
		r.t.Fatal(err)
	}
	r.internet.Add(u.Host, i)
	return i
}

func (r *trusting) trust(rule auth.Rule, g auth.Grant) auth.Trust {
	r.t.Helper()
	made, err := r.owner.Trust(r.t.Context(), rule, g)
	if err != nil {
		r.t.Fatal(err)
	}
	return made
}

func (r *trusting) end(id string, now time.Time) auth.Trust {
	r.t.Helper()
	ended, err := r.owner.EndTrust(r.t.Context(), id, "ada", now)
	if err != nil {
		r.t.Fatal(err)
	}
	return ended
}

func (r *trusting) listTrusts() []auth.Trust {
	r.t.Helper()
	trusts, err := r.owner.ListTrusts(r.t.Context())
	if err != nil {
		r.t.Fatal(err)
	}
	return trusts
}

func (r *trusting) ask(token string, now time.Time) (auth.Principal, error) {
	return r.container.Authenticate(r.t.Context(), "Bearer "+token, now)
}

// use returns the caller's id, or the error's code.
func (r *trusting) use(token string, now time.Time) string {
	p, err := r.ask(token, now)
	if err != nil {
		return string(fault.KindOf(err))
	}
	return p.ID
}

// wantRefused checks that a token is nobody's, for this reason.
func (r *trusting) wantRefused(token string, now time.Time, why string) {
	r.t.Helper()
	p, err := r.ask(token, now)
	if fault.KindOf(err) != fault.Unauthenticated || !strings.Contains(err.Error(), why) {
		r.t.Errorf("%+v, %v; want refused: %s", p, err, why)
	}
}

// github is a container that trusts GitHub's tokens of one shape, and what signs a token with changed claims.
func github(t *testing.T) (*trusting, *authtest.Issuer, auth.Trust, func(changes map[string]any) string) {
	t.Helper()
	r, shape := trust(t), authtest.Shapes[0]
	i := r.issuer(shape)
	made := r.trust(shape.From(i.Name), grant)
	return r, i, made, func(changes map[string]any) string {
		claims := shape.Claims(i.Name, start)
		for name, value := range changes {
			claims[name] = value
			if value == nil {
				delete(claims, name)
			}
		}
		return i.Sign("k1", claims)
	}
}

func TestATokenAsItsIssuerWritesItIsLetInByItsTrustAndByNothingElse(t *testing.T) {
	for _, shape := range authtest.Shapes {
		t.Run(shape.Name, func(t *testing.T) {
			r := trust(t)
			i := r.issuer(shape)
			token := i.Sign("k1", shape.Claims(i.Name, start))
			r.wantRefused(token, start, "no trust names its issuer")
			if asked := r.internet.Asked(); len(asked) != 0 {
				t.Errorf("an issuer that no trust names was asked: %q", asked)
			}
			g := auth.Grant{Workspace: "ws_a", Scopes: []auth.Scope{auth.Read, auth.Access}}
			made := r.trust(shape.From(i.Name), g)
			r.restart()
			p, err := r.ask(token, start)
			claims := shape.Claims(i.Name, start)
			if err != nil || p.ID != made.ID+":"+claims["sub"].(string) || p.Workspace != "ws_a" || len(p.Workspaces) != 0 ||
				!slices.Equal(p.Scopes, g.Scopes) || p.ExpiresAt.Unix() != claims["exp"] {
				t.Fatalf("%+v, %v", p, err)
			}
			if asked := i.Asked(); !slices.Equal(asked, []string{"GET " + i.Discovery(), "GET " + i.KeysPath}) {
				t.Errorf("the issuer was asked %q", asked)
			}
		})
	}
}

func TestEachPartOfARuleKeepsOutTheTokenThatDiffersInIt(t *testing.T) {
	for _, shape := range authtest.Shapes {
		t.Run(shape.Name, func(t *testing.T) {
			r := trust(t)
			i := r.issuer(shape)
			token := i.Sign("k1", shape.Claims(i.Name, start))
			for name, c := range map[string]struct {
				change func(*auth.Rule)
				why    string
			}{
				"audience": {func(rule *auth.Rule) { rule.Audience += "x" }, "its aud is that of no trust"},
				"subject":  {func(rule *auth.Rule) { rule.Subject = "x" + rule.Subject }, "its sub fits no trust"},
				"claim": {func(rule *auth.Rule) {
					rule.Claims = maps.Clone(rule.Claims)
					for name := range rule.Claims {
						rule.Claims[name] = "x"
					}
				}, "a claim that a trust asks for is missing, or differs"},
				"missing claim": {func(rule *auth.Rule) { rule.Claims = map[string]string{"nothing": "*"} }, "a claim that a trust asks for is missing, or differs"},
			} {
				rule := shape.From(i.Name)
				c.change(&rule)
				made := r.trust(rule, grant)
				r.restart()
				if p, err := r.ask(token, start); fault.KindOf(err) != fault.Unauthenticated || !strings.Contains(err.Error(), c.why) {
					t.Errorf("%s: %+v, %v", name, p, err)
				}
				r.end(made.ID, start)
			}
		})
	}
}

func TestATrustedTokenIsForItsTimeAndNoOther(t *testing.T) {
	r, _, made, sign := github(t)
	at := func(offset time.Duration) int64 { return start.Add(offset).Unix() }
	for name, changes := range map[string]map[string]any{
		"expired":               {"exp": at(-61 * time.Second)},
		"no expiry":             {"exp": nil},
		"an expiry of text":     {"exp": "tomorrow"},
		"not yet valid":         {"nbf": at(61 * time.Second)},
		"issued in the future":  {"iat": at(61 * time.Second)},
		"no subject":            {"sub": nil},
		"an empty subject":      {"sub": ""},
		"a list of subjects":    {"sub": []string{"repo:octo-org/octo-repo:environment:prod"}},
		"no issuer":             {"iss": nil},
		"an issuer in capitals": {"iss": nil, "ISS": authtest.Shapes[0].Issuer},
		"no audience":           {"aud": nil},
		"client_id for aud":     {"aud": nil, "client_id": "keepsake"},
		"client_id beside aud":  {"aud": "other", "client_id": "keepsake", "token_use": "access"},
		"client_id, no aud":     {"aud": []string{}, "client_id": "keepsake", "token_use": "access"},
		"client_id, id token":   {"aud": nil, "client_id": "keepsake", "token_use": "id"},
	} {
		if p, err := r.ask(sign(changes), start); fault.KindOf(err) != fault.Unauthenticated {
			t.Errorf("%s: %+v, %v", name, p, err)
		}
	}
	for name, changes := range map[string]map[string]any{
		"expired for a minute":    {"exp": at(-time.Minute)},
		"not valid for a minute":  {"nbf": at(time.Minute)},
		"issued in a minute":      {"iat": at(time.Minute)},
		"without nbf and iat":     {"nbf": nil, "iat": nil},
		"one of several audience": {"aud": []string{"other", "keepsake"}},
	} {
		if p, err := r.ask(sign(changes), start); err != nil || !strings.HasPrefix(p.ID, made.ID) {
			t.Errorf("%s: %+v, %v", name, p, err)
		}
	}
}

func TestASubjectHasAnEndAndControlsNoTerminal(t *testing.T) {
	r, shape := trust(t), authtest.Shapes[0]
	i := r.issuer(shape)
	rule := shape.From(i.Name)
	rule.Subject = "*"
	r.trust(rule, grant)
	for subject, want := range map[string]bool{
		strings.Repeat("é", 700): true, strings.Repeat("é", 701): false, "a\x1b[2J": false, "a\nb": false, "a\u0085b": false, "": false, " ": true,
	} {
		claims := shape.Claims(i.Name, start)
		claims["sub"] = subject
		if p, err := r.ask(i.Sign("k1", claims), start); (err == nil) != want {
			t.Errorf("%.20q: %+v, %v", subject, p, err)
		}
	}
}

func TestAClaimFitsAsTextAsNumberAsTruthOrAsOneOfAList(t *testing.T) {
	shape := authtest.Shapes[0]
	r := trust(t)
	i := r.issuer(shape)
	claims := shape.Claims(i.Name, start)
	maps.Copy(claims, map[string]any{
		"text": "a:b", "number": 9007199254740993, "yes": true, "list": []string{"x", "y:z"}, "nothing": nil, "mixed": []any{"x", 1},
		"a": map[string]any{"b.c": "deep", "b": map[string]any{"d": "e"}}, "a.x": "flat", "Case": "k",
	})
	token := i.Sign("k1", claims)
	for _, c := range []struct {
		name, pattern string
		want          bool
	}{
		{"text", "a:b", true}, {"text", "a*", true}, {"text", "A:b", false}, {"number", "9007199254740993", true}, {"number", "9007199254740992", false},
		{"yes", "true", true}, {"yes", "false", false}, {"list", "y:*", true}, {"list", "z", false}, {"nothing", "*", false}, {"nothing", "null", false},
		{"mixed", "*", false}, {"a", "*", false}, {"a.b.c", "deep", true}, {"a.b.d", "e", true}, {"a.x", "flat", true}, {"a.y", "*", false},
		{"case", "k", false}, {".", "*", false},
	} {
		rule := shape.From(i.Name)
		rule.Claims = map[string]string{c.name: c.pattern}
		made := r.trust(rule, grant)
		r.restart()
		if _, err := r.ask(token, start); (err == nil) != c.want {
			t.Errorf("%s=%s: %v", c.name, c.pattern, err)
		}
		r.end(made.ID, start)
	}
}

func TestOfSeveralTrustsThatFitTheOneThatSaysMostDecides(t *testing.T) {
	shape := authtest.Shapes[0]
	r := trust(t)
	i := r.issuer(shape)
	token := i.Sign("k1", shape.Claims(i.Name, start))
	age := 0
	made := func(subject string, claims map[string]string) string {
		rule := shape.From(i.Name)
		rule.Subject, rule.Claims = subject, claims
		g := grant
		g.CreatedAt = start.Add(time.Duration(age) * time.Second)
		age++
		return r.trust(rule, g).ID
	}
	// Each says more than the one before.
	made("repo:octo-org/*", nil)
	made("repo:octo-org/*:environment:prod", nil)
	made("repo:octo-org/octo-repo:environment:prod*", map[string]string{"ref_type": "branch"})
	made("repo:octo-org/octo-repo:environment:prod", nil)
	made("repo:octo-org/octo-repo:environment:prod", map[string]string{"ref_type": "branch"})
	trusts := r.listTrusts()
	younger := made("repo:octo-org/octo-repo:environment:prod", map[string]string{"ref_type": "branch"})
	r.restart()
	for n := len(trusts) - 1; n >= 0; n-- {
		if got := r.use(token, start); !strings.HasPrefix(got, trusts[n].ID+":") {
			t.Errorf("of %d, %s decides, want %s", n+1, got, trusts[n].ID)
		}
		r.end(trusts[n].ID, start)
		if n == len(trusts)-1 {
			r.end(younger, start)
		}
		r.restart()
	}
}

func TestATrustIsInEffectWithinAMinuteAndEndsWithinOne(t *testing.T) {
	r, i, made, sign := github(t)
	token := sign(nil)
	id := made.ID + ":repo:octo-org/octo-repo:environment:prod"
	if got := r.use(token, start); got != id {
		t.Fatalf("at first: %s", got)
	}
	r.end(made.ID, start.Add(time.Second))
	if got := r.use(token, start.Add(44*time.Second)); got != id {
		t.Errorf("while the container still knows it: %s", got)
	}
	r.wantRefused(token, start.Add(60*time.Second), "no trust names its issuer")
	next := r.trust(authtest.Shapes[0].From(i.Name), grant)
	if got := r.use(token, start.Add(100*time.Second)); got != string(fault.Unauthenticated) {
		t.Errorf("before the container reads it: %s", got)
	}
	if got := r.use(token, start.Add(2*time.Minute)); !strings.HasPrefix(got, next.ID) {
		t.Errorf("a minute after: %s", got)
	}
	r.restart()
	if got := r.use(token, start); !strings.HasPrefix(got, next.ID) {
		t.Errorf("in a new container: %s", got)
	}
}

func TestATrustLetsInUntilItsExpiryAndThenItsIssuerIsNotAsked(t *testing.T) {
	r, shape := trust(t), authtest.Shapes[0]
	i := r.issuer(shape)
	g := grant
	g.ExpiresAt = start.Add(time.Minute)
	r.trust(shape.From(i.Name), g)
	token := i.Sign("k1", shape.Claims(i.Name, start))
	p, err := r.ask(token, start.Add(59*time.Second))
	if err != nil || !p.ExpiresAt.Equal(g.ExpiresAt) {
		t.Errorf("%+v, %v", p, err)
	}
	r.wantRefused(token, g.ExpiresAt, "no trust names its issuer")
	r.restart()
	before := len(i.Asked())
	r.wantRefused(token, g.ExpiresAt, "no trust names its issuer")
	if n := len(i.Asked()) - before; n != 0 {
		t.Errorf("the issuer was asked %d times", n)
	}
}

// What strangers send costs one read a minute, however many issuers they make up, and no request to any of them.
func TestStrangersCostOneReadAMinuteAndAskNoIssuer(t *testing.T) {
	r, _, _, sign := github(t)
	stranger := authtest.Shapes[2]
	other := r.issuer(stranger)
	r.cloud.ResetCalls()
	for n := range 2000 {
		claims := stranger.Claims(fmt.Sprintf("https://%d.example", n), start)
		claims["iss"] = fmt.Sprintf("https://issuer-%d.example", n)
		if n%2 == 0 {
			claims["iss"] = other.Name
		}
		if n%500 != 0 { // the signature does not matter, and takes time
			r.wantRefused(forged(claims), start.Add(time.Duration(n)*time.Millisecond), "no trust names its issuer")
			continue
		}
		r.wantRefused(other.Sign("k1", claims), start.Add(time.Duration(n)*time.Millisecond), "no trust names its issuer")
	}
	if calls := r.cloud.Calls(); !slices.Equal(calls, []string{"dynamodb:GetItem"}) {
		t.Errorf("calls %v", calls)
	}
	if asked := r.internet.Asked(); len(asked) != 0 {
		t.Errorf("asked %q", asked)
	}
	if got := r.use(sign(nil), start); got == string(fault.Unauthenticated) {
		t.Error("after it, who is trusted is refused")
	}
}

func TestWithoutTrustsAJWTCostsOneReadAMinute(t *testing.T) {
	r := trust(t)
	r.cloud.ResetCalls()
	for range 3 {
		r.wantRefused(forged(authtest.Shapes[0].Claims("https://issuer.example", start)), start, "no trust names its issuer")
	}
	if calls := r.cloud.Calls(); len(calls) != 1 {
		t.Errorf("calls %v", calls)
	}
}

func TestATableThatCannotBeReadDoesNotMakeATokenBad(t *testing.T) {
	r, _, made, sign := github(t)
	r.cloud.Hook(func(wire.Call) wire.Verdict { return wire.Refuse(400, "AccessDeniedException", "no") })
	if got := r.use(sign(nil), start); got != string(fault.Internal) {
		t.Errorf("it is told as %s", got)
	}
	r.cloud.Hook(nil)
	if got := r.use(sign(nil), start); !strings.HasPrefix(got, made.ID) {
		t.Errorf("after it: %s", got)
	}
}

func TestTrustsAreReadWithoutDelay(t *testing.T) {
	r, _, _, sign := github(t)
	reads := r.readsOf("GetItem")
	r.use(sign(nil), start)
	if got := reads(); !slices.Equal(got, []string{"GetItem true"}) {
		t.Errorf("reads %v", got)
	}
}

func TestTheIssuerOfTheStackIsNotLookedUpAmongTheTrusts(t *testing.T) {
	r, shape := trust(t), authtest.Shapes[0]
	i := newIssuer(t)
	rule := shape.From(issuerName)
	rule.Audience, rule.Subject, rule.Claims = audience, "ci-bot", nil
	r.trust(rule, auth.Grant{Workspace: "ws_evil", Scopes: auth.Scopes})
	c := i.verifier()
	c.Trusts = r.container
	r.cloud.ResetCalls()
	if p, err := ask(c, i.good(nil), start); err != nil || p.ID != "jwt:ci-bot" || p.Workspace != "ws_a" {
		t.Errorf("%+v, %v", p, err)
	}
	if calls := r.cloud.Calls(); len(calls) != 0 {
		t.Errorf("calls %v", calls)
	}
	if _, err := ask(c, i.good(map[string]any{"iss": "https://other.example"}), start); fault.KindOf(err) != fault.Unauthenticated {
		t.Errorf("another issuer's: %v", err)
	}
	github := r.issuer(shape)
	made := r.trust(shape.From(github.Name), grant)
	r.restart()
	c.Trusts = r.container
	if p, err := ask(c, github.Sign("k1", shape.Claims(github.Name, start)), start); err != nil || !strings.HasPrefix(p.ID, made.ID) {
		t.Errorf("a trusted issuer beside it: %+v, %v", p, err)
	}
}

// forged is a token that nobody has signed.
func forged(c map[string]any) string {
	parts := strings.Split(unsigned(c), ".")
	return "eyJhbGciOiJSUzI1NiIsImtpZCI6ImsxIn0." + parts[1] + ".AAAA" // {"alg":"RS256","kid":"k1"}
}

func base64url(text string) string { return base64.RawURLEncoding.EncodeToString([]byte(text)) }
