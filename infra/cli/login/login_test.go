package login_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/zalando/go-keyring"

	"keepsake/infra/cli/login"
	"keepsake/shared/auth"
)

const token = "sk_akua_0123456789"

func TestTheTokenIsInTheKeyringAndNotInTheFile(t *testing.T) {
	keyring.MockInit()
	store := login.Store{Folder: filepath.Join(t.TempDir(), "keepsake")}
	where, err := store.Save(login.Profile{Address: "https://keepsake.example.com", Workspace: "ws_x", Token: token})
	if err != nil || where != "the system's keyring" {
		t.Fatalf("%s, %v", where, err)
	}
	text, err := os.ReadFile(filepath.Join(store.Folder, "login.json"))
	if err != nil || strings.Contains(string(text), token) {
		t.Errorf("the file holds %s, %v", text, err)
	}
	p, where, err := store.Load()
	if err != nil || p.Token != token || p.Workspace != "ws_x" || where != "the system's keyring" {
		t.Errorf("%v from %s, %v", p, where, err)
	}
	if was, err := store.Remove(); !was || err != nil {
		t.Errorf("%v, %v", was, err)
	}
	if _, err := keyring.Get("keepsake", "https://keepsake.example.com"); err == nil {
		t.Error("the token is still in the keyring")
	}
}

func TestWithoutAKeyringTheFileHoldsTheTokenAndNobodyElseReadsIt(t *testing.T) {
	keyring.MockInitWithError(os.ErrPermission)
	store := login.Store{Folder: filepath.Join(t.TempDir(), "keepsake")}
	where, err := store.Save(login.Profile{Address: "https://keepsake.example.com", Token: token})
	if err != nil || !strings.HasSuffix(where, "login.json") {
		t.Fatalf("%s, %v", where, err)
	}
	info, err := os.Stat(where)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
	if p, _, err := store.Load(); err != nil || p.Token != token {
		t.Errorf("%v, %v", p, err)
	}
}

func TestThePrincipalIsTheAuditTrails(t *testing.T) {
	if got, want := login.PrincipalOf(t.Context(), login.Token(token, "a test")), auth.TokenID(token); got != want {
		t.Errorf("%s, want %s", got, want)
	}
	if got := login.PrincipalOf(t.Context(), login.Token("e30.eyJzdWIiOiJkZXBsb3kifQ.x", "a test")); got != "deploy" {
		t.Errorf("%s, want the subject, deploy", got)
	}
}
