package rows

import (
	"crypto/sha256"
	"net/http/httptest"
	"strings"
	"testing"

	"keepsake/infra/cloud/kms"
)

// Token is the credential that the rows of every release were written with: it owns the workspace and
// has all scopes. It opens nothing but these rows.
var Token = TokenOf("owner")

// TokenOf is the credential that plays a part in the table of tokens.
func TokenOf(part string) string { return "sk_akua_" + (part + strings.Repeat("-", 43))[:43] }

// StartKMS starts a stand-in for KMS that holds, for these two keys, the secrets under which every
// release has sealed its values and made its fingerprints. They can be read here: they protect nothing.
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
