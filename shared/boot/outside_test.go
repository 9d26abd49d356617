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
