// deploy builds every function and deploys the stack: make deploy STACK=keepsake
//
// It asks AWS what is there before it builds, shows what would change and asks whether to go on
// (YES=1 does not ask). ARCH is arm64, which a new stack gets, or x86_64. PARAMS="RetentionDays=14
// AlarmEmail=ops@example.com" sets the template's parameters. What is not named stays as it is. The
// key that CloudFront shows the functions is made at the first deployment, and anew with
// ROTATE_ORIGIN_KEY=1. SAM CLI does the work: from the PATH, or from .local/tools.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"keepsake/infra/account"
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

func deploy(ctx context.Context, env account.Environment, in *os.File, out io.Writer) error {
	declared, err := readParameters(templatePath)
	if err != nil {
		return err
	}
	w, err := readWish(env, declared)
	if err != nil {
		return err
	}
	if !w.yes && !isTerminal(in) {
		return errNobodyToAsk
	}
	tool, err := findSAM(in, out)
	if err != nil {
		return err
	}
	site, err := survey(ctx, env, w.stack)
	if err != nil {
		return err
	}
	site.introduce(out)
	chosen, err := choose(w, declared, site)
	if err != nil {
		return err
	}
	if err := tool.build(ctx, chosen.arch); err != nil {
		return err
	}
	if err := chosen.release(buildDir, site.parameters); err != nil {
		return err
	}
	chosen.announce(out, w.stack)
	if err := tool.deploy(ctx, w, site.account.Config.Region, chosen.values); err != nil {
		return err
	}
	if err := site.look(ctx, w.stack); err != nil {
		return err
	}
	return site.conclude(out, env.Get("REGION"), w.stack)
}

// conclude says where the service is and what to do next.
func (s site) conclude(out io.Writer, region, name string) error {
	if !s.deployed {
		_, err := fmt.Fprintln(out, "Nothing was deployed.")
		return err
	}
	url, err := s.stack.Output("BaseUrl")
	if err != nil {
		return err
	}
	stack := "STACK=" + name
	if region != "" {
		stack += " REGION=" + region
	}
	_, err = fmt.Fprintf(out, `
%[1]s is at %[2]s

A token, shown once, and a check of the whole life of a secret:

  make -s token %[3]s WORKSPACE=ws_x
  make smoke URL=%[2]s TOKEN="$(make -s token %[3]s WORKSPACE=ws_smoke EXPIRES=1h)"
`, name, url, stack)
	return err
}
