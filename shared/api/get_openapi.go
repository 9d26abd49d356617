package api

import (
	"context"
	_ "embed"
	"net/http"
)

// document describes the API in OpenAPI 3.1. It is written by hand; the tests of this package compare
// the operations with it.
//
//go:embed openapi.json
var document []byte

// GetOpenapi is openapi.get: it returns the API's own description. It asks for no credential and calls
// no backend.
func GetOpenapi(e Edge) Handler {
	return e.open("get-openapi", func(context.Context, *Call) (Response, error) {
		return Response{
			status: http.StatusOK, body: document,
			headers: map[string]string{"Cache-Control": "public, max-age=300"},
		}, nil
	})
}
