// deploy builds every function and deploys the stack: make deploy STACK=keepsake
//
// It asks AWS what is there before it builds, sums up what would change, and asks whether to go on (YES=1: it does not
// ask, unless a table or a key would be replaced or removed). CHANGESET=only stops before that, and leaves the change
// set for somebody else to execute. ARCH is arm64, the default of a new stack, or x86_64.
// PARAMS="RetentionDays=14 AlarmEmail=ops@example.com" sets the template's parameters; the others keep their values.
// The keys that CloudFront may show the functions are made by the first deployment. ROTATE_ORIGIN_KEY=1 makes a new
// one, and ROTATE_ORIGIN_KEY=2 lets CloudFront show it. TAGS="team=platform -old" tags the stack and all that is in it,
// and removes a tag; ROLE is what CloudFormation acts as. SAM CLI builds and uploads: the one that SAM names, or the one
// in .local/tools, or the one on the PATH. If there is none, it is fetched into .local/tools.
package main

import (
	"context"
	"errors"
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
	person := console{in: os.Stdin, out: os.Stdout, terminal: isTerminal(os.Stdin)}
	if err := deploy(ctx, os.LookupEnv, person, sleep); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func deploy(ctx context.Context, env environment.Lookup, person console, wait pause) error {
	out := person.out
	p, err := prepare(ctx, env, person)
	if err != nil {
		return p.target.withLeft(ctx, out, err)
	}
	set, err := p.build(ctx, out)
	if err != nil {
		return err
	}
	if set.arn == "" {
		_, err := fmt.Fprintln(out, "There is nothing to change: nothing was deployed.")
		return err
	}
	set.print(out, p.settings.stack)
	if p.settings.review {
		set.printReview(out, p.target, p.settings.stack)
		return nil
	}
	if goOn, err := person.confirm(ctx, p.settings, set); !goOn {
		_, _ = fmt.Fprintln(out, "Nothing was deployed.")
		return errors.Join(err, set.delete(context.WithoutCancel(ctx), p.target))
	}
	first := !p.target.deployed
	if err := p.target.execute(ctx, out, wait, set, p.settings.stack); err != nil {
		return p.target.withLeft(ctx, out, err)
	}
	if first {
		if err := p.target.protect(ctx); err != nil {
			return err
		}
	}
	return p.target.printNextSteps(out, env, p.settings.stack)
}

// build builds the functions and makes the change set. Without a change, the change set has no name.
func (p plan) build(ctx context.Context, out io.Writer) (changeSet, error) {
	p.target.print(out)
	_, _ = fmt.Fprintln(out, "Building the functions: a minute or two.")
	if err := p.sam.build(ctx, p.chosen.arch); err != nil {
		return changeSet{}, err
	}
	if err := p.chosen.nameReleases(buildDir, p.target.parameters); err != nil {
		return changeSet{}, err
	}
	p.chosen.printNotes(out, p.settings.stack)
	_, _ = fmt.Fprintln(out, "Uploading them, and asking CloudFormation what would change.")
	arn, err := p.sam.changeSet(ctx, p.settings.stack, p.target.account.Config.Region, p.chosen.values, p.organisation()...)
	if err != nil || arn == "" {
		return changeSet{}, err
	}
	return p.target.readChangeSet(ctx, arn)
}

// plan is all that a deployment needs. It is made before the build, which takes minutes.
type plan struct {
	settings settings
	sam      sam
	target   target
	chosen   choice
}

func prepare(ctx context.Context, env environment.Lookup, person console) (p plan, err error) {
	declared, err := readParameters(templatePath)
	if err != nil {
		return p, err
	}
	if p.settings, err = readSettings(env, declared); err != nil {
		return p, err
	}
	if !p.settings.yes && !p.settings.review && !person.terminal {
		return p, errNoTerminal
	}
	if p.target, err = findTarget(ctx, env, p.settings.stack); err != nil {
		return p, err
	}
	if err := checkNames(templatePath, p.settings.stack, p.target.account.Config.Region); err != nil {
		return p, err
	}
	if p.chosen, err = choose(p.settings, declared, p.target); err != nil {
		return p, err
	}
	p.sam, err = findSAM(ctx, env, person.out)
	return p, err
}

// printNextSteps says where the service is and what to do next.
func (t target) printNextSteps(out io.Writer, env environment.Lookup, name string) error {
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
