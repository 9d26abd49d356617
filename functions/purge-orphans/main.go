// purge-orphans destroys versions whose secret was purged, as the trail says. It has no key.
package main

import (
	"keepsake/shared/boot"
	"keepsake/shared/job"
)

func main() {
	env := boot.Environment()
	env.ServeJob(job.PurgeOrphans(env.Runner(), env.Secrets(), env.TrailReader()))
}
