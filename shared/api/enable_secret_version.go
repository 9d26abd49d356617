package api

import (
	"keepsake/shared/secret"
	"keepsake/shared/store"
)

// EnableSecretVersion is secrets.enableVersion: it makes a disabled version accessible again.
func EnableSecretVersion(e Edge, secrets *store.Store) Handler {
	return changeVersion(e, secrets, "enable-secret-version", secret.Enabled)
}
