// disable-secret-version stops access to a version. It touches two rows and no key.
package main

import (
	"keepsake/shared/api"
	"keepsake/shared/boot"
)

func main() {
	env := boot.Environment()
	env.Serve(api.DisableSecretVersion(env.Edge(), env.Secrets()))
}
