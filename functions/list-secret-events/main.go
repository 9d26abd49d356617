// list-secret-events returns a page of a secret's audit trail. It can neither write nor decrypt anything, and
// reads no secret.
package main

import (
	"keepsake/shared/api"
	"keepsake/shared/boot"
)

func main() {
	env := boot.Environment()
	env.Serve(api.ListSecretEvents(env.Edge(), env.TrailReader()))
}
