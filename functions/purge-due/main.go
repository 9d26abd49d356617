// purge-due erases the secrets whose deadline has passed. It has no key.
package main

import (
	"keepsake/shared/boot"
	"keepsake/shared/boot/buses"
	"keepsake/shared/job"
)

func main() {
	env := boot.Environment()
	env.ServeJob(job.PurgeDue(env.Runner(), env.Secrets(), env.Retention(), buses.Teller(env)))
}
