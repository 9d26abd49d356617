// validate-credentials asks providers about their credentials, on a schedule. Apart from access, it
// is the only function that can decrypt, and only cloud_provider/hcloud. A value that it reads goes
// to the provider and nowhere else.
package main

import (
	"keepsake/shared/boot"
	"keepsake/shared/boot/keys"
	"keepsake/shared/job"
)

func main() {
	env := boot.Environment()
	env.ServeJob(job.ValidateCredentials(env.Runner(), env.Secrets(), env.Trail(), keys.Opener(env), env.HCloud()))
}
