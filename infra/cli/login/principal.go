package login

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"strings"

	"keepsake/infra/cli/service"
)

// PrincipalOf returns the name that a credential has in the audit trail: a token's id, tok_…; of a JWT its subject,
// before which the trail writes jwt: or the id of the trust. It is "unknown" if the credential cannot be read.
func PrincipalOf(ctx context.Context, c service.Credential) string {
	token, err := c.Bearer(ctx)
	if err != nil {
		return "unknown"
	}
	if strings.HasPrefix(token, "sk_akua_") {
		sum := sha256.Sum256([]byte(token))
		return "tok_" + hex.EncodeToString(sum[:])[:20]
	}
	var claims struct {
		Subject string `json:"sub"`
	}
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return "unknown"
	}
	body, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil || json.Unmarshal(body, &claims) != nil || claims.Subject == "" {
		return "unknown"
	}
	return claims.Subject
}
