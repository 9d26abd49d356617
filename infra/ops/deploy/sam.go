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

// localSAM is where infra/sam/install puts a version that this program was tested with. The one on the
// PATH may be too old to read parameters from a file.
const localSAM = ".local/tools/sam-*/bin/sam"

var errNoSAM = errors.New("there is no SAM CLI: run infra/sam/install, which puts it into .local/tools, or pip install aws-sam-cli==1.170.0")

// stopTimeout is how long SAM may take to end after a Ctrl-C. CloudFormation goes on anyway.
const stopTimeout = 10 * time.Second

// sam is the SAM CLI, with the terminal that it asks on.
type sam struct {
	path string
	in   *os.File
	out  io.Writer
}

// findSAM finds the program that SAM names, or the one in .local/tools, or the one on the PATH.
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

// build builds every function by its make target, in this folder. Otherwise SAM would copy the whole
// folder, with all that is in .local, once for each function.
func (c sam) build(ctx context.Context, arch string) error {
	return c.run(ctx, []string{"ARCH=" + arch},
		"build", "--build-in-source", "--template-file", templatePath, "--build-dir", buildDir, "--parameter-overrides", architecture+"="+arch)
}

// deploy passes the parameters in a file that only its owner can read: one of them is a key, and every
// user of the machine can see a program's arguments.
func (c sam) deploy(ctx context.Context, s settings, region string, parameters map[string]string) error {
	dir, err := os.MkdirTemp("", "keepsake-deploy-")
	if err != nil {
		return fmt.Errorf("pass the parameters to sam: %w", err)
	}
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, "parameters.yaml") // JSON is YAML, too, and SAM does not take a .json file
	text, err := json.Marshal(parameters)
	if err != nil {
		return fmt.Errorf("pass the parameters to sam: %w", err)
	}
	if err := os.WriteFile(file, text, 0o600); err != nil {
		return fmt.Errorf("pass the parameters to sam: %w", err)
	}
	confirm := "--confirm-changeset"
	if s.yes {
		confirm = "--no-confirm-changeset"
	}
	return c.run(ctx, nil, "deploy",
		"--template-file", filepath.Join(buildDir, "template.yaml"), "--stack-name", s.stack, "--region", region,
		"--capabilities", "CAPABILITY_NAMED_IAM", "--resolve-s3", "--no-fail-on-empty-changeset", confirm,
		"--parameter-overrides", "file://"+file)
}

func (c sam) run(ctx context.Context, env []string, args ...string) error {
	cmd := exec.CommandContext(ctx, c.path, args...)
	cmd.Env = append(withoutMake(os.Environ()), append(env, "SAM_CLI_TELEMETRY=0")...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = c.in, c.out, c.out
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = stopTimeout
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("sam %s failed (%w): its output is above", args[0], err)
	}
	return nil
}

// withoutMake removes what make passes to its children: SAM starts a make of its own, which must not
// inherit it.
func withoutMake(environ []string) []string {
	var out []string
	for _, pair := range environ {
		if name, _, _ := strings.Cut(pair, "="); name != "MAKEFLAGS" && name != "MAKELEVEL" && name != "MFLAGS" && name != "MAKEOVERRIDES" {
			out = append(out, pair)
		}
	}
	return out
}
