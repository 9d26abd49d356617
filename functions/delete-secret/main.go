// delete-secret hides a secret until its purge deadline: it changes one row. With force it erases the
// secret at once: all its rows. It uses no key.
package main

import (
	"keepsake/shared/api"
	"keepsake/shared/boot"
)

func main() {
	env := boot.Environment()
	env.Serve(api.DeleteSecret(env.Edge(), env.Secrets(), env.Retention()))
}
