// enable-secret-version lets a version be accessed again. It touches two rows and no key.
package main

import (
	"keepsake/shared/api"
	"keepsake/shared/boot"
)

func main() {
	env := boot.Environment()
	env.Serve(api.EnableSecretVersion(env.Edge(), env.Secrets()))
}
