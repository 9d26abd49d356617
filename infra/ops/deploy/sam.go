package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"keepsake/infra/ops/internal/environment"
)

// localSAM is where infra/sam/install puts a version that this program was tried with. One on the
// PATH may be too old to read parameters from a file.
const localSAM = ".local/tools/sam-*/bin/sam"

var errNoSAM = errors.New("there is no SAM CLI: infra/sam/install fetches it into .local/tools; or put it on the PATH with pip install aws-sam-cli==1.170.0")

// farewell is how long SAM may take to end after a Ctrl-C. What CloudFormation does goes on anyway.
const farewell = 10 * time.Second

// sam is SAM CLI, with the terminal that it may ask on.
type sam struct {
	path string
	in   *os.File
	out  io.Writer
}

// findSAM takes the program in SAM, or the project's own, or the one on the PATH.
func findSAM(env environment.Lookup, in *os.File, out io.Writer) (sam, error) {
	name := env.Get("SAM")
	if local, _ := filepath.Glob(localSAM); name == "" && len(local) > 0 {
		name = "./" + local[len(local)-1]
	}
	path, err := exec.LookPath(cmp.Or(name, "sam"))
	if err != nil {
		return sam{}, errNoSAM
	}
	return sam{path: path, in: in, out: out}, nil
}

// build builds every function by its make target. It does so here: SAM would otherwise copy the whole
// folder, with all that is in .local, once for each of them.
func (s sam) build(ctx context.Context, arch string) error {
	return s.run(ctx, []string{"ARCH=" + arch},
		"build", "--build-in-source", "--template-file", templatePath, "--build-dir", buildDir, "--parameter-overrides", architecture+"="+arch)
}

// deploy hands the parameters over in a file that only its owner can read: one of them is a key, and
// every user of the machine can see a program's arguments.
func (s sam) deploy(ctx context.Context, w wish, region string, parameters map[string]string) error {
	dir, err := os.MkdirTemp("", "keepsake-deploy-")
	if err != nil {
		return fmt.Errorf("hand the parameters over: %w", err)
	}
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, "parameters.yaml") // YAML holds JSON, and SAM takes no .json
	text, err := json.Marshal(parameters)
	if err != nil {
		return fmt.Errorf("hand the parameters over: %w", err)
	}
	if err := os.WriteFile(file, text, 0o600); err != nil {
		return fmt.Errorf("hand the parameters over: %w", err)
	}
	confirm := "--confirm-changeset"
	if w.yes {
		confirm = "--no-confirm-changeset"
	}
	return s.run(ctx, nil, "deploy",
		"--template-file", filepath.Join(buildDir, "template.yaml"), "--stack-name", w.stack, "--region", region,
		"--capabilities", "CAPABILITY_NAMED_IAM", "--resolve-s3", "--no-fail-on-empty-changeset", confirm,
		"--parameter-overrides", "file://"+file)
}

func (s sam) run(ctx context.Context, env []string, args ...string) error {
	cmd := exec.CommandContext(ctx, s.path, args...)
	cmd.Env = append(withoutMake(os.Environ()), append(env, "SAM_CLI_TELEMETRY=0")...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = s.in, s.out, s.out
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = farewell
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("sam %s has failed (%w): what it says is above", args[0], err)
	}
	return nil
}

// withoutMake takes away what make tells its children: the make that SAM starts is none of them.
func withoutMake(environ []string) []string {
	var out []string
	for _, pair := range environ {
		if name, _, _ := strings.Cut(pair, "="); name != "MAKEFLAGS" && name != "MAKELEVEL" && name != "MFLAGS" && name != "MAKEOVERRIDES" {
			out = append(out, pair)
		}
	}
	return out
}
