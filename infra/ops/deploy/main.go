// deploy builds every function and deploys the stack: make deploy STACK=keepsake
//
// It asks AWS what is there before it builds, shows what would change and asks whether to go on
// (YES=1 does not ask). ARCH is arm64, which a new stack gets, or x86_64. PARAMS="RetentionDays=14
// AlarmEmail=ops@example.com" sets the template's parameters. What is not named stays as it is. The
// key that CloudFront shows the functions is made at the first deployment, and anew with
// ROTATE_ORIGIN_KEY=1. SAM CLI does the work: the one in SAM, in .local/tools or on the PATH.
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

// Where things lie, seen from the project's root.
const (
	templatePath = "template.yaml"
	buildDir     = ".aws-sam/build"
)

func main() {
	// The temporary file with the key goes, however this ends.
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
	p.site.introduce(out)
	if err := p.sam.build(ctx, p.chosen.arch); err != nil {
		return err
	}
	if err := p.chosen.release(buildDir, p.site.parameters); err != nil {
		return err
	}
	p.chosen.announce(out, p.wish.stack)
	if err := p.sam.deploy(ctx, p.wish, p.site.account.Config.Region, p.chosen.values); err != nil {
		return err
	}
	if err := p.site.look(ctx, p.wish.stack); err != nil {
		return err
	}
	return p.site.conclude(out, env, p.wish.stack)
}

// plan is all that a deployment needs, found before it takes minutes.
type plan struct {
	wish   wish
	sam    sam
	site   site
	chosen choice
}

func prepare(ctx context.Context, env environment.Lookup, in *os.File, out io.Writer) (p plan, err error) {
	declared, err := readParameters(templatePath)
	if err != nil {
		return p, err
	}
	if p.wish, err = readWish(env, declared); err != nil {
		return p, err
	}
	if !p.wish.yes && !isTerminal(in) {
		return p, errNobodyToAsk
	}
	if p.sam, err = findSAM(env, in, out); err != nil {
		return p, err
	}
	if p.site, err = survey(ctx, env, p.wish.stack); err != nil {
		return p, err
	}
	if err := checkNames(templatePath, p.wish.stack, p.site.account.Config.Region); err != nil {
		return p, err
	}
	p.chosen, err = choose(p.wish, declared, p.site)
	return p, err
}

// conclude says where the service is and what to do next.
func (s site) conclude(out io.Writer, env environment.Lookup, name string) error {
	if !s.deployed {
		_, err := fmt.Fprintln(out, "Nothing was deployed.")
		return err
	}
	url, err := s.stack.Output("BaseUrl")
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, `
%[1]s is at %[2]s

A token, shown once, and a check of the whole life of a secret:

  make -s token%[3]s WORKSPACE=ws_x
  TOKEN=$(make -s token%[3]s WORKSPACE=ws_smoke EXPIRES=1h) make smoke URL=%[2]s
`, name, url, env.Stack())
	return err
}
