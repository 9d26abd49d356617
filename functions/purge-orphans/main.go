// purge-orphans destroys versions whose secret was purged according to the trail. It has no key.
package main

import (
	"keepsake/shared/boot"
	"keepsake/shared/job"
)

func main() {
	env := boot.Environment()
	env.ServeJob(job.PurgeOrphans(env.Runner(), env.Secrets(), env.TrailReader()))
}
