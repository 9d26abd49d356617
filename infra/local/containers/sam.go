package containers

import (
	"bytes"
	"context"
	"fmt"
	"iter"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"time"

	"keepsake/infra/cloud/lambda"
	"keepsake/infra/template"
)

// sampleTime is how long a sample may take, from the container's start. Some functions may run for
// minutes on AWS; no sample takes that long.
const sampleTime = time.Minute

// tidyTime is how long SAM may take to remove its container when it is interrupted.
const tidyTime = 20 * time.Second

// SAM runs sam local invoke.
type SAM struct {
	Binary     string   // the SAM CLI
	Image      string   // the image of the containers
	Parameters []string // of the template: NAME=value
	Built      string   // the folder that sam build has written
	Logs       string   // a folder for the logs of the functions and of SAM
	AWS        string   // the stack's endpoint
}

// Event returns the event to invoke a function with.
type Event func(ctx context.Context, function string) (string, error)

// Prepare writes the template that Invoke uses. If the stack does not listen to containers the error
// is fs.ErrNotExist.
func (s *SAM) Prepare() error {
	variables, err := ReadVariables(VariablesPath)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(s.Logs, 0o755); err != nil {
		return fmt.Errorf("make the folder of the containers' logs: %w", err)
	}
	return variables.declare(filepath.Join(s.Built, "template.yaml"), s.template())
}

// template returns the path of the template to invoke with. It is beside the built one, whose paths are
// relative.
func (s *SAM) template() string { return filepath.Join(s.Built, "containers.yaml") }

// InvokeAll invokes each function once, as many at a time as there are processors, and yields the
// outcomes in the order of functions. status returns the HTTP status that a function of the API must
// answer with.
func (s *SAM) InvokeAll(ctx context.Context, functions []template.Function, event Event, status func(string) int) iter.Seq[Outcome] {
	return func(yield func(Outcome) bool) {
		var workers sync.WaitGroup
		defer workers.Wait()
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		slots := make(chan struct{}, runtime.NumCPU())
		outcomes := make([]chan Outcome, len(functions))
		for i := range functions {
			outcomes[i] = make(chan Outcome, 1)
		}
		workers.Go(func() {
			for i, f := range functions {
				slots <- struct{}{}
				workers.Go(func() {
					defer func() { <-slots }()
					outcomes[i] <- s.try(ctx, f, event, status(f.Name))
				})
			}
		})
		for _, outcome := range outcomes {
			if !yield(<-outcome) {
				return
			}
		}
	}
}

func (s *SAM) try(ctx context.Context, f template.Function, event Event, status int) Outcome {
	if ctx.Err() != nil {
		return Outcome{Function: f.Name, Says: "interrupted", Failed: true}
	}
	filled, err := event(ctx, f.Name)
	if err != nil {
		return Outcome{Function: f.Name, Says: "no event: " + err.Error(), Failed: true}
	}
	payload, err := s.invoke(ctx, f, filled)
	if err != nil {
		return Outcome{Function: f.Name, Says: err.Error(), Failed: true}
	}
	return judge(f, status, payload)
}

// invoke runs a function in a container and returns its result.
func (s *SAM) invoke(ctx context.Context, f template.Function, event string) ([]byte, error) {
	log, err := os.OpenFile(filepath.Join(s.Logs, f.Name+".log"), os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open its log: %w", err)
	}
	defer log.Close()
	ctx, cancel := context.WithTimeout(ctx, sampleTime)
	defer cancel()
	var out bytes.Buffer
	cmd := exec.CommandContext(ctx, s.Binary, s.arguments(f)...)
	cmd.Env = s.environment(f, os.Environ())
	cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(event), &out, log
	// SAM removes its container on the first interrupt only. A process group of its own keeps it from a
	// second one, the terminal's Ctrl-C.
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.WaitDelay = tidyTime
	err = cmd.Run()
	if why := ctx.Err(); why != nil {
		err = why
	}
	if err != nil {
		return nil, fmt.Errorf("sam local invoke: %w", err)
	}
	return lastLine(out.Bytes()), nil
}

// arguments makes SAM read the event from standard input: the event holds a token, which must not be
// left in a file.
func (s *SAM) arguments(f template.Function) []string {
	args := []string{
		"local", "invoke", f.LogicalID, "--template", s.template(), "--event", "-",
		"--env-vars", VariablesPath, "--region", template.Region,
		"--invoke-image", s.Image, "--skip-pull-image", "--add-host", Host + ":host-gateway",
	}
	if len(s.Parameters) > 0 {
		args = append(args, "--parameter-overrides", strings.Join(s.Parameters, " "))
	}
	return args
}

// environment returns SAM's own environment: where Docker is, and the function's credentials. SAM hands
// these to the function, so that the stack's endpoints allow what its role allows. Nothing else of the
// developer's shell reaches the function. SAM also asks STS whose the credentials are. The stack refuses
// that at once, while AWS itself would be asked again and again.
func (s *SAM) environment(f template.Function, shell []string) []string {
	env := []string{
		"SAM_CLI_TELEMETRY=0",
		"AWS_ENDPOINT_URL_STS=" + s.AWS,
		"AWS_ACCESS_KEY_ID=" + lambda.AccessKey(f.Name),
		"AWS_SECRET_ACCESS_KEY=local",
		"AWS_SESSION_TOKEN=local",
	}
	for _, pair := range shell {
		name, _, _ := strings.Cut(pair, "=")
		if name == "PATH" || name == "HOME" || name == "TMPDIR" || strings.HasPrefix(name, "DOCKER_") {
			env = append(env, pair)
		}
	}
	return env
}

// lastLine returns the function's result: SAM may print the function's own output before it.
func lastLine(out []byte) []byte {
	out = bytes.TrimSpace(out)
	return out[bytes.LastIndexByte(out, '\n')+1:]
}
