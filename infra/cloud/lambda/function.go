// Package lambda is the laptop's Lambda. It runs each function's real bootstrap binary over the real
// runtime API, one request at a time in each instance, and serves AWS's Invoke API.
package lambda

import (
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"keepsake/infra/template"
)

// Function is what a Pool needs to run one Lambda function.
type Function struct {
	Name        string        // as on AWS: "send-mail"
	Binary      string        // path of the bootstrap, built for this machine
	Timeout     time.Duration // of one request; a start has initLimit
	MemoryMB    int           // the function can read it; it is not enforced
	Environment []string      // NAME=value: the template's variables and the AWS endpoints
}

// AccessKey returns the id of the access key with which the named function signs its AWS requests. An
// endpoint knows the function by it: send-mail gets ASIALOCALSENDMAIL.
func AccessKey(function string) string {
	return "ASIALOCAL" + strings.ToUpper(strings.ReplaceAll(function, "-", ""))
}

// environment returns all variables of an instance: those that AWS sets and the function's own. None
// comes from the developer's shell: a function that needs one fails here, as it would on AWS.
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
