package login

import (
	"context"
	"errors"
	"os"
	"strings"

	"keepsake/infra/cli/service"
)

// The variables that say which service is called, and as whom. They win over the login.
const (
	URLVariable          = "KEEPSAKE_URL"
	TokenVariable        = "KEEPSAKE_TOKEN"
	WorkspaceVariable    = "KEEPSAKE_WORKSPACE"
	IdentityFileVariable = "KEEPSAKE_WEB_IDENTITY_TOKEN_FILE"
	AudienceVariable     = "KEEPSAKE_AWS_AUDIENCE" // asks AWS for a web identity token for this audience
)

// Account is the service that the user calls, and as whom.
type Account struct {
	Address    string
	Workspace  string
	Credential service.Credential
}

// Find returns the account. The environment wins over the login. A token of the login is never sent to an address of
// the environment: it is for its own.
func Find(getenv func(string) string, store Store) (Account, error) {
	a := Account{Address: getenv(URLVariable), Workspace: getenv(WorkspaceVariable)}
	switch {
	case getenv(TokenVariable) != "":
		a.Credential = fixed{getenv(TokenVariable), TokenVariable}
	case getenv(IdentityFileVariable) != "":
		a.Credential = identityFile(getenv(IdentityFileVariable))
	case getenv(AudienceVariable) != "":
		a.Credential = &awsIdentity{audience: getenv(AudienceVariable)}
	}
	if a.Address != "" && a.Credential != nil {
		return a, nil
	}
	p, where, err := store.Load()
	if err != nil {
		return a, err
	}
	if a.Credential == nil && p.Address != "" && (a.Address == "" || same(a.Address, p.Address)) {
		a.Credential = fixed{p.Token, where}
		if a.Workspace == "" {
			a.Workspace = p.Workspace
		}
	}
	if a.Address == "" {
		a.Address = p.Address
	}
	switch {
	case a.Address == "" && a.Credential != nil:
		return a, service.Fail(service.Failed, "there is a token, but no address").Because("Set %s to the service's address.", URLVariable)
	case a.Credential == nil && a.Address != "":
		return a, service.Fail(service.Failed, "there is no token for %s", a.Address).
			Because("Log in: keepsake login %s. Or set %s.", a.Address, TokenVariable)
	case a.Credential == nil:
		return a, service.Fail(service.Failed, "you are not logged in").
			Because("Log in: keepsake login ADDRESS. Or set %s and %s.", URLVariable, TokenVariable)
	}
	return a, nil
}

// same reports whether two spellings are one address.
func same(a, b string) bool {
	first, err := service.Address(a)
	second, other := service.Address(b)
	return err == nil && other == nil && first == second
}

// fixed is a token that stays as it is.
type fixed struct{ token, from string }

// Token returns a credential that is always this token.
func Token(token, from string) service.Credential { return fixed{token, from} }

// Bearer returns the token.
func (f fixed) Bearer(context.Context) (string, error) { return Check(f.token, f.from) }

// From says where the token is.
func (f fixed) From() string { return f.from }

// Check returns a token without the space around it. A text that cannot be in a header is a Failure without the text.
func Check(token, from string) (string, error) {
	token = strings.TrimSpace(token)
	switch {
	case token == "":
		return "", service.Fail(service.Failed, "the token from %s is empty", from)
	case strings.ContainsFunc(token, func(r rune) bool { return r <= ' ' || r > '~' }):
		return "", service.Fail(service.Failed, "what came from %s is not a token: it has a space, a line break or a letter that no token has", from)
	}
	return token, nil
}

// identityFile is the path of a file with a web identity token. Who put it there renews it, so it is read for each
// request.
type identityFile string

// Bearer reads the file.
func (path identityFile) Bearer(context.Context) (string, error) {
	text, err := os.ReadFile(string(path))
	if err != nil {
		var cause *os.PathError
		if errors.As(err, &cause) {
			err = cause.Err
		}
		return "", service.Fail(service.Failed, "the web identity token in %s cannot be read: %v", string(path), err)
	}
	return Check(string(text), string(path))
}

// From says where the token is.
func (path identityFile) From() string { return string(path) }

// Lasting returns the token, if it is one that stays the same, else "".
func Lasting(c service.Credential) string {
	if f, ok := c.(fixed); ok {
		return strings.TrimSpace(f.token)
	}
	return ""
}
