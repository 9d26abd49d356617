package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// TestASecretIsReadByAnyNameOverHTTP takes names through the edge function, the gateway and the function, as a client
// that percent-encodes the name sends them.
func TestASecretIsReadByAnyNameOverHTTP(t *testing.T) {
	t.Parallel()
	l := newCheckout(t).start()
	names := []string{
		"db-password", "prod/db/password", "100%", "100%25", "%2Fversions%2Flatest", "why?", "~2F", "..", ".", "a+b", "a b",
		"latest:access", "λ世🔑", "/", "x#y;z=&", strings.Repeat("🔑", 200),
	}
	for i, name := range names {
		sent, err := json.Marshal(map[string]string{"name": name, "kind": "generic", "value": fmt.Sprint("value ", i)})
		if err != nil {
			t.Fatal(err)
		}
		l.callWith(string(sent), "POST /secrets", "Content-Type: application/json").want(http.StatusCreated)
	}
	for i, name := range names {
		segment := url.PathEscape(name)
		if strings.Trim(name, ".") == "" {
			segment = strings.ReplaceAll(name, ".", "%2E")
		}
		for _, colon := range []string{":", "%3A"} {
			got := l.call("POST /names/" + segment + "/versions/latest" + colon + "access").want(http.StatusOK)
			if want := fmt.Sprint("value ", i); got.field("value") != want {
				t.Errorf("%q leads to %q, want %q", name, got.field("value"), want)
			}
		}
	}
	for _, path := range []string{
		"/names/prod/db/password/versions/latest:access", "/names/db-password/versions/latest/access",
		"/names/prod~2Fdb~2Fpassword/versions/latest:access", "/names/prod~2Fdb~2Fpassword/versions/latest/access",
		"/names/db%252Dpassword/versions/latest:access", "/names/DB-password/versions/latest:access",
	} {
		l.call("POST " + path).want(http.StatusNotFound)
	}
}
