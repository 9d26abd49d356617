// delete-secret hides a secret until its purge deadline. It touches one row and no key.
package main

import (
	"keepsake/shared/api"
	"keepsake/shared/boot"
)

func main() {
	env := boot.Environment()
	env.Serve(api.DeleteSecret(env.Edge(), env.Secrets(), env.Retention()))
}
