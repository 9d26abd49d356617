package main

import (
	"os"
	"strings"
	"testing"

	"keepsake/infra/template"
)

func TestOtherServicesAddressesCanBeReplacedForARun(t *testing.T) {
	read := func(pairs ...string) map[string]string {
		t.Helper()
		tmpl, err := template.Read("../../template.yaml", parameters(environment(pairs...))...)
		if err != nil {
			t.Fatal(err)
		}
		f, _ := tmpl.Function("validate-token")
		return f.Environment
	}
	if got := read(); got["HCLOUD_URL"] != "https://api.hetzner.cloud/v1" || got["JWT_ISSUER"] != "" {
		t.Errorf("without a word: %v", got)
	}
	got := read("HCLOUD_URL=http://127.0.0.1:9/v1", "JWT_ISSUER=https://i", "JWT_AUDIENCE=a", "JWT_JWKS_URL=http://127.0.0.1:9/k")
	for name, want := range map[string]string{
		"HCLOUD_URL": "http://127.0.0.1:9/v1", "JWT_ISSUER": "https://i", "JWT_AUDIENCE": "a", "JWT_JWKS_URL": "http://127.0.0.1:9/k",
	} {
		if got[name] != want {
			t.Errorf("%s is %q, want %q", name, got[name], want)
		}
	}
}

func TestAFunctionThatIsNotBuiltIsNamed(t *testing.T) {
	content, err := os.ReadFile("../../template.yaml")
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(t.TempDir())
	write(t, templatePath, string(content))
	_, err = prepare(settings{}, nil)
	if err == nil || !strings.Contains(err.Error(), "bootstrap is missing): make run builds it") {
		t.Errorf("error %v", err)
	}
}
