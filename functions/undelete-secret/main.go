// undelete-secret makes a soft-deleted secret active again, before its purge deadline. It changes
// one row and the record of an idempotency key, and uses no KMS key.
package main

import (
	"keepsake/shared/api"
	"keepsake/shared/boot"
)

func main() {
	env := boot.Environment()
	env.Serve(api.UndeleteSecret(env.Edge(), env.Secrets(), env.Dashboard()))
}
