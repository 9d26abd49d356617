package trace

import (
	"crypto/sha256"
	"encoding/hex"
)

// hashOf is how the table of tokens names a token.
func hashOf(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}
