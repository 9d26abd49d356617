// deploy builds every function and deploys the stack: make deploy STACK=keepsake
//
// It asks AWS what is there before it builds, shows what would change, and asks whether to go on
// (YES=1: it does not ask). ARCH is arm64, the default of a new stack, or x86_64.
// PARAMS="RetentionDays=14 AlarmEmail=ops@example.com" sets the template's parameters; the others keep
// their values. The keys that CloudFront may show the functions are made by the first deployment. ROTATE_ORIGIN_KEY=1
// makes a new one, and ROTATE_ORIGIN_KEY=2 lets CloudFront show it. SAM CLI does the work: the one that SAM names, or the one in .local/tools, or the
// one on the PATH.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"keepsake/infra/ops/internal/environment"
)

// Paths from the project's root.
const (
	templatePath = "template.yaml"
	buildDir     = ".aws-sam/build"
)

func main() {
	// SIGTERM, too, must end in order: the temporary file with the key has to be removed.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := deploy(ctx, os.LookupEnv, os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func deploy(ctx context.Context, env environment.Lookup, in *os.File, out io.Writer) error {
	p, err := prepare(ctx, env, in, out)
	if err != nil {
		return err
	}
	p.target.print(out)
	if err := p.sam.build(ctx, p.chosen.arch); err != nil {
		return err
	}
	if err := p.chosen.nameReleases(buildDir, p.target.parameters); err != nil {
		return err
	}
	p.chosen.printNotes(out, p.settings.stack)
	if err := p.sam.deploy(ctx, p.settings, p.target.account.Config.Region, p.chosen.values); err != nil {
		return err
	}
	if err := p.target.refresh(ctx, p.settings.stack); err != nil {
		return err
	}
	return p.target.printNextSteps(out, env, p.settings.stack)
}

// plan is all that a deployment needs. It is made before the build, which takes minutes.
type plan struct {
	settings settings
	sam      sam
	target   target
	chosen   choice
}

func prepare(ctx context.Context, env environment.Lookup, in *os.File, out io.Writer) (p plan, err error) {
	declared, err := readParameters(templatePath)
	if err != nil {
		return p, err
	}
	if p.settings, err = readSettings(env, declared); err != nil {
		return p, err
	}
	if !p.settings.yes && !isTerminal(in) {
		return p, errNoTerminal
	}
	if p.sam, err = findSAM(env, in, out); err != nil {
		return p, err
	}
	if p.target, err = findTarget(ctx, env, p.settings.stack); err != nil {
		return p, err
	}
	if err := checkNames(templatePath, p.settings.stack, p.target.account.Config.Region); err != nil {
		return p, err
	}
	p.chosen, err = choose(p.settings, declared, p.target)
	return p, err
}

// printNextSteps says where the service is and what to do next.
func (t target) printNextSteps(out io.Writer, env environment.Lookup, name string) error {
	if !t.deployed {
		_, err := fmt.Fprintln(out, "Nothing was deployed.")
		return err
	}
	url, err := t.stack.Output("BaseUrl")
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, `
%[1]s is at %[2]s

Next, make a token, which is shown once, and check the whole life of a secret:

  make -s token%[3]s WORKSPACE=ws_x
  TOKEN=$(make -s token%[3]s WORKSPACE=ws_smoke EXPIRES=1h) make smoke URL=%[2]s
`, name, url, env.Stack())
	return err
}
