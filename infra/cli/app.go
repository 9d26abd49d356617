package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/term"

	"keepsake/infra/cli/login"
	"keepsake/infra/cli/service"
)

// app is what the commands share: the streams, and the flags that each command has.
type app struct {
	in     *os.File
	out    *os.File
	errOut *os.File
	getenv func(string) string
	wait   service.Wait

	json      bool
	workspace string
}

// wait is replaced by tests, which do not wait.
var wait service.Wait = service.Sleep

func newApp() *app {
	return &app{in: os.Stdin, out: os.Stdout, errOut: os.Stderr, getenv: os.Getenv, wait: wait}
}

// store is where the login is kept.
func (a *app) store() (login.Store, error) {
	folder, err := os.UserConfigDir()
	if err != nil {
		return login.Store{}, fmt.Errorf("find the folder for the login: %w", err)
	}
	return login.Store{Folder: filepath.Join(folder, "keepsake")}, nil
}

// account returns the service that the user calls, and as whom.
func (a *app) account() (login.Account, error) {
	store, err := a.store()
	if err != nil {
		store = login.Store{Folder: os.DevNull} // a container without HOME, in which the environment says it all
	}
	account, err := login.Find(a.getenv, store)
	if a.workspace != "" {
		account.Workspace = a.workspace
	}
	return account, err
}

// service returns the service that the user calls.
func (a *app) service(changes ...func(*service.Config)) (*service.Service, error) {
	account, err := a.account()
	if err != nil {
		return nil, err
	}
	config := a.config(account)
	for _, change := range changes {
		change(&config)
	}
	return service.New(config)
}

func (a *app) config(account login.Account) service.Config {
	return service.Config{
		Address: account.Address, Credential: account.Credential, Workspace: account.Workspace,
		Agent: "keepsake/" + version, Tell: a.tell, Wait: a.wait,
	}
}

// tell says something beside the result, on stderr.
func (a *app) tell(format string, args ...any) {
	fmt.Fprintf(a.errOut, "keepsake: "+format+"\n", args...)
}

func isTerminal(f *os.File) bool { return term.IsTerminal(int(f.Fd())) }

// exitCode reports err, and returns what the process exits with.
func (a *app) exitCode(err error) int {
	if err == nil {
		return 0
	}
	if child := new(exitStatus); errors.As(err, &child) {
		return child.code
	}
	f := new(service.Failure)
	if !errors.As(err, &f) {
		f = service.Fail(service.Failed, "%s", err.Error())
		if strings.HasPrefix(f.Message, "unknown command ") { // cobra says so before any command can
			f = f.Because("More: keepsake --help")
		}
	}
	if errors.Is(err, context.Canceled) {
		f = service.Fail(service.Failed, "interrupted")
	}
	if a.json {
		a.printError(f)
		return int(f.Kind)
	}
	fmt.Fprintf(a.errOut, "keepsake: %s\n", f.Message)
	if f.Help != "" {
		fmt.Fprintf(a.errOut, "  %s\n", f.Help)
	}
	return int(f.Kind)
}

func (a *app) printError(f *service.Failure) {
	said := struct {
		Message string   `json:"message"`
		Help    string   `json:"help,omitempty"`
		Exit    int      `json:"exit"`
		IDs     []string `json:"ids,omitempty"`
	}{f.Message, f.Help, int(f.Kind), f.IDs}
	_ = json.NewEncoder(a.errOut).Encode(map[string]any{"error": said})
}

// exitStatus is the exit code of a child, which is passed on.
type exitStatus struct{ code int }

func (e *exitStatus) Error() string { return fmt.Sprintf("exit status %d", e.code) }

// read reads all of stdin, or of a file. On a terminal it asks, and does not show what is typed.
func (a *app) read(file, ask string) ([]byte, error) {
	switch {
	case file != "":
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		return text, nil
	case isTerminal(a.in):
		fmt.Fprint(a.errOut, ask)
		text, err := term.ReadPassword(int(a.in.Fd()))
		fmt.Fprintln(a.errOut)
		return text, err
	}
	text, err := io.ReadAll(io.LimitReader(a.in, maxInput))
	return withoutLineBreak(text), err
}

// maxInput is the most that is read from stdin, in bytes.
const maxInput = 64 << 20

// withoutLineBreak takes the line break off that echo and editors put at the end.
func withoutLineBreak(text []byte) []byte {
	return []byte(strings.TrimSuffix(strings.TrimSuffix(string(text), "\n"), "\r"))
}
