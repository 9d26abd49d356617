// list-secrets returns a page of the workspace's secrets, metadata only. It can write nothing
// and decrypt nothing.
package main

import (
	"keepsake/shared/api"
	"keepsake/shared/boot"
)

func main() {
	env := boot.Environment()
	env.Serve(api.ListSecrets(env.Edge(), env.Secrets(), env.Dashboard()))
}
