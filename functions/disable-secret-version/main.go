// disable-secret-version keeps a version from being accessed. It touches two rows and no key.
package main

import (
	"keepsake/shared/api"
	"keepsake/shared/boot"
)

func main() {
	env := boot.Environment()
	env.Serve(api.DisableSecretVersion(env.Edge(), env.Secrets()))
}
