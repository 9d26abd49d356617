package main

import (
	"fmt"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"keepsake/shared/auth/authtest"
)

// lone stands for the test that authtest's issuers want. A failure ends the program.
type lone struct{ testing.TB }

// Helper does nothing: there is no test.
func (lone) Helper() {}

// Error says what went wrong.
func (lone) Error(args ...any) { fmt.Fprintln(os.Stderr, args...) }

// Fatal says what went wrong, and ends the program.
func (lone) Fatal(args ...any) {
	fmt.Fprintln(os.Stderr, args...)
	os.Exit(1)
}

// issuer is an issuer at address whose tokens have the shape of that name.
type issuer struct {
	*authtest.Issuer
	shape authtest.Shape
}

func newIssuer(address, name string, algorithm jose.SignatureAlgorithm) issuer {
	i := slices.IndexFunc(authtest.Shapes, func(s authtest.Shape) bool { return s.Name == name })
	shape := authtest.Shapes[i]
	return issuer{authtest.NewIssuer(lone{}, address, shape.KeysPath, algorithm), shape}
}

// token returns a token with the shape's claims, but for those that are given.
func (i issuer) token(lifetime time.Duration, given map[string]any) (token string, until time.Time) {
	now := time.Now()
	claims := i.shape.Claims(i.Name, now)
	until = now.Add(lifetime)
	claims["exp"] = until.Unix()
	for name, value := range given {
		claims[name] = value
	}
	return i.Sign("k1", claims), until
}
