package count_test

import (
	"os"
	"testing"

	"keepsake/shared/boot"
	"keepsake/shared/boot/boottest"
	"keepsake/shared/boot/keys"
	"keepsake/shared/job"
)

// TestMain lets the test binary play the functions, as their mains do.
func TestMain(m *testing.M) {
	name := os.Getenv("AWS_LAMBDA_FUNCTION_NAME")
	if name == "" {
		os.Exit(m.Run())
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
}
