// record-changes writes the audit line of every change. It can append to the trail and read no row.
package main

import (
	"keepsake/shared/boot"
	"keepsake/shared/job"
)

func main() {
	env := boot.Environment()
	env.ServeStream(job.RecordChanges(env.Runner(), env.Trail()))
}
