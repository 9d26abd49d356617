// destroy-secret-version erases a version's payload for good. It touches two rows and no key.
package main

import (
	"keepsake/shared/api"
	"keepsake/shared/boot"
)

func main() {
	env := boot.Environment()
	env.Serve(api.DestroySecretVersion(env.Edge(), env.Secrets()))
}
