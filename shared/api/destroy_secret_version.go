package api

import (
	"keepsake/shared/secret"
	"keepsake/shared/store"
)

// DestroySecretVersion is secrets.destroyVersion: its payload is gone for good, its metadata stays.
func DestroySecretVersion(e Edge, secrets *store.Store) Handler {
	return changeVersion(e, secrets, "destroy-secret-version", secret.Destroyed)
}
