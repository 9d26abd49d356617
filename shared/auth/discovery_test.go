package auth_test

import (
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"math/big"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"keepsake/shared/auth"
	"keepsake/shared/auth/authtest"
	"keepsake/shared/fault"
)

// write answers with this text.
func write(text string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(text)) }
}

// document answers with the issuer's document, changed.
func document(i *authtest.Issuer, name string, value any) http.HandlerFunc {
	d := i.Document()
	d[name] = value
	if value == nil {
		delete(d, name)
	}
	content, _ := json.Marshal(d)
	return write(string(content))
}

const elsewhere = "https://elsewhere.example"

// wantUnavailable checks that a token of GitHub's cannot be checked, for this reason, and that nobody else was asked.
func wantUnavailable(t *testing.T, why string, spoil func(*authtest.Issuer)) {
	t.Helper()
	r, i, _, sign := github(t)
	other := authtest.NewIssuer(t, elsewhere, "/jwks", jose.RS256)
	r.internet.Add("elsewhere.example", other)
	spoil(i)
	p, err := r.ask(sign(nil), start)
	if fault.KindOf(err) != fault.Unavailable || !strings.Contains(err.Error(), why) {
		t.Errorf("%+v, %v; want: %s", p, err, why)
	}
	if asked := other.Asked(); len(asked) != 0 {
		t.Errorf("another host was asked %q", asked)
	}
}

func TestADocumentThatIsNotTheIssuersOwnLetsNobodyIn(t *testing.T) {
	own := authtest.Shapes[0].Issuer
	for name, value := range map[string]any{"another's": elsewhere, "with a slash more": own + "/", "none": nil, "a list": []string{own}} {
		t.Run(name, func(t *testing.T) {
			wantUnavailable(t, "is not of this issuer", func(i *authtest.Issuer) { i.Answer(i.Discovery(), document(i, "issuer", value)) })
		})
	}
}

func TestADocumentThatLeadsToAnotherHostIsNotFollowed(t *testing.T) {
	for name, value := range map[string]any{
		"none":                      nil,
		"another host":              elsewhere + "/jwks",
		"another port":              "https://token.actions.githubusercontent.com:8443/jwks",
		"without TLS":               "http://token.actions.githubusercontent.com/jwks",
		"the instance":              "http://169.254.169.254/latest",
		"the runtime":               "http://127.0.0.1:9001/",
		"a file":                    "file:///etc/passwd",
		"behind a user":             "https://x@token.actions.githubusercontent.com/jwks",
		"a host that looks like it": "https://token.actions.githubusercontent.com@elsewhere.example/jwks",
		"no host":                   "https:token.actions.githubusercontent.com/jwks",
	} {
		t.Run(name, func(t *testing.T) {
			wantUnavailable(t, "on another host", func(i *authtest.Issuer) { i.Answer(i.Discovery(), document(i, "jwks_uri", value)) })
		})
	}
}

func TestAnAnswerThatIsNoDocumentLetsNobodyIn(t *testing.T) {
	for name, c := range map[string]struct {
		path   func(*authtest.Issuer) string
		answer http.HandlerFunc
		why    string
	}{
		"a page":                 {(*authtest.Issuer).Discovery, write("<html>"), "is not of this issuer"},
		"a redirect":             {(*authtest.Issuer).Discovery, redirect(elsewhere), "answers 302"},
		"a redirect of the keys": {keysPath, redirect(elsewhere), "answers 302"},
		"an error":               {(*authtest.Issuer).Discovery, status(500), "answers 500"},
		"an error of the keys":   {keysPath, status(503), "answers 503"},
		"no key set":             {keysPath, write(`{}`), "not a JWK set"},
	} {
		t.Run(name, func(t *testing.T) {
			wantUnavailable(t, c.why, func(i *authtest.Issuer) { i.Answer(c.path(i), c.answer) })
		})
	}
}

func keysPath(i *authtest.Issuer) string { return i.KeysPath }

func redirect(to string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, to+"/jwks", http.StatusFound) }
}

func status(code int) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(code) }
}

// manyKeys is the issuer's key set, with others to make n.
func manyKeys(i *authtest.Issuer, n int) string {
	var set struct {
		Keys []json.RawMessage `json:"keys"`
	}
	_ = json.Unmarshal(i.Keys(), &set)
	for len(set.Keys) < n {
		set.Keys = append(set.Keys, json.RawMessage(fmt.Sprintf(`{"kty":"oct","kid":"%d","k":"AA"}`, len(set.Keys))))
	}
	content, _ := json.Marshal(set)
	return string(content)
}

// explosive is a transport that panics, as a parser might at what an issuer sends.
type explosive struct{}

func (explosive) RoundTrip(*http.Request) (*http.Response, error) { panic("at what the issuer sends") }

func TestAFetchThatPanicsIsAnIssuerThatDoesNotAnswer(t *testing.T) {
	r, _, _, sign := github(t)
	r.container = auth.NewTrusts(r.db, r.table, explosive{})
	if got := r.use(sign(nil), start); got != string(fault.Unavailable) {
		t.Errorf("it is told as %s", got)
	}
}

func TestAHundredKeysAreNotTooManyAndOneMoreIs(t *testing.T) {
	r, i, made, sign := github(t)
	i.Answer(i.KeysPath, write(manyKeys(i, 100)))
	if got := r.use(sign(nil), start); !strings.HasPrefix(got, made.ID) {
		t.Error(got)
	}
	wantUnavailable(t, "more than 100 keys", func(i *authtest.Issuer) { i.Answer(i.KeysPath, write(manyKeys(i, 101))) })
}

func TestAnIssuersDocumentsAreReadUpToABound(t *testing.T) {
	for name, bound := range map[string]int{"document": 64 << 10, "keys": 256 << 10} {
		r, i, made, sign := github(t)
		document, _ := json.Marshal(i.Document())
		path, content := i.Discovery(), string(document)
		if name == "keys" {
			path, content = i.KeysPath, string(i.Keys())
		}
		i.Answer(path, write(strings.Repeat(" ", bound-len(content)+1)+content))
		if got := r.use(sign(nil), start); got != string(fault.Unavailable) {
			t.Errorf("%s, a byte too long: %s", name, got)
		}
		i.Answer(path, write(strings.Repeat(" ", bound-len(content))+content))
		if got := r.use(sign(nil), start.Add(5*time.Second)); !strings.HasPrefix(got, made.ID) {
			t.Errorf("%s of %d bytes: %s", name, bound, got)
		}
	}
}

func TestAnIssuerThatIsDownMakesItsTokensUnavailableAndNoOthers(t *testing.T) {
	r, i, made, sign := github(t)
	other := authtest.Shapes[2]
	gitlab := r.issuer(other)
	second := r.trust(other.From(gitlab.Name), grant)
	token := gitlab.Sign("k1", other.Claims(gitlab.Name, start))
	i.Answer(i.Discovery(), status(502))
	if got := r.use(sign(nil), start); got != string(fault.Unavailable) {
		t.Errorf("of the issuer that is down: %s", got)
	}
	if got := r.use(token, start); !strings.HasPrefix(got, second.ID) {
		t.Errorf("of the other: %s", got)
	}
	i.Answer(i.Discovery(), nil)
	if got := r.use(sign(nil), start.Add(5*time.Second)); !strings.HasPrefix(got, made.ID) {
		t.Errorf("when it is up again: %s", got)
	}
	i.Answer(i.Discovery(), status(502))
	long := sign(map[string]any{"exp": start.Add(48 * time.Hour).Unix()})
	if got := r.use(long, start.Add(23*time.Hour)); !strings.HasPrefix(got, made.ID) {
		t.Errorf("down for a day, with known keys: %s", got)
	}
	if got := r.use(long, start.Add(25*time.Hour)); got != string(fault.Unavailable) {
		t.Errorf("down for longer: %s", got)
	}
}

func TestAnIssuersNewKeyIsFoundAndItsOldOneIsRefusedFromTheNextFetchOn(t *testing.T) {
	r, i, made, _ := github(t)
	shape := authtest.Shapes[2] // any with other keys than RSA's one
	shape.Algorithm = jose.ES256
	gitlab := r.issuer(shape)
	second := r.trust(shape.From(gitlab.Name), grant)
	claims := shape.Claims(gitlab.Name, start)
	claims["exp"] = start.Add(3 * time.Hour).Unix()
	old := gitlab.Sign("k1", claims)
	if got := r.use(old, start); !strings.HasPrefix(got, second.ID) {
		t.Fatal(got)
	}
	gitlab.Publish("k2")
	gitlab.Withdraw("k1")
	if got := r.use(gitlab.Sign("k2", claims), start.Add(time.Minute)); !strings.HasPrefix(got, second.ID) {
		t.Errorf("the new key: %s", got)
	}
	r.wantRefused(old, start.Add(time.Minute), "the issuer has no such key")
	for n := range 50 {
		gitlab.Publish(fmt.Sprint("x", n))
		token := gitlab.Sign(fmt.Sprint("x", n), claims)
		gitlab.Withdraw(fmt.Sprint("x", n))
		r.use(token, start.Add(2*time.Minute))
	}
	if n := len(gitlab.Asked()); n != 6 {
		t.Errorf("%d requests to the issuer, want 2 for each of 3 fetches", n)
	}
	if n := len(i.Asked()); n != 0 || made.ID == "" {
		t.Errorf("the other issuer was asked %d times", n)
	}
}

func TestOneTrustedIssuersKeysDoNotSignForAnother(t *testing.T) {
	r, i, _, _ := github(t)
	shape := authtest.Shapes[2]
	shape.Algorithm = jose.ES256 // so that the keys differ
	gitlab := r.issuer(shape)
	r.trust(shape.From(gitlab.Name), grant)
	asGitHub := authtest.Shapes[0].Claims(i.Name, start)
	r.wantRefused(gitlab.Sign("k1", asGitHub), start, "the issuer has no such key for its algorithm")
	i.Publish("k1")
	r.wantRefused(signWith(t, ecKey(t, elliptic.P256()), "k1", jose.ES256, asGitHub), start.Add(time.Minute), "the issuer has no such key for its algorithm")
}

func TestATokenThatIsNotSignedAsItsIssuerSignsIsRefused(t *testing.T) {
	r, i, made, sign := github(t)
	shape := authtest.Shapes[0]
	good, c := sign(nil), shape.Claims(i.Name, start)
	var published jose.JSONWebKeySet
	if err := json.Unmarshal(i.Keys(), &published); err != nil {
		t.Fatal(err)
	}
	pem := x509.MarshalPKCS1PublicKey(published.Keys[0].Key.(*rsa.PublicKey))
	own := rsaKey(t, 2048)
	parts := strings.Split(good, ".")
	other := shape.Claims(i.Name, start)
	other["sub"] = "repo:octo-org/other:environment:prod"
	for name, token := range map[string]string{
		"another key under the kid":    signWith(t, own, "k1", jose.RS256, c),
		"HMAC with the public key":     signWith(t, pem, "k1", jose.HS256, c),
		"PS256":                        signWith(t, own, "k1", jose.PS256, c),
		"RS512":                        signWith(t, own, "k1", jose.RS512, c),
		"ES256 under an RSA key":       signWith(t, ecKey(t, elliptic.P256()), "k1", jose.ES256, c),
		"an unknown kid":               signWith(t, own, "../../k1", jose.RS256, c),
		"a kid that is a URL":          signWith(t, own, "https://elsewhere.example/jwks", jose.RS256, c),
		"no kid":                       signWith(t, own, "", jose.RS256, c),
		"none":                         unsigned(c),
		"no signature":                 parts[0] + "." + parts[1] + ".",
		"the claims of another":        parts[0] + "." + strings.Split(i.Sign("k1", other), ".")[1] + "." + parts[2],
		"a key in the header":          embedded(t, c),
		"an issuer twice":              twice(parts, `"iss":"`+i.Name+`","iss":"https://elsewhere.example"`),
		"an issuer in capital letters": twice(parts, `"ISS":"`+i.Name+`"`),
	} {
		if p, err := r.ask(token, start); fault.KindOf(err) != fault.Unauthenticated {
			t.Errorf("%s: %+v, %v", name, p, err)
		}
	}
	if got := r.use(good, start); !strings.HasPrefix(got, made.ID) {
		t.Errorf("the token that all of these are made from: %s", got)
	}
	if asked := r.internet.Asked(); len(asked) != 2 {
		t.Errorf("asked %q", asked)
	}
}

// twice is a token with these claims and the signature of another.
func twice(parts []string, claims string) string {
	return parts[0] + "." + base64url("{"+claims+`,"sub":"x","aud":"keepsake","exp":99999999999}`) + "." + parts[2]
}

func TestAKeyThatIsTooLongOrTooWeakChecksNothing(t *testing.T) {
	r, i, _, _ := github(t)
	c := authtest.Shapes[0].Claims(i.Name, start)
	for name, key := range map[string]jose.JSONWebKey{
		"megabits": {Key: &rsa.PublicKey{N: new(big.Int).Lsh(big.NewInt(1), 8192), E: 65537}, KeyID: "x", Use: "sig"},
		"weak":     {Key: &rsaKey(t, 1024).PublicKey, KeyID: "x", Use: "sig"},
		"P-521":    {Key: &ecKey(t, elliptic.P521()).PublicKey, KeyID: "x", Use: "sig"},
		"a secret": {Key: []byte("secret-secret-secret-secret-secret"), KeyID: "x", Use: "sig"},
	} {
		set, err := json.Marshal(jose.JSONWebKeySet{Keys: []jose.JSONWebKey{key}})
		if err != nil {
			t.Fatal(err)
		}
		i.Answer(i.KeysPath, write(string(set)))
		r.restart()
		token := signWith(t, rsaKey(t, 2048), "x", jose.RS256, c)
		if _, err := r.ask(token, start); fault.KindOf(err) != fault.Unauthenticated || !strings.Contains(err.Error(), "no such key") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestAnIssuerIsAnHTTPSAddress(t *testing.T) {
	for name, want := range map[string]bool{
		"https://gitlab.com": true, "https://gitlab.com/": true, "https://id.example:8443/a/b": true, "http://127.0.0.1:3000": true, "http://localhost:3000": true,
		"http://gitlab.com": false, "gitlab.com": false, "https://": false, "https://u@gitlab.com": false, "https://gitlab.com?x": false,
		"https://gitlab.com#x": false, "https://gitlab.com/a b": false, "file:///etc/passwd": false, "": false, "https://gitlab.com/" + strings.Repeat("x", 240): false,
		"kubernetes/serviceaccount": false, "http://127.0.0.1.example": false, "http://localhost.example": false,
	} {
		if err := auth.CheckIssuer(name); (err == nil) != want {
			t.Errorf("%q: %v", name, err)
		}
	}
}

func TestARowWhoseIssuerIsNoAddressAsksNobody(t *testing.T) {
	r, shape := trust(t), authtest.Shapes[0]
	for _, issuer := range []string{"http://gitlab.com", "gitlab.com", "file:///etc/passwd"} {
		r.trust(shape.From(issuer), grant)
		r.restart()
		_, err := r.ask(forged(shape.Claims(issuer, start)), start)
		if fault.KindOf(err) != fault.Unavailable || !strings.Contains(err.Error(), "the issuer must b") {
			t.Errorf("%s: %v", issuer, err)
		}
	}
	if asked := r.internet.Asked(); len(asked) != 0 {
		t.Errorf("asked %q", asked)
	}
}
