// create-secret-version appends a version to a secret. It can encrypt and cannot decrypt.
package main

import (
	"keepsake/shared/api"
	"keepsake/shared/boot"
	"keepsake/shared/boot/keys"
)

func main() {
	env := boot.Environment()
	env.Serve(api.CreateSecretVersion(env.Edge(), env.Secrets(), env.Trail(),
		keys.Sealer(env), keys.Fingerprinter(env)))
}
