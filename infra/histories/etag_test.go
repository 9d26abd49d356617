package histories

import (
	"slices"
	"strings"
)

// never is an etag that no resource has.
const never = "4711"

// etag is an etag and those that it has been, or is not. An empty one is one that nobody has been told
// yet: the first answer that tells it says what it is.
type etag struct {
	now  string
	past []string
}

// promise is a change that has happened, in part at least, and whose answer has not told of it yet.
type promise struct {
	request  int64
	number   int    // of the version that it is about
	declined bool   // nobody knows of it, and it has not happened
	more     int    // enabled versions
	to       string // what the version becomes; "" if it is that already
	value    string // of a new version
	version  bool   // it has happened to the version
	secret   bool   // it has happened to the secret
}

// changed gives the secret another etag.
func (s *state) changed() { s.etag.changed() }

func (e *etag) changed() {
	if e.now != "" {
		e.past = insert(e.past, e.now, strings.Compare)
	}
	e.now = ""
}

// guesses are the states in which the place may be, given that the request came with this If-Match:
// where the etag has not been told yet it may be that one, or not.
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

// matched is the etag that a request's If-Match is about; nil if there is none.
func (s *state) matched(in input) *etag {
	if becomes[in.op] == "" {
		return &s.etag
	}
	if in.number > len(s.versions) {
		return nil
	}
	return &s.versions[in.number-1].etag
}

// tell takes over what an answer says that the etag is; false if it cannot be that.
func (e *etag) tell(text string) bool {
	if e.now == "" && !slices.Contains(e.past, text) {
		e.now = text
	}
	return text != "" && e.now == text
}

func (e etag) String() string { return e.now + "≠" + strings.Join(e.past, ",") }
