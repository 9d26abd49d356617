// list-secret-versions returns a page of a secret's versions, metadata only. It can write nothing
// and decrypt nothing.
package main

import (
	"keepsake/shared/api"
	"keepsake/shared/boot"
)

func main() {
	env := boot.Environment()
	env.Serve(api.ListSecretVersions(env.Edge(), env.Secrets()))
}
