// get-secret-version returns a version's metadata. It can write nothing and decrypt nothing.
package main

import (
	"keepsake/shared/api"
	"keepsake/shared/boot"
)

func main() {
	env := boot.Environment()
	env.Serve(api.GetSecretVersion(env.Edge(), env.Secrets()))
}
