package api

import (
	"keepsake/shared/secret"
	"keepsake/shared/store"
)

// DestroySecretVersion is secrets.destroyVersion: it erases a version's payload for good and keeps its
// metadata.
func DestroySecretVersion(e Edge, secrets *store.Store) Handler {
	return changeVersion(e, secrets, "destroy-secret-version", secret.Destroyed)
}
