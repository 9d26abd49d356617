// get-secret answers with a secret's metadata, of a soft-deleted one too. It can write nothing
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
