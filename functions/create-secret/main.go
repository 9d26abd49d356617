// create-secret stores a secret's metadata and its first version. It can encrypt and cannot
// decrypt.
package main

import (
	"keepsake/shared/api"
	"keepsake/shared/boot"
	"keepsake/shared/boot/keys"
)

func main() {
	env := boot.Environment()
	env.Serve(api.CreateSecret(env.Edge(), env.Secrets(), env.Trail(),
		keys.Sealer(env), keys.Fingerprinter(env), env.Dashboard()))
}
