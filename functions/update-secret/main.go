// update-secret changes a secret's metadata. It touches one row and no key.
package main

import (
	"keepsake/shared/api"
	"keepsake/shared/boot"
)

func main() {
	env := boot.Environment()
	env.Serve(api.UpdateSecret(env.Edge(), env.Secrets(), env.Dashboard()))
}
