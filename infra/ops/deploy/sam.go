package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"keepsake/infra/ops/internal/environment"
)

const (
	// installSAM puts a version that this program was tested with into .local/tools, and prints where it is.
	installSAM = "infra/sam/install"
	// localSAM is where that version is. The one on the PATH may be too old to read parameters from a file.
	localSAM = ".local/tools/sam-*/bin/sam"
)

// stopTimeout is how long SAM may take to end after a Ctrl-C. CloudFormation goes on anyway.
const stopTimeout = 10 * time.Second

// sam is the SAM CLI. What it prints is shown only if it fails: it has hundreds of lines.
type sam struct{ path string }

// findSAM finds the program that SAM names, or the one in .local/tools, or the one on the PATH. If there is none, it
// fetches one into .local/tools.
func findSAM(ctx context.Context, env environment.Lookup, out io.Writer) (sam, error) {
	name := env.Get("SAM")
	if name != "" {
		path, err := exec.LookPath(name)
		if err != nil {
			return sam{}, fmt.Errorf("SAM: there is no program %s: name SAM's, or leave it out to fetch one", name)
		}
		return sam{path}, nil
	}
	if local, _ := filepath.Glob(localSAM); len(local) > 0 {
		return sam{"./" + local[len(local)-1]}, nil
	}
	if path, err := exec.LookPath("sam"); err == nil {
		return sam{path}, nil
	}
	_, _ = fmt.Fprintln(out, "Fetching SAM into .local/tools: a minute, once.")
	path, err := run(ctx, nil, "./"+installSAM)
	if err != nil {
		return sam{}, fmt.Errorf("there is no SAM CLI, and %s cannot fetch one: %w", installSAM, err)
	}
	lines := strings.Fields(path)
	return sam{lines[len(lines)-1]}, nil
}

// build builds every function by its make target, in this folder. Otherwise SAM would copy the whole
// folder, with all that is in .local, once for each function.
func (c sam) build(ctx context.Context, arch string) error {
	_, err := run(ctx, []string{"ARCH=" + arch}, c.path,
		"build", "--build-in-source", "--template-file", templatePath, "--build-dir", buildDir, "--parameter-overrides", architecture+"="+arch)
	return err
}

// changeSet uploads what was built, and makes a change set. It returns its ARN, or "" if there is nothing to change.
// It passes the parameters in a file that only its owner can read: one of them is a key, and every user of the machine
// can see a program's arguments.
func (c sam) changeSet(ctx context.Context, stack, region string, parameters map[string]string, more ...string) (arn string, err error) {
	dir, err := os.MkdirTemp("", "keepsake-deploy-")
	if err != nil {
		return "", fmt.Errorf("pass the parameters to sam: %w", err)
	}
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, "parameters.yaml") // JSON is YAML, too, and SAM does not take a .json file
	text, err := json.Marshal(parameters)
	if err != nil {
		return "", fmt.Errorf("pass the parameters to sam: %w", err)
	}
	if err := os.WriteFile(file, text, 0o600); err != nil {
		return "", fmt.Errorf("pass the parameters to sam: %w", err)
	}
	args := slices.Concat([]string{"deploy", "--no-execute-changeset",
		"--template-file", filepath.Join(buildDir, "template.yaml"), "--stack-name", stack, "--region", region,
		"--capabilities", "CAPABILITY_NAMED_IAM", "--resolve-s3", "--no-fail-on-empty-changeset"},
		more, []string{"--parameter-overrides", "file://" + file})
	said, err := run(ctx, nil, c.path, args...)
	if err != nil {
		return "", err
	}
	arn = changeSetARN.FindString(said)
	if arn == "" && !strings.Contains(said, "No changes to deploy") {
		return "", fmt.Errorf("sam deploy names no change set:\n%s", said)
	}
	return arn, nil
}

// changeSetARN finds the change set in what SAM prints.
var changeSetARN = regexp.MustCompile(`arn:[a-z-]+:cloudformation:[^\s"]+:changeSet/[^\s"]+`)

// run runs a program and returns what it printed, which is part of the error if it fails.
func run(ctx context.Context, env []string, name string, args ...string) (said string, err error) {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Env = append(withoutMake(os.Environ()), append(env, "SAM_CLI_TELEMETRY=0")...)
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = stopTimeout
	output, err := cmd.CombinedOutput()
	if err != nil {
		command := strings.Join(append([]string{filepath.Base(name)}, args[:min(1, len(args))]...), " ")
		if len(output) == 0 {
			return "", fmt.Errorf("%s failed: %w", command, err)
		}
		return "", fmt.Errorf("%s failed (%w); it said:\n%s", command, err, output)
	}
	return string(output), nil
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
