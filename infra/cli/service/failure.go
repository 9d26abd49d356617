package service

import (
	"fmt"
	"net/http"
	"strings"

	"keepsake/infra/cli/client"
)

// Kind says what went wrong, as far as a script must know. Its number is the program's exit code.
type Kind int

// The kinds of failures.
const (
	Failed  Kind = 1 // anything else
	Missing Kind = 2 // nothing has this name or id, or several secrets have the name
	Stale   Kind = 3 // somebody else has changed the secret meanwhile
	Gone    Kind = 4 // the version is destroyed: nothing brings its value back
)

// Failure is an error in words for people, with what they can do. It never contains a value or a token.
type Failure struct {
	Kind    Kind
	Message string
	Help    string   // what to do, or ""
	IDs     []string // of the secrets that have the name, if it is ambiguous
	Status  int      // the response's, or 0
	Away    bool     // the service did not answer, or said that it cannot
	cause   error
}

func (f *Failure) Error() string { return f.Message }

func (f *Failure) Unwrap() error { return f.cause }

// Fail returns a Failure of a kind, without help.
func Fail(kind Kind, format string, args ...any) *Failure {
	return &Failure{Kind: kind, Message: fmt.Sprintf(format, args...)}
}

// Because returns the failure with what a person can do about it.
func (f *Failure) Because(format string, args ...any) *Failure {
	f.Help = fmt.Sprintf(format, args...)
	return f
}

// refusal turns a response of 400 or more into a Failure.
func (s *Service) refusal(response *http.Response, errors []client.ErrorDetail) *Failure {
	f := &Failure{Kind: Failed, Status: response.StatusCode, Message: sentence(response, errors)}
	metadata := map[string]string{}
	if len(errors) > 0 && errors[0].Metadata != nil {
		metadata = *errors[0].Metadata
	}
	switch response.StatusCode {
	case http.StatusUnauthorized:
		f.Message = "the service does not take the token from " + s.credential.From()
		f.Help = "It may have expired, or been revoked. Log in with another: keepsake login " + s.address
	case http.StatusForbidden:
		if scope := metadata["scope"]; scope != "" {
			f.Message = "the token lacks the scope " + scope
			f.Help = "Ask the owner of the stack for a token that has it."
		}
	case http.StatusNotFound:
		f.Kind = Missing
	case http.StatusConflict:
		switch metadata["reason"] {
		case "ABORTED":
			f.Kind = Stale
			f.Message = "it has been changed meanwhile, and this command has changed nothing"
			f.Help = "Look at it again, then repeat the command."
		case "NAME_NOT_UNIQUE":
			f.Kind, f.IDs = Missing, strings.Fields(metadata["ids"])
		}
	case http.StatusGone:
		f.Kind = Gone
		f.Help = "Nothing brings its value back. Ask for another version."
	case http.StatusTooManyRequests, http.StatusServiceUnavailable, http.StatusBadGateway, http.StatusGatewayTimeout:
		f.Away = true
		f.Help = "Try again in a minute."
	case http.StatusBadRequest:
		if strings.Contains(f.Message, "Akua-Context") {
			f.Help = "Name a workspace: --workspace ws_…, or KEEPSAKE_WORKSPACE."
		}
	}
	return f
}

// sentence is what the response says, with its id for the owner's log.
func sentence(response *http.Response, errors []client.ErrorDetail) string {
	if len(errors) == 0 {
		return fmt.Sprintf("the service answered %d, and not in Keepsake's form: is the address right?", response.StatusCode)
	}
	said := make([]string, 0, len(errors))
	for _, e := range errors {
		text := e.Message
		if e.Path != nil && len(*e.Path) > 1 {
			text = strings.Join((*e.Path)[1:], ".") + ": " + text
		}
		said = append(said, text)
	}
	text := strings.Join(said, "; ")
	if id := response.Header.Get("Apigw-Requestid"); id != "" && response.StatusCode >= 500 {
		text += " (request " + id + ")"
	}
	return text
}
