// purge-expired destroys the versions of a secret whose metadata DynamoDB's expiry has removed.
// It has no key.
package main

import (
	"keepsake/shared/boot"
	"keepsake/shared/job"
)

func main() {
	env := boot.Environment()
	env.ServeStream(job.PurgeExpired(env.Runner(), env.Secrets()))
}
