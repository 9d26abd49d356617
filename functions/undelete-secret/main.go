// undelete-secret brings a soft-deleted secret back whole, before its purge deadline. It touches
// one row and no key.
package main

import (
	"keepsake/shared/api"
	"keepsake/shared/boot"
)

func main() {
	env := boot.Environment()
	env.Serve(api.UndeleteSecret(env.Edge(), env.Secrets(), env.Dashboard()))
}
