// access-named-version returns a value of the one active secret of a name. It can decrypt and append to
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
	env.Serve(api.AccessNamedVersion(env.Edge(), env.Secrets(), env.Trail(), keys.CachingOpener(env), buses.Teller(env)))
}
