package main

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"keepsake/shared/auth"
	"keepsake/shared/auth/authtest"
)

// issuerOn serves a shape's issuer on loopback: its name has the real one's path.
func issuerOn(t *testing.T, shape authtest.Shape) *authtest.Issuer {
	t.Helper()
	real, err := url.Parse(shape.Issuer)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewUnstartedServer(nil)
	i := authtest.NewIssuer(t, "http://"+server.Listener.Addr().String()+real.Path, shape.KeysPath, shape.Algorithm)
	server.Config.Handler = i
	server.Start()
	t.Cleanup(server.Close)
	return i
}

// trust runs make trust for a rule, and returns the trust's id.
func (c *checkout) trust(rule auth.Rule, pairs ...string) (id string) {
	c.t.Helper()
	var claims []string
	for name, pattern := range rule.Claims {
		claims = append(claims, name+"="+pattern)
	}
	pairs = append(pairs, "ISSUER="+rule.Issuer, "AUDIENCE="+rule.Audience, "SUB="+rule.Subject, "CLAIMS="+strings.Join(claims, " "))
	id = strings.TrimSpace(c.run("token", []string{"trust"}, pairs...))
	if !auth.IsTrustID(id) {
		c.t.Fatalf("want a trust's id alone on its line, not %q", id)
	}
	return id
}

// A container trusts what it has read for a minute, and no test waits for one. So the refusals come from another
// function than the accesses.
func TestATokenAsItsIssuerWritesItReadsASecretOverHTTP(t *testing.T) {
	t.Parallel()
	c := newCheckout(t)
	l := c.start()
	id := l.create()
	tokens, trusts := map[string]string{}, map[string]string{}
	for _, shape := range authtest.Shapes {
		i := issuerOn(t, shape)
		claims := shape.Claims(i.Name, time.Now())
		tokens[shape.Name] = "Authorization: Bearer " + i.Sign("k1", claims)
		l.call("GET /secrets", tokens[shape.Name]).want(http.StatusUnauthorized)
		if asked := i.Asked(); len(asked) != 0 {
			t.Errorf("%s: an issuer that no trust names was asked %q", shape.Name, asked)
		}
		trusts[shape.Name] = c.trust(shape.From(i.Name), "WORKSPACE="+localWorkspace, "SCOPES=secrets:access") + ":" + claims["sub"].(string)
	}
	for name, token := range tokens {
		t.Run(name, func(t *testing.T) {
			var got response
			until(t, "the issuer's keys are fetched", func() bool { // 503: on a busy machine a fetch may take too long
				got = l.call("POST /secrets/"+id+"/versions/latest:access", token)
				return got.status != http.StatusServiceUnavailable
			})
			got.holds()
			until(t, "they are fetched by another function", func() bool {
				got = l.call("GET /secrets/"+id, token)
				return got.status != http.StatusServiceUnavailable
			})
			got.want(http.StatusForbidden)
		})
	}
	trail := l.call("GET /secrets/" + id + "/events").want(http.StatusOK).text
	for name, principal := range trusts {
		if strings.Count(trail, `"principal":"`+principal+`"`) != 1 {
			t.Errorf("%s: the trail does not name %s once: %s", name, principal, trail)
		}
	}
	listed := c.run("token", []string{"trusts"})
	first, _, _ := strings.Cut(trusts[authtest.Shapes[0].Name], ":")
	if said := c.run("token", []string{"end-trust"}, "TRUST_ID="+first); strings.Count(listed, "  good  ") != len(trusts) || !strings.HasPrefix(said, first+" of "+localWorkspace+" was ended at ") {
		t.Errorf("the list is %q, and then %q", listed, said)
	}
}
