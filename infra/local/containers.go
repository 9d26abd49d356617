package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"slices"
	"strings"

	"keepsake/infra/local/containers"
	"keepsake/infra/template"
)

// builtDir is the folder into which make sam-invoke builds the functions for this machine's processor.
const builtDir = ".aws-sam/containers"

// errClosed is shown if the running stack listens on the loopback interface only.
var errClosed = errors.New("containers cannot reach the running stack: end it, and start it with DOCKER=1 make run")

// invokeInContainers is make sam-invoke: it sends each function its sample event in a container of
// its own, and prints a line for each. It returns an error if any of them failed.
func invokeInContainers(ctx context.Context, names []string, out io.Writer) error {
	c, err := newClient(io.Discard)
	if err != nil {
		return err
	}
	if _, err := c.call(ctx, http.MethodGet, "/openapi.json", "", ""); err != nil {
		return orNoStack(err)
	}
	functions, err := chosen(names)
	if err != nil {
		return err
	}
	sam, err := readySAM(os.Getenv, c.lambda)
	if err != nil {
		return err
	}
	failed := 0
	for outcome := range sam.InvokeAll(ctx, functions, c.sample, sampleStatus) {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		fmt.Fprintln(out, outcome.Line())
		if outcome.Failed {
			failed++
		}
	}
	if failed > 0 {
		return fmt.Errorf("%d of %d functions failed: see %s", failed, len(functions), sam.Logs)
	}
	return nil
}

// chosen returns the functions of these names, or all if there is no name.
func chosen(names []string) ([]template.Function, error) {
	tmpl, err := template.Read(templatePath, parameters(os.Getenv)...)
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		if _, known := tmpl.Function(name); !known {
			return nil, fmt.Errorf("there is no function %q", name)
		}
	}
	return slices.DeleteFunc(tmpl.Functions, func(f template.Function) bool {
		return len(names) > 0 && !slices.Contains(names, f.Name)
	}), nil
}

// readySAM returns a SAM that is prepared to invoke. The Makefile names the SAM CLI and the image in the
// environment.
func readySAM(getenv func(string) string, aws string) (*containers.SAM, error) {
	sam := &containers.SAM{
		Binary: getenv("SAM"), Image: getenv("SAM_IMAGE"), Parameters: strings.Fields(getenv("SAM_PARAMETERS")),
		Built: builtDir, Logs: stateDir + "/containers", AWS: aws,
	}
	if sam.Binary == "" || sam.Image == "" {
		return nil, errors.New("SAM and SAM_IMAGE name the SAM CLI and the functions' image: make sam-invoke sets them")
	}
	err := sam.Prepare()
	if errors.Is(err, fs.ErrNotExist) {
		return nil, errClosed
	}
	return sam, err
}

// sampleStatus returns the HTTP status with which a function of the API answers its sample event.
func sampleStatus(function string) int {
	return cmp.Or(map[string]int{
		"create-secret":         http.StatusCreated,
		"create-secret-version": http.StatusCreated,
		"delete-secret":         http.StatusNoContent,
		"reject-unknown-route":  http.StatusNotFound,
	}[function], http.StatusOK)
}
