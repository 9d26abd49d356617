package histories

import (
	"slices"
	"strings"
)

// never is an etag that no resource has.
const never = "4711"

// etag is a resource's etag now, and the values that it cannot have any more. now is empty if no response
// has shown the etag yet: the first one that does sets it.
type etag struct {
	now  string
	past []string
}

// change is a change that has happened, at least in part, but whose response is still to come.
type change struct {
	request  int64
	number   int    // of the version that it changes
	declined bool   // its outcome is unknown, and here it does not happen
	more     int    // what it adds to the count of enabled versions
	to       string // the version's new state; "" if it has that state already
	value    string // of a new version
	version  bool   // it has happened to the version
	secret   bool   // it has happened to the secret
}

// changed gives the secret a new etag, which is not known yet.
func (s *state) changed() { s.etag.changed() }

func (e *etag) changed() {
	if e.now != "" {
		e.past = insert(e.past, e.now, strings.Compare)
	}
	e.now = ""
}

// guesses returns the states in which the slot may be, given the request's If-Match. If the etag is not
// known yet, it may be that one or another.
func (s state) guesses(in input) []state {
	e := s.matched(in)
	if e == nil || e.now != "" || in.ifMatch == "" || in.ifMatch == never || slices.Contains(e.past, in.ifMatch) {
		return []state{s}
	}
	is, not := s, s
	is.versions, not.versions = slices.Clone(s.versions), slices.Clone(s.versions)
	is.matched(in).now = in.ifMatch
	e = not.matched(in)
	e.past = insert(e.past, in.ifMatch, strings.Compare)
	return []state{is, not}
}

// matched returns the etag that a request's If-Match is compared with, or nil if there is no such version.
func (s *state) matched(in input) *etag {
	if becomes[in.op] == "" {
		return &s.etag
	}
	if in.number > len(s.versions) {
		return nil
	}
	return &s.versions[in.number-1].etag
}

// learn sets an unknown etag to the one that a response shows. It returns false if the etag cannot be
// that one.
func (e *etag) learn(text string) bool {
	if e.now == "" && !slices.Contains(e.past, text) {
		e.now = text
	}
	return text != "" && e.now == text
}

func (e etag) String() string { return e.now + "≠" + strings.Join(e.past, ",") }
