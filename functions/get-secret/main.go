// get-secret returns a secret's metadata, even if the secret is soft-deleted. It can write nothing
// and decrypt nothing.
package main

import (
	"keepsake/shared/api"
	"keepsake/shared/boot"
)

func main() {
	env := boot.Environment()
	env.Serve(api.GetSecret(env.Edge(), env.Secrets(), env.Dashboard()))
}
