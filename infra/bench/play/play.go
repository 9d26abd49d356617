// Package play lets the program of a test play the functions, as their mains do: what a test plants in the code
// then shows in the functions that a stage runs.
package play

import (
	"os"

	"keepsake/shared/boot"
	"keepsake/shared/boot/boottest"
	"keepsake/shared/boot/keys"
	"keepsake/shared/job"
)

// Function plays the function that Lambda's variable names, and does not return then. Without the variable it
// does nothing. A TestMain calls it first.
func Function() {
	name := os.Getenv("AWS_LAMBDA_FUNCTION_NAME")
	if name == "" {
		return
	}
	env := boot.Environment()
	switch name {
	case "purge-due":
		env.ServeJob(job.PurgeDue(env.Runner(), env.Secrets(), env.Retention(), nil))
	case "purge-orphans":
		env.ServeJob(job.PurgeOrphans(env.Runner(), env.Secrets(), env.TrailReader()))
	case "validate-credentials":
		env.ServeJob(job.ValidateCredentials(env.Runner(), env.Secrets(), env.Trail(), keys.Opener(env), env.HCloud()))
	case "record-changes":
		env.ServeStream(job.RecordChanges(env.Runner(), env.Trail(), nil))
	default:
		env.Serve(boottest.Build(name, env.Edge(), env))
	}
	os.Exit(1) // the service has ended
}
