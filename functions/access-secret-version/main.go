// access-secret-version answers with a value, the only function that does. It can decrypt and
// append to the audit trail, and change nothing.
package main

import (
	"keepsake/shared/api"
	"keepsake/shared/boot"
	"keepsake/shared/boot/keys"
)

func main() {
	env := boot.Environment()
	env.Serve(api.AccessSecretVersion(env.Edge(), env.Secrets(), env.Trail(), keys.Opener(env)))
}
