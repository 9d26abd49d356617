package main

import (
	"context"
	"errors"
	"io/fs"
	"maps"
	"os"
	"time"

	"github.com/spf13/cobra"

	"keepsake/infra/cli/login"
	"keepsake/infra/cli/run"
	"keepsake/infra/cli/service"
)

// execution is what keepsake exec was told.
type execution struct {
	bindings  []string
	file      string
	watch     bool
	interval  time.Duration
	grace     time.Duration
	signal    string
	fallback  string
	maxAge    time.Duration
	passToken bool
}

func execCommand(a *app) *cobra.Command {
	var in execution
	c := &cobra.Command{
		Use:   "exec [-e VAR=NAME[@alias]]… -- COMMAND [ARG]…",
		Short: "Run a program with secrets in its environment",
		Long: `exec reads secrets and runs a program with their values in its environment, and nowhere else: not in arguments,
not in files. Without -e it reads keepsake.yaml, whose lines under env: are VAR: NAME[@alias].

It exits with the program's code; with 127 if there is no such program, 126 if it cannot be run.`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usage(cmd, "exec needs a command")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error { return a.exec(cmd.Context(), in, args) },
	}
	flags := c.Flags()
	flags.SetInterspersed(false)
	flags.StringArrayVarP(&in.bindings, "env", "e", nil, "a variable and the secret in it: VAR=NAME[@alias]")
	flags.StringVar(&in.file, "config", run.File, "the file that names the variables")
	flags.BoolVar(&in.watch, "watch", false, "look for new values, and restart the program if there is one")
	flags.DurationVar(&in.interval, "interval", time.Minute, "with --watch: how often to look")
	flags.DurationVar(&in.grace, "grace", 10*time.Second, "with --watch: how long the program has to end")
	flags.StringVar(&in.signal, "signal", "", "with --watch: send this signal, such as HUP, and do not restart")
	flags.StringVar(&in.fallback, "fallback", "", "keep the values in this file, encrypted, for when the service is away")
	flags.DurationVar(&in.maxAge, "fallback-max-age", 24*time.Hour, "do not use a fallback that is older")
	flags.BoolVar(&in.passToken, "pass-token", false, "let the program have KEEPSAKE_TOKEN")
	return c
}

func (a *app) exec(ctx context.Context, in execution, args []string) error {
	bindings, err := in.read()
	if err != nil {
		return err
	}
	program, code, err := run.Find(args)
	if err != nil {
		return a.ended(code, err)
	}
	var onChange os.Signal
	if in.signal != "" {
		if onChange, err = run.ParseSignal(in.signal); err != nil {
			return err
		}
	}
	account, err := a.account()
	if err != nil {
		return err
	}
	config := a.config(account)
	config.Once = in.fallback != "" // there is another way
	s, err := service.New(config)
	if err != nil {
		return err
	}
	source, err := a.source(in, account, s, bindings)
	if err != nil {
		return err
	}
	values, err := source.first(ctx)
	if err != nil {
		return err
	}
	environment := func(values run.Values) ([]string, error) {
		return run.Environment(os.Environ(), bindings, values, in.passToken)
	}
	if !in.watch {
		environ, err := environment(values)
		if err != nil {
			return err
		}
		code, err := program.Become(environ)
		return a.ended(code, err)
	}
	code, err = run.Watch{
		Program: program, Interval: in.interval, Grace: in.grace, Signal: onChange, Terminal: isTerminal(a.in),
		Environment: environment, Poll: source.poll, Wait: a.wait, Tell: a.tell,
	}.Run(ctx, values)
	return a.ended(code, err)
}

// ended reports err, if there is one, and ends with the code.
func (a *app) ended(code int, err error) error {
	if err != nil {
		a.exitCode(err)
	}
	return &exitStatus{code}
}

// read returns the bindings of the file and of the command line, which wins. Without the one there must be the other.
func (in execution) read() (run.Bindings, error) {
	given, err := run.ParseBindings(in.bindings)
	if err != nil {
		return nil, err
	}
	if len(given) > 0 && in.file == run.File {
		return given, nil
	}
	all, err := run.ReadFile(in.file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, service.Fail(service.Failed, "nothing says which secrets the program needs: there is no -e, and no %s here", in.file).
			Because("Name them: keepsake exec -e DB_PASSWORD=db-password -- COMMAND")
	} else if err != nil {
		return nil, err
	}
	maps.Copy(all, given)
	return all, nil
}

// source is where a program's values come from: the service, or the fallback if it is away.
type source struct {
	app      *app
	service  *service.Service
	bindings run.Bindings
	fallback *run.Fallback // nil: there is none
	said     string        // what was wrong at the last poll
}

func (a *app) source(in execution, account login.Account, s *service.Service, bindings run.Bindings) (*source, error) {
	out := &source{app: a, service: s, bindings: bindings}
	if in.fallback == "" {
		return out, nil
	}
	key := a.getenv("KEEPSAKE_FALLBACK_KEY")
	if key == "" {
		key = login.Lasting(account.Credential)
	}
	if key == "" {
		return nil, service.Fail(service.Failed, "a web identity token changes, and cannot encrypt the fallback").
			Because("Set KEEPSAKE_FALLBACK_KEY to a passphrase.")
	}
	out.fallback = &run.Fallback{Path: in.fallback, Secret: key, Address: account.Address, MaxAge: in.maxAge}
	return out, nil
}

// first reads the values for the program's start.
func (s *source) first(ctx context.Context) (run.Values, error) {
	values, err := run.Read(ctx, s.service, s.bindings)
	if f := new(service.Failure); s.fallback != nil && errors.As(err, &f) && f.Away {
		kept, at, failure := s.fallback.Read(time.Now())
		if failure == nil {
			failure = s.complete(kept)
		}
		if failure != nil {
			s.app.tell("%s", failure)
			return nil, err
		}
		s.app.tell("%s; the values are those of %s, from %s", f.Message, at.Format(time.RFC3339), s.fallback.Path)
		return kept, nil
	}
	if err == nil {
		s.keep(values)
	}
	return values, err
}

// complete refuses a fallback that lacks a value.
func (s *source) complete(kept run.Values) error {
	for _, r := range s.bindings {
		if _, ok := kept[r]; !ok {
			return service.Fail(service.Failed, "the fallback %s has no value for %s", s.fallback.Path, r)
		}
	}
	return nil
}

// keep writes the fallback. If that fails, the program runs all the same.
func (s *source) keep(values run.Values) {
	if s.fallback == nil {
		return
	}
	if err := s.fallback.Write(values, time.Now()); err != nil {
		s.app.tell("the fallback is not written: %v", err)
	}
}

// poll reads what has changed. What cannot be read stays as it was; the reason is said once.
func (s *source) poll(ctx context.Context, before run.Values) (run.Values, bool) {
	now, changed, err := run.ReadNew(ctx, s.service, s.bindings, before)
	switch {
	case ctx.Err() != nil:
		return before, false
	case err != nil && err.Error() != s.said:
		s.said = err.Error()
		s.app.tell("the program keeps the values that it has: %s", s.said)
	case err == nil:
		s.said = ""
		s.keep(now)
	}
	return now, changed
}
