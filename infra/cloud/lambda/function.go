// Package lambda is the laptop's Lambda: it runs each function's real bootstrap binary over the real
// runtime API, one request at a time per instance, and answers AWS's Invoke API.
package lambda

import (
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"keepsake/infra/template"
)

// Function is what the pool must know to run one Lambda function.
type Function struct {
	Name        string        // as on AWS: "undelete-secret"
	Binary      string        // path of the bootstrap, built for this machine
	Timeout     time.Duration // of one request; a start-up has initLimit of its own
	MemoryMB    int           // told to the function, not enforced
	Environment []string      // NAME=value: the template's variables and the AWS endpoints
}

// AccessKey is the access key id that the named function signs its AWS requests with, by which an
// endpoint can tell who calls: undelete-secret gets ASIALOCALUNDELETESECRET.
func AccessKey(function string) string {
	return "ASIALOCAL" + strings.ToUpper(strings.ReplaceAll(function, "-", ""))
}

// environment is all that an instance sees: what AWS sets, and what the function was given. Nothing
// comes from the developer's shell, so that a function which needs more fails here as it would there.
func (f Function) environment(runtimeAPI string) []string {
	return append([]string{
		"AWS_LAMBDA_RUNTIME_API=" + runtimeAPI,
		"AWS_REGION=" + template.Region,
		"AWS_DEFAULT_REGION=" + template.Region,
		"AWS_EXECUTION_ENV=AWS_Lambda_provided.al2023",
		"AWS_LAMBDA_FUNCTION_NAME=" + f.Name,
		"AWS_LAMBDA_FUNCTION_VERSION=$LATEST",
		"AWS_LAMBDA_FUNCTION_MEMORY_SIZE=" + strconv.Itoa(f.MemoryMB),
		"AWS_LAMBDA_INITIALIZATION_TYPE=on-demand",
		"AWS_LAMBDA_LOG_GROUP_NAME=/aws/lambda/" + f.Name,
		"AWS_LAMBDA_LOG_FORMAT=JSON",
		"AWS_ACCESS_KEY_ID=" + AccessKey(f.Name),
		"AWS_SECRET_ACCESS_KEY=local",
		"AWS_SESSION_TOKEN=local",
		"_HANDLER=bootstrap",
		"LAMBDA_TASK_ROOT=" + filepath.Dir(f.Binary),
		"TZ=:UTC",
		"PATH=/usr/local/bin:/usr/bin/:/bin:/opt/bin",
	}, f.Environment...)
}
