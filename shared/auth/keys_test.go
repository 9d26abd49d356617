package auth_test

import (
	"crypto/elliptic"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"keepsake/shared/fault"
)

// keysOf is the key set of an issuer, as it would be answered.
func (i *issuer) keysOf() jose.JSONWebKeySet {
	i.mu.Lock()
	defer i.mu.Unlock()
	return jose.JSONWebKeySet{Keys: i.public}
}

func TestKeysAreNotTakenFromWhereARedirectLeads(t *testing.T) {
	elsewhere, i := newIssuer(t), newIssuer(t)
	i.answers(func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, elsewhere.url, http.StatusFound) })
	if p, err := ask(i.verifier(), elsewhere.good(nil), start); fault.KindOf(err) != fault.Unavailable {
		t.Errorf("%+v, %v", p, err)
	}
	if n := elsewhere.fetched(); n != 0 {
		t.Errorf("the other place was asked %d times", n)
	}
}

func TestKeysInAnAnswerThatIsAnErrorAreNotTaken(t *testing.T) {
	i := newIssuer(t)
	set := i.keysOf()
	for _, status := range []int{201, 400, 404, 500} {
		i.answers(func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(status)
			_ = json.NewEncoder(w).Encode(set)
		})
		if p, err := ask(i.verifier(), i.good(nil), start); fault.KindOf(err) != fault.Unavailable {
			t.Errorf("%d: %+v, %v", status, p, err)
		}
	}
}

func TestAKeySetIsReadUpToABound(t *testing.T) {
	i := newIssuer(t)
	set := i.keysOf()
	i.answers(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte(strings.Repeat(" ", 256<<10)))
		_ = json.NewEncoder(w).Encode(set)
	})
	if p, err := ask(i.verifier(), i.good(nil), start); fault.KindOf(err) != fault.Unavailable {
		t.Errorf("%+v, %v", p, err)
	}
}

func TestOfTwoKeysWithOneNameEachIsFoundByItsAlgorithm(t *testing.T) {
	i := newIssuer(t)
	rsa, ec := rsaKey(t, 2048), ecKey(t, elliptic.P256())
	i.publish("one", rsa)
	i.publish("one", ec)
	c := i.verifier()
	for algorithm, key := range map[jose.SignatureAlgorithm]any{jose.RS256: rsa, jose.ES256: ec} {
		if _, err := ask(c, signWith(t, key, "one", algorithm, claims(nil)), start); err != nil {
			t.Errorf("%s: %v", algorithm, err)
		}
	}
}

func TestAKeyWithoutANameChecksNothing(t *testing.T) {
	i := newIssuer(t)
	ec := ecKey(t, elliptic.P256())
	i.publish("", ec)
	if p, err := ask(i.verifier(), signWith(t, ec, "", jose.ES256, claims(nil)), start); fault.KindOf(err) != fault.Unauthenticated {
		t.Errorf("%+v, %v", p, err)
	}
}

func TestAJWTNeverNamesAPrincipalAsATokenDoes(t *testing.T) {
	i := newIssuer(t)
	p, err := ask(i.verifier(), i.good(map[string]any{"sub": "tok_0123456789abcdef0123"}), start)
	if err != nil || p.ID != "jwt:tok_0123456789abcdef0123" {
		t.Errorf("%+v, %v", p, err)
	}
}

func TestAJWTHasTheScopesThatItNamesAndNoOther(t *testing.T) {
	i := newIssuer(t)
	p, err := ask(i.verifier(), i.good(map[string]any{"scope": "secrets:write secrets:accessible"}), start)
	if err != nil || len(p.Scopes) != 1 || p.Scopes[0] != "secrets:write" {
		t.Errorf("%+v, %v", p, err)
	}
}

func TestAnIssuerIsAskedForItsKeysAndNothingElse(t *testing.T) {
	var asked []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = append(asked, r.Method+" "+r.Header.Get("Authorization")+r.URL.Path)
		_, _ = w.Write([]byte(`{"keys":[]}`))
	}))
	defer server.Close()
	i := newIssuer(t)
	token := i.good(nil)
	i.url = server.URL
	c := i.verifier()
	for _, at := range []time.Duration{0, time.Second} {
		if _, err := ask(c, token, start.Add(at)); fault.KindOf(err) != fault.Unauthenticated {
			t.Errorf("no keys: %v", err)
		}
	}
	if len(asked) != 1 || asked[0] != "GET /" {
		t.Errorf("asked %q", asked)
	}
}
