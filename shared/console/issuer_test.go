package console_test

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"keepsake/shared/auth/authtest"
)

const (
	clientID = "console-client"
	audience = "keepsake-api"
)

// hostility is what an issuer, or somebody on the way, changes. nil: nothing.
type hostility struct {
	answer   func(url.Values)     // what is sent back to the page
	identity func(map[string]any) // the claims of the ID token
	describe func(map[string]any) // the issuer's description
}

// issuer is an OpenID Connect provider at which everybody is signed in already. It gives a code once, and only
// to who shows the verifier. be makes it hostile.
type issuer struct {
	t    testing.TB
	url  string // its name, too
	home string // the address that it sends people back to
	keys *authtest.Issuer

	mu sync.Mutex
	hostility
	grants map[string]url.Values // by code: the request that it was given for
	asked  []string              // for tokens: the outcome of each exchange
}

func newIssuer(t testing.TB) *issuer {
	t.Helper()
	i := &issuer{t: t, grants: map[string]url.Values{}}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /.well-known/openid-configuration", i.describe)
	mux.HandleFunc("GET /keys", func(w http.ResponseWriter, r *http.Request) { i.keys.ServeHTTP(w, r) })
	mux.HandleFunc("GET /authorize", i.authorize)
	mux.HandleFunc("POST /token", i.exchange)
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	i.url = server.URL
	i.keys = authtest.NewIssuer(t, i.url, "/keys", jose.ES256)
	return i
}

// settings are those of a stack whose people sign in here.
func (i *issuer) settings() []string {
	return []string{
		"JWT_ISSUER", i.url, "JWT_AUDIENCE", audience, "JWT_JWKS_URL", i.url + "/keys", "CONSOLE_CLIENT_ID", clientID,
	}
}

func (i *issuer) describe(w http.ResponseWriter, _ *http.Request) {
	description := map[string]any{
		"issuer": i.url, "authorization_endpoint": i.url + "/authorize", "token_endpoint": i.url + "/token",
		"jwks_uri": i.url + "/keys", "authorization_response_iss_parameter_supported": true,
	}
	if change := i.now().describe; change != nil {
		change(description)
	}
	i.write(w, http.StatusOK, description)
}

func (i *issuer) authorize(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	want := url.Values{
		"client_id": {clientID}, "response_type": {"code"}, "code_challenge_method": {"S256"}, "audience": {audience},
		"redirect_uri": {i.home}, "scope": {"openid secrets:read secrets:write"},
	}
	for name, values := range want {
		if !slices.Equal(q[name], values) {
			i.t.Errorf("the page asks for the %s %q, want %q", name, q[name], values)
		}
	}
	for _, name := range []string{"state", "nonce", "code_challenge"} {
		if len(q.Get(name)) < 43 {
			i.t.Errorf("the %s is %q", name, q.Get(name))
		}
	}
	if r.Referer() != "" {
		i.t.Errorf("the page says where it is: %s", r.Referer())
	}
	code := rand.Text()
	i.mu.Lock()
	i.grants[code] = q
	i.mu.Unlock()
	back := url.Values{"code": {code}, "state": {q.Get("state")}, "iss": {i.url}}
	if change := i.now().answer; change != nil {
		change(back)
	}
	http.Redirect(w, r, i.home+"?"+back.Encode(), http.StatusFound)
}

func (i *issuer) exchange(w http.ResponseWriter, r *http.Request) {
	code := r.PostFormValue("code")
	i.mu.Lock()
	asked, known := i.grants[code]
	delete(i.grants, code)
	i.mu.Unlock()
	sum := sha256.Sum256([]byte(r.PostFormValue("code_verifier")))
	proof := base64.RawURLEncoding.EncodeToString(sum[:])
	if !known || proof != asked.Get("code_challenge") || r.PostFormValue("client_id") != clientID ||
		r.PostFormValue("redirect_uri") != i.home || r.PostFormValue("grant_type") != "authorization_code" || r.Header.Get("Cookie") != "" {
		i.note("refused")
		i.write(w, http.StatusBadRequest, map[string]any{"error": "invalid_grant"})
		return
	}
	i.note("given")
	identity := map[string]any{"iss": i.url, "aud": clientID, "sub": "ada", "nonce": asked.Get("nonce"), "exp": time.Now().Add(time.Hour).Unix()}
	if change := i.now().identity; change != nil {
		change(identity)
	}
	i.write(w, http.StatusOK, map[string]any{
		"token_type": "Bearer", "expires_in": 3600, "id_token": i.sign(identity), "access_token": i.token(),
	})
}

// token returns an access token for the stack.
func (i *issuer) token() string {
	return i.sign(map[string]any{
		"iss": i.url, "aud": audience, "sub": "ada", "scope": "openid secrets:read secrets:write", "akua_workspace": "ws_people",
		"exp": time.Now().Add(time.Hour).Unix(),
	})
}

func (i *issuer) sign(claims map[string]any) string { return i.keys.Sign("k1", claims) }

// be makes the issuer hostile, and forgets the exchanges so far.
func (i *issuer) be(h hostility) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.hostility, i.asked = h, nil
}

func (i *issuer) now() hostility {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.hostility
}

func (i *issuer) note(outcome string) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.asked = append(i.asked, outcome)
}

// exchanges returns the outcome of each exchange of a code so far, such as "given refused".
func (i *issuer) exchanges() string {
	i.mu.Lock()
	defer i.mu.Unlock()
	return strings.Join(i.asked, " ")
}

func (i *issuer) write(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Access-Control-Allow-Origin", "*")
	w.WriteHeader(status)
	if err := json.NewEncoder(w).Encode(body); err != nil {
		i.t.Error(err)
	}
}
