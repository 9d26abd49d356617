package main

import (
	"encoding/json"
	"net/http"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// gitHub answers what a job's ACTIONS_ID_TOKEN_REQUEST_URL answers. The URL says which job it is: ?sub=…&owner=….
type gitHub struct{ issuer }

// requestToken is ACTIONS_ID_TOKEN_REQUEST_TOKEN.
const requestToken = "the-runners-own"

func newGitHub(address string) http.Handler {
	g := gitHub{newIssuer(address, "GitHub Actions", jose.RS256)}
	mux := http.NewServeMux()
	mux.Handle("/", g.Issuer)
	mux.HandleFunc("GET /idtoken", g.issue)
	return mux
}

func (g gitHub) issue(w http.ResponseWriter, r *http.Request) {
	if got := r.Header.Get("Authorization"); got != "bearer "+requestToken && got != "Bearer "+requestToken {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	query := r.URL.Query()
	audience := query.Get("audience")
	if audience == "" {
		audience = "https://github.com/acme" // GitHub's default: the owner's page
	}
	token, _ := g.token(5*time.Minute, map[string]any{"sub": query.Get("sub"), "repository_owner_id": query.Get("owner"), "aud": audience})
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(map[string]any{"count": len(token), "value": token})
}
