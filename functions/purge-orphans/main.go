// purge-orphans destroys versions whose secret is gone. It has no key.
package main

import (
	"keepsake/shared/boot"
	"keepsake/shared/job"
)

func main() {
	env := boot.Environment()
	env.ServeJob(job.PurgeOrphans(env.Shift(), env.Secrets()))
}
