// validate-credentials asks providers about the credentials for them, on a schedule. Beside access
// it is the one function that can decrypt, and only cloud_provider/hcloud; what it reads goes to
// the provider and nowhere else.
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
