package api

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"keepsake/shared/fault"
	"keepsake/shared/secret"
)

// The maximum length of each parameter, in characters.
const (
	maxID             = 54
	maxVersionID      = 55
	maxAccessVersion  = 128
	maxIfMatch        = 256
	maxIdempotencyKey = 64
)

// The bounds of what a response lists of a bad request. A body can hold tens of thousands of faults, and
// a name almost as long as itself.
const (
	maxFaults = 10
	maxWord   = 200 // characters of a name that the client chose
)

// input is a request that is being read. Its methods take the request's parts; each notes what is wrong
// with its part, so that the response lists all faults at once.
type input struct {
	call   *Call
	faults fault.List // the first maxFaults
	found  int        // how many there are in all
}

// invalidities returns what is wrong with the request, or nil. If there are more than maxFaults, the last
// entry says how many.
func (in *input) invalidities() error {
	if len(in.faults) == 0 {
		return nil
	}
	if in.found > maxFaults {
		rest := fmt.Sprintf("%d faults in all: the first %d are listed", in.found, maxFaults)
		return append(slices.Clone(in.faults), fault.NewInvalid(rest, "body"))
	}
	return in.faults
}

// Secret returns the secret that the path names.
func (in *input) Secret() secret.Ref {
	return secret.Ref{Workspace: in.call.Workspace, ID: in.param("id", maxID)}
}

// Version returns the version of ref that the path names. It names nothing if the path's word is not a
// version's id.
func (in *input) Version(ref secret.Ref) secret.VersionRef {
	v, ok := ref.ParseVersionID(in.param("vid", maxVersionID))
	if !ok {
		return secret.VersionRef{}
	}
	return v
}

// VersionAsked returns the path's word for the version to access: an id, "latest" or an alias.
func (in *input) VersionAsked() string { return in.param("vid", maxAccessVersion) }

// NameAsked returns the name of the secret to access. The edge function writes the path's segment with a tilde
// for each percent sign of a percent-encoded name: the gateway does not read it as anything else. It returns ""
// if no secret can have the name.
func (in *input) NameAsked() string {
	const param = "name"
	text, err := url.PathUnescape(strings.ReplaceAll(in.call.event.PathParameters[param], "~", "%"))
	if err != nil {
		in.invalid("must be a name, percent-encoded", "params", param)
		return ""
	}
	before := in.found
	in.length(text, 1, maxName, "params", param)
	in.plain(text, "params", param)
	if in.found > before {
		return ""
	}
	return text
}

// IfMatch returns the etag that the caller has seen, quoted or bare. An etag of another form matches
// nothing.
func (in *input) IfMatch() secret.Etag {
	const name = "if-match"
	text := in.call.header(name)
	if text == nil {
		in.invalid("is required: the etag of the resource as it was last read", "headers", name)
		return secret.NoEtag
	}
	in.length(*text, 1, maxIfMatch, "headers", name)
	bare, opened := strings.CutPrefix(strings.TrimPrefix(*text, "W/"), `"`)
	bare, closed := strings.CutSuffix(bare, `"`)
	if opened != closed {
		in.invalid("has a quotation mark on one side only: send the etag bare, or in a pair of them", "headers", name)
	}
	if strings.HasPrefix(*text, "W/") {
		return secret.NoEtag // a weak etag says what is alike, not what is the same
	}
	return secret.ParseEtag(bare)
}

// etags are the etags of a header, as the client wrote them.
type etags string

// IfNoneMatch returns the etags of the versions that the caller has already.
func (in *input) IfNoneMatch() etags { return etags(in.call.event.Headers["if-none-match"]) }

// has reports whether etag is one of them.
func (e etags) has(etag string) bool {
	for tag := range strings.SplitSeq(string(e), ",") {
		tag = strings.TrimPrefix(strings.TrimSpace(tag), "W/")
		if tag == "*" || strings.Trim(tag, `"`) == etag {
			return true
		}
	}
	return false
}

// IdempotencyKey returns the request's key, or "" if it has none.
func (in *input) IdempotencyKey() string {
	const name = "idempotency-key"
	text := in.call.header(name)
	if text == nil {
		return ""
	}
	in.length(*text, 1, maxIdempotencyKey, "headers", name)
	return *text
}

// Flag returns a query parameter that is true, false or null. Absent and null mean false.
func (in *input) Flag(name string) bool {
	text, ok := in.query(name)
	if ok && text != "true" && text != "false" && text != "null" {
		in.invalid("must be true or false", "query", name)
	}
	return text == "true"
}

func (in *input) param(name string, max int) string {
	text := in.call.event.PathParameters[name]
	in.length(text, 1, max, "params", name)
	return text
}

// length notes a fault unless text has min to max characters.
func (in *input) length(text string, min, max int, path ...string) {
	if n := utf8.RuneCountInString(text); n < min || n > max {
		in.note(lengthFault(min, max, "characters", path...))
	}
}

func (in *input) invalid(message string, path ...string) {
	in.note(fault.NewInvalid(message, path...))
}

// note adds f, if it is not nil, to what is wrong with the request.
func (in *input) note(f *fault.Error) {
	if f == nil {
		return
	}
	in.found++
	if len(in.faults) == maxFaults {
		return
	}
	for i, name := range f.Path {
		f.Path[i] = shorten(name)
	}
	in.faults = append(in.faults, f)
}

// shorten cuts a name that the client chose to maxWord characters.
func shorten(word string) string {
	if runes := []rune(word[:min(len(word), 4*maxWord+4)]); len(runes) > maxWord {
		return string(runes[:maxWord]) + "…"
	}
	return word
}

func lengthFault(min, max int, unit string, path ...string) *fault.Error {
	if min == 0 {
		return fault.NewInvalid(fmt.Sprintf("must have at most %d %s", max, unit), path...)
	}
	return fault.NewInvalid(fmt.Sprintf("must have %d to %d %s", min, max, unit), path...)
}
