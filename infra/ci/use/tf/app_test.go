package terraform

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
)

// app is the API that gets the value. It keeps the login's password, and does not show it.
type app struct {
	*httptest.Server

	mu       sync.Mutex
	password string
}

func newApp(t *testing.T) *app {
	t.Helper()
	a := &app{}
	mux := http.NewServeMux()
	take := func(w http.ResponseWriter, r *http.Request) {
		var login struct{ User, Password string }
		if err := json.NewDecoder(r.Body).Decode(&login); err != nil || login.User != "shop" {
			http.Error(w, "not a login", http.StatusBadRequest)
			return
		}
		a.mu.Lock()
		defer a.mu.Unlock()
		a.password = login.Password
		show(w)
	}
	mux.HandleFunc("POST /logins", take)
	mux.HandleFunc("PUT /logins/1", take)
	mux.HandleFunc("GET /logins/1", func(w http.ResponseWriter, _ *http.Request) { show(w) })
	a.Server = httptest.NewServer(mux)
	t.Cleanup(a.Close)
	return a
}

func show(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "application/json")
	fmt.Fprint(w, `{"id": "1", "user": "shop"}`)
}

func (a *app) expectPassword(t *testing.T, want string) {
	t.Helper()
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.password != want {
		t.Errorf("the app has the password %q, not %q", a.password, want)
	}
}
