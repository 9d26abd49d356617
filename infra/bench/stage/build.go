package stage

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// Programs that can run in a function's place.
const (
	Hello = "hello" // does nothing
	Bare  = "bare"  // makes the calls of a tape, and nothing else
)

// build builds the functions as for AWS, but for this machine. They stay in a folder: a second build takes
// no time.
func (s *Stage) build(ctx context.Context) error {
	command := exec.CommandContext(ctx, "go", "build", "-tags", "lambda.norpc", "-trimpath", "-buildvcs=false", "-ldflags=-s -w",
		"-o", s.Folder+string(filepath.Separator), "./functions/...", "./infra/bench/"+Hello, "./infra/bench/"+Bare)
	command.Dir, command.Env = s.root, append(os.Environ(), "CGO_ENABLED=0")
	if out, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("build the functions: %w: %s", err, out)
	}
	s.binary = func(function string) string { return filepath.Join(s.Folder, function) }
	return nil
}
