package main

import (
	"net/http"
	"os"
	"time"

	"keepsake/infra/cloud/lambda"
)

// newFunction returns the Invoke API with the one function, which a program with a runtime interface client serves.
func newFunction(program string, variables []string) http.Handler {
	mux := http.NewServeMux()
	mux.Handle(lambda.InvokePath, lambda.New(os.Stderr, lambda.Function{
		Name: function, Binary: program, Timeout: 30 * time.Second, MemoryMB: 256, Environment: variables,
	}))
	return mux
}
