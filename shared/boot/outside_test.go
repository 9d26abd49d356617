package boot

import (
	"errors"
	"strings"
	"testing"
)

func TestAnIssuerIsNamedWholeOrNotAtAll(t *testing.T) {
	names := []string{"JWT_ISSUER", "JWT_AUDIENCE", "JWT_JWKS_URL"}
	for set := range 1 << len(names) {
		e := &Env{}
		for i, name := range names {
			t.Setenv(name, "")
			if set&(1<<i) != 0 {
				t.Setenv(name, "https://issuer.example/"+name)
			}
		}
		taken := e.jwts() != nil
		fault := errors.Join(e.faults...)
		switch set {
		case 0:
			if taken || fault != nil {
				t.Errorf("without an issuer: taken %v, %v", taken, fault)
			}
		case 1<<len(names) - 1:
			if !taken || fault != nil {
				t.Errorf("with an issuer: taken %v, %v", taken, fault)
			}
		default:
			if taken || fault == nil || !strings.Contains(fault.Error(), "belong together") {
				t.Errorf("half an issuer (%b): taken %v, %v", set, taken, fault)
			}
		}
	}
}

func TestAnAddressIsEncryptedOrOnThisMachine(t *testing.T) {
	for _, good := range []string{
		"https://api.hetzner.cloud/v1", "https://10.0.0.1", "http://127.0.0.1:80/x", "http://[::1]:1", "http://localhost:3000",
	} {
		if err := checkAddress(good); err != nil {
			t.Errorf("%s: %v", good, err)
		}
	}
	for _, bad := range []string{
		"", "api.hetzner.cloud", "http://api.hetzner.cloud/v1", "http://localhost.example", "http://10.0.0.1",
		"ftp://127.0.0.1", "https://", "https://u:p@x", "https://x#y", "https://%zz",
	} {
		if err := checkAddress(bad); err == nil {
			t.Errorf("%q is taken", bad)
		}
	}
}

func TestPeopleSignInOnlyWithAClientOfAnIssuer(t *testing.T) {
	issuer := map[string]string{"JWT_ISSUER": "https://login.example", "JWT_AUDIENCE": "keepsake", "JWT_JWKS_URL": "https://login.example/keys"}
	client := map[string]string{"CONSOLE_CLIENT_ID": "console", "CONSOLE_SCOPE": "openid"}
	whole := SignIn{Issuer: "https://login.example", ClientID: "console", Audience: "keepsake", Scope: "openid"}
	elsewhere := whole
	elsewhere.TokenOrigin = "https://token.example"
	for _, c := range []struct {
		name  string
		env   []map[string]string
		want  SignIn
		fault string
	}{
		{"nothing", nil, SignIn{}, ""},
		{"an issuer for machines only", []map[string]string{issuer}, SignIn{}, ""},
		{"both", []map[string]string{issuer, client}, whole, ""},
		{"a token endpoint elsewhere", []map[string]string{issuer, client, {"CONSOLE_TOKEN_ORIGIN": "https://token.example"}}, elsewhere, ""},
		{"a client of no issuer", []map[string]string{client}, SignIn{}, "CONSOLE_CLIENT_ID: there is no issuer"},
		{"an issuer that is no address", []map[string]string{issuer, client, {"JWT_ISSUER": "login"}}, SignIn{}, "JWT_ISSUER: must be the URL"},
		{"an issuer without TLS", []map[string]string{issuer, client, {"JWT_ISSUER": "http://login.example"}}, SignIn{}, "JWT_ISSUER: must begin with https://"},
		{"a token endpoint without TLS", []map[string]string{issuer, client, {"CONSOLE_TOKEN_ORIGIN": "http://token.example"}}, SignIn{}, "CONSOLE_TOKEN_ORIGIN: must begin"},
		{"no scope", []map[string]string{issuer, client, {"CONSOLE_SCOPE": ""}}, SignIn{}, "CONSOLE_SCOPE is not set"},
		{"half an issuer", []map[string]string{issuer, client, {"JWT_AUDIENCE": ""}}, SignIn{}, "belong together"},
	} {
		for _, name := range []string{"JWT_ISSUER", "JWT_AUDIENCE", "JWT_JWKS_URL", "CONSOLE_CLIENT_ID", "CONSOLE_SCOPE", "CONSOLE_TOKEN_ORIGIN"} {
			t.Setenv(name, "")
		}
		for _, part := range c.env {
			for name, value := range part {
				t.Setenv(name, value)
			}
		}
		e := &Env{}
		got := e.SignIn()
		if fault := said(e); (c.fault == "") != (fault == "") || !strings.Contains(fault, c.fault) || c.fault == "" && got != c.want {
			t.Errorf("%s: %+v, %q", c.name, got, fault)
		}
	}
}
