package main

import (
	"net/http"
	"strings"
	"syscall"
	"testing"
)

func (c *checkout) mint(env ...string) (header string) {
	c.t.Helper()
	printed := c.run("token", nil, env...)
	token, rest, _ := strings.Cut(printed, "\n")
	if !strings.HasPrefix(token, tokenPrefix) || rest != "" {
		c.t.Fatalf("want a token alone on its line, not %d characters", len(printed))
	}
	return "Authorization: Bearer " + token
}

func TestANarrowTokenMayDoWhatItIsForAndNothingElse(t *testing.T) {
	t.Parallel()
	l := newCheckout(t).start()
	id := l.create()
	reader := l.mint("WORKSPACE="+localWorkspace, "SCOPES=secrets:read")
	l.call("GET /secrets/"+id, reader).want(http.StatusOK)
	l.call("POST /secrets/"+id+"/versions/latest:access", reader).want(http.StatusForbidden)
	l.call("DELETE /secrets/"+id, reader, "If-Match: 1").want(http.StatusForbidden)
	l.call("POST /secrets/"+id+":undelete", reader, "If-Match: 1").want(http.StatusForbidden)
	l.access(id).holds()
}

func TestATokenOfAnotherWorkspaceFindsNothing(t *testing.T) {
	t.Parallel()
	l := newCheckout(t).start()
	l.call("GET /secrets/"+l.create(), l.mint("WORKSPACE=ws_other")).want(http.StatusNotFound)
}

func TestABroadTokenNamesTheWorkspaceThatItActsIn(t *testing.T) {
	t.Parallel()
	l := newCheckout(t).start()
	id := l.create()
	broad := l.mint("WORKSPACES=ws_other," + localWorkspace)
	l.call("GET /secrets/"+id, broad, "Akua-Context: "+localWorkspace).want(http.StatusOK)
	l.call("GET /secrets/"+id, broad, "Akua-Context: ws_other").want(http.StatusNotFound)
	l.call("GET /secrets/"+id, broad, "Akua-Context: ws_third").want(http.StatusForbidden)
	l.call("GET /secrets/"+id, broad).want(http.StatusBadRequest)
}

func TestARevokedTokenOfTheStackIsReplacedAtItsNextStart(t *testing.T) {
	t.Parallel()
	c := newCheckout(t)
	before := c.start()
	id := before.create()
	own, _, _ := strings.Cut(c.run("token", []string{"list"}), " ")
	if said := c.run("token", []string{"revoke"}, "TOKEN_ID="+own); !strings.HasPrefix(said, own+" of "+localWorkspace+" was revoked at ") {
		t.Errorf("it said %q", said)
	}
	before.end(syscall.SIGTERM)

	after := c.start()
	after.access(id).holds()
	after.call("GET /secrets/"+id, "Authorization: Bearer "+before.token).want(http.StatusUnauthorized)
}
