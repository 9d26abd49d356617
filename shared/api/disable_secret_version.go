package api

import (
	"keepsake/shared/secret"
	"keepsake/shared/store"
)

// DisableSecretVersion is secrets.disableVersion: it makes a version inaccessible until it is enabled.
func DisableSecretVersion(e Edge, secrets *store.Store) Handler {
	return changeVersion(e, secrets, "disable-secret-version", secret.Disabled)
}
