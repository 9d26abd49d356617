// enable-secret-version makes a version accessible again. It changes two rows and the record of an
// idempotency key, and uses no KMS key.
package main

import (
	"keepsake/shared/api"
	"keepsake/shared/boot"
)

func main() {
	env := boot.Environment()
	env.Serve(api.EnableSecretVersion(env.Edge(), env.Secrets()))
}
