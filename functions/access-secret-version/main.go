// access-secret-version returns a value, as only access-named-version does besides. It can decrypt and append to
// the audit trail, and change nothing.
package main

import (
	"keepsake/shared/api"
	"keepsake/shared/boot"
	"keepsake/shared/boot/buses"
	"keepsake/shared/boot/keys"
)

func main() {
	env := boot.Environment()
	env.Serve(api.AccessSecretVersion(env.Edge(), env.Secrets(), env.Trail(), keys.CachingOpener(env), buses.Teller(env)))
}
