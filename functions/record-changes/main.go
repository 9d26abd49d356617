// record-changes writes the audit line of every change, and tells the event bus, if there is one. It can append
// to the trail and read no row.
package main

import (
	"keepsake/shared/boot"
	"keepsake/shared/boot/buses"
	"keepsake/shared/job"
)

func main() {
	env := boot.Environment()
	env.ServeStream(job.RecordChanges(env.Runner(), env.Trail(), buses.Teller(env)))
}
