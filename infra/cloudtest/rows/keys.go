package rows

import (
	"crypto/sha256"
	"net/http/httptest"
	"strings"
	"testing"

	"keepsake/infra/cloud/kms"
)

// Token is the credential with which the rows of every release were written. It has the workspace and
// all scopes, and is good for these rows only.
var Token = TokenOf("owner")

// TokenOf returns the credential with a role in the table of tokens, such as "owner".
func TokenOf(part string) string { return "sk_akua_" + (part + strings.Repeat("-", 43))[:43] }

// StartKMS starts a stand-in for KMS with these two keys. Their secrets are those with which every
// release has sealed its values and made its fingerprints. They are in this file: they protect nothing.
func StartKMS(t testing.TB, encryptionKey, fingerprintKey string) (url string) {
	t.Helper()
	server := httptest.NewServer(kms.New(
		kms.Key{ARN: encryptionKey, Secret: keySecret("values")},
		kms.Key{ARN: fingerprintKey, Secret: keySecret("fingerprints"), MAC: true},
	))
	t.Cleanup(server.Close)
	return server.URL
}

func keySecret(of string) []byte {
	sum := sha256.Sum256([]byte("the key of the kept rows: " + of))
	return sum[:]
}
