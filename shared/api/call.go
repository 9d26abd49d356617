package api

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"keepsake/shared/auth"
	"keepsake/shared/fault"
	"keepsake/shared/secret"
)

// The longest of each parameter, in characters.
const (
	maxID             = 54
	maxVersionID      = 55
	maxAccessVersion  = 128
	maxIfMatch        = 256
	maxIdempotencyKey = 64
)

// The bounds of what an answer tells of a bad request: a body has room for tens of thousands of
// faults, and for names as long as itself.
const (
	maxFaults = 10
	maxWord   = 200 // characters of a client's own word
)

// Call is one request on its way through an operation. Its methods read the request's parts; what
// is wrong with one is noted, so that Invalid tells all of it at once.
type Call struct {
	event      Request
	operation  string
	invocation string
	trace      string     // the request's, as telemetry.TraceID
	faults     fault.List // the first maxFaults
	found      int        // how many there are in all
	moment     time.Time  // when the request came

	Now       time.Time // moment, cut to the second: the whole request happens in it
	Principal auth.Principal
	Workspace string // the one that the caller acts in

	created   string // the id of the secret that the call has made, for the log
	unaudited bool   // an audit line of the call could not be written
}

// Invalid returns what has been found wrong with the request, and how much that is if it is more
// than is told one by one; nil if nothing. An operation reads all it needs, then asks, then acts.
func (c *Call) Invalid() error {
	if len(c.faults) == 0 {
		return nil
	}
	if c.found > maxFaults {
		rest := fmt.Sprintf("%d faults in all: the first %d are listed", c.found, maxFaults)
		return append(slices.Clone(c.faults), fault.NewInvalid(rest, "body"))
	}
	return c.faults
}

// Secret names the secret in the path.
func (c *Call) Secret() secret.Ref {
	return secret.Ref{Workspace: c.Workspace, ID: c.param("id", maxID)}
}

// Version names the version of ref in the path; what is no version's id names nothing.
func (c *Call) Version(ref secret.Ref) secret.VersionRef {
	v, ok := ref.ParseVersionID(c.param("vid", maxVersionID))
	if !ok {
		return secret.VersionRef{}
	}
	return v
}

// VersionAsked is what the path says of the version to access: an id, "latest" or an alias.
func (c *Call) VersionAsked() string { return c.param("vid", maxAccessVersion) }

// IfMatch is the etag that the caller has seen, quoted or bare. One that is not of our form
// matches nothing.
func (c *Call) IfMatch() secret.Etag {
	const name = "if-match"
	text := c.header(name)
	if text == nil {
		c.invalid("is required: the etag of the resource as it was last read", "headers", name)
		return secret.NoEtag
	}
	c.length(*text, 1, maxIfMatch, "headers", name)
	bare, opened := strings.CutPrefix(strings.TrimPrefix(*text, "W/"), `"`)
	bare, closed := strings.CutSuffix(bare, `"`)
	if opened != closed {
		c.invalid("has a quotation mark on one side only: send the etag bare, or in a pair of them", "headers", name)
	}
	if strings.HasPrefix(*text, "W/") {
		return secret.NoEtag // a weak etag says what is alike, not what is the same
	}
	return secret.ParseEtag(bare)
}

// Has reports whether the caller says, by If-None-Match, that it has what etag stands for.
func (c *Call) Has(etag secret.Etag) bool {
	for tag := range strings.SplitSeq(c.event.Headers["if-none-match"], ",") {
		tag = strings.TrimPrefix(strings.TrimSpace(tag), "W/")
		if tag == "*" || strings.Trim(tag, `"`) == etag.String() {
			return true
		}
	}
	return false
}

// IdempotencyKey is the request's key; empty: none.
func (c *Call) IdempotencyKey() string {
	const name = "idempotency-key"
	text := c.header(name)
	if text == nil {
		return ""
	}
	c.length(*text, 1, maxIdempotencyKey, "headers", name)
	return *text
}

// Flag is a query parameter that is true, false or null; absent and null are false.
func (c *Call) Flag(name string) bool {
	text, ok := c.query(name)
	if ok && text != "true" && text != "false" && text != "null" {
		c.invalid("must be true or false", "query", name)
	}
	return text == "true"
}

// Stamp says who makes this call, when and from where.
func (c *Call) Stamp() secret.Stamp {
	return secret.Stamp{
		Operation:    c.operation,
		Principal:    c.Principal.ID,
		RequestID:    c.event.RequestContext.RequestID,
		InvocationID: c.invocation,
		SourceIP:     address(c.event.RequestContext.HTTP.SourceIP),
		ViewerIP:     address(c.event.Headers["x-viewer-address"]),
		TraceID:      c.trace,
		At:           c.moment,
	}
}

func (c *Call) param(name string, max int) string {
	text := c.event.PathParameters[name]
	c.length(text, 1, max, "params", name)
	return text
}

// header returns a header by its lower-case name; nil if the request has none.
func (c *Call) header(name string) *string {
	if text, ok := c.event.Headers[name]; ok {
		return &text
	}
	return nil
}

// length notes a fault unless text has min to max characters.
func (c *Call) length(text string, min, max int, path ...string) {
	if n := utf8.RuneCountInString(text); n < min || n > max {
		c.fault(lengthFault(min, max, "characters", path...))
	}
}

func (c *Call) invalid(message string, path ...string) {
	c.fault(fault.NewInvalid(message, path...))
}

func (c *Call) fault(f *fault.Error) {
	c.found++
	if len(c.faults) == maxFaults {
		return
	}
	for i, name := range f.Path {
		f.Path[i] = shorten(name)
	}
	c.faults = append(c.faults, f)
}

// shorten cuts a client's own word to what an answer has room for.
func shorten(word string) string {
	if runes := []rune(word[:min(len(word), 4*maxWord+4)]); len(runes) > maxWord {
		return string(runes[:maxWord]) + "…"
	}
	return word
}

// address returns text if it is an IP address: what a client can write into a header goes into
// the trail as nothing else.
func address(text string) string {
	if _, err := netip.ParseAddr(text); err != nil {
		return ""
	}
	return text
}

func lengthFault(min, max int, unit string, path ...string) *fault.Error {
	if min == 0 {
		return fault.NewInvalid(fmt.Sprintf("must have at most %d %s", max, unit), path...)
	}
	return fault.NewInvalid(fmt.Sprintf("must have %d to %d %s", min, max, unit), path...)
}
