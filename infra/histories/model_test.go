package histories

import (
	"fmt"
	"hash/fnv"
	"slices"
	"strings"

	"github.com/anishathalye/porcupine"
)

// retention is how long a deleted secret can be brought back, in seconds.
const retention = 3600

// state is what the contract says there is in a place.
type state struct {
	secret   string // "", "active", "soft_deleted" or "gone"
	etag     etag
	purgeAt  int64
	name     string
	alias    int
	versions []version
	done     []done
	told     []promise
}

// never is an etag that no resource has.
const never = "4711"

// etag is an etag and those that it has been, or is not. An empty one is one that nobody has been told
// yet: the first answer that tells it says what it is.
type etag struct {
	now  string
	past []string
}

// promise is a change that has happened and whose answer has not told of it yet.
type promise struct {
	request int64
	number  int // of the version that it is about
}

type version struct {
	state, value string
	etag         etag
}

// done is a request that was carried out under an idempotency key.
type done struct {
	op, key, ifMatch string
	number           int
}

// contract is the model of a place.
var contract = porcupine.NondeterministicModel{
	Init:      func() []any { return []any{state{}} },
	Partition: byPlace,
	Step: func(s, in, out any) []any {
		var next []any
		for _, guess := range s.(state).guesses(in.(input)) {
			for _, n := range step(guess, in.(input), out.(output)) {
				next = append(next, n)
			}
		}
		return next
	},
	Equal: func(a, b any) bool { return a.(state).String() == b.(state).String() },
	Hash: func(s any) uint64 {
		h := fnv.New64a()
		_, _ = h.Write([]byte(s.(state).String()))
		return h.Sum64()
	},
	DescribeOperation: func(in, out any) string { return fmt.Sprintf("%s → %s", in, out) },
	DescribeState:     func(s any) string { return s.(state).String() },
}

func byPlace(history []porcupine.Operation) [][]porcupine.Operation {
	places := map[int][]porcupine.Operation{}
	for _, o := range history {
		place := o.Input.(input).place
		places[place] = append(places[place], o)
	}
	var out [][]porcupine.Operation
	for _, operations := range places {
		out = append(out, operations)
	}
	return out
}

// step returns the states in which a place may be behind a request that was answered so; none if the
// contract does not allow the answer.
func step(s state, in input, out output) []state {
	if out.unknown { // it may have been carried out, or not
		next := []state{s}
		if n, ok := s.carryOut(in); ok && !s.hasDone(in) {
			next = append(next, n)
		}
		return next
	}
	switch {
	case in.half == effect:
		return s.happens(in)
	case in.half == telling:
		return s.tells(in, out)
	case s.hasDone(in):
		return s.replayRefused(in, out)
	case out.status == success[in.op]: // of a read, or a hard delete
		n, ok := s.carryOut(in)
		if !ok {
			return nil
		}
		return n.answered(in, out)
	}
	refusal := s.refusal(in)
	if refusal == 0 || out.status != refusal {
		return nil
	}
	return s.refused(in, out)
}

// happens is the moment of a change that has succeeded. Under a key that has come before nothing changes.
func (s state) happens(in input) []state {
	if d := s.doneUnder(in); d != nil {
		in.number = d.number
	} else {
		var ok bool
		if s, ok = s.carryOut(in); !ok {
			return nil
		}
		if in.op == "append" {
			in.number = len(s.versions)
		}
	}
	s.told = append(slices.Clip(s.told), promise{in.request, in.number})
	return []state{s}
}

// tells is the moment that the answer tells of.
func (s state) tells(in input, out output) []state {
	i := slices.IndexFunc(s.told, func(p promise) bool { return p.request == in.request })
	if i < 0 { // it has not happened yet
		return nil
	}
	in.number = s.told[i].number
	s.told = slices.Delete(slices.Clone(s.told), i, i+1)
	return s.answered(in, out)
}

var success = map[string]int{
	"create": 201, "get": 200, "update": 200, "delete": 204, "force": 204, "undelete": 200,
	"append": 201, "enable": 200, "disable": 200, "destroy": 200, "access": 200,
}

var becomes = map[string]string{"enable": "enabled", "disable": "disabled", "destroy": "destroyed"}

// gone reports whether there is nothing in the place, for everybody.
func (s state) gone(now int64) bool {
	return s.secret == "" || s.secret == "gone" || s.secret == "soft_deleted" && now >= s.purgeAt
}

// refusal is the status with which a request must be refused; 0 if it must not.
func (s state) refusal(in input) int {
	stale := func(e etag) int {
		if in.ifMatch != e.now {
			return 409
		}
		return 0
	}
	switch in.op {
	case "create":
		if s.secret != "" { // it has a key, which is known
			return 409
		}
		return 0
	case "get":
		if s.gone(in.now) {
			return 404
		}
		return 0
	case "force":
		if s.gone(in.now) {
			return 404
		}
		return stale(s.etag)
	case "undelete":
		switch {
		case s.gone(in.now):
			return 404
		case s.secret == "active":
			return 409
		}
		return stale(s.etag)
	}
	if s.secret != "active" {
		return 404
	}
	switch in.op {
	case "update":
		if status := stale(s.etag); status != 0 {
			return status
		}
		if in.alias > len(s.versions) {
			return 400
		}
	case "delete":
		return stale(s.etag)
	case "enable", "disable", "destroy":
		if in.number > len(s.versions) {
			return 404
		}
		switch v := s.versions[in.number-1]; {
		case v.state == becomes[in.op]:
			return 0
		case v.state == "destroyed":
			return 409
		default:
			return stale(v.etag)
		}
	case "access":
		n := s.asked(in)
		if n == 0 || n > len(s.versions) {
			return 404
		}
		return map[string]int{"enabled": 0, "disabled": 409, "destroyed": 410}[s.versions[n-1].state]
	}
	return 0
}

// asked is the number of the version that an access asks for; 0 if there is none.
func (s state) asked(in input) int {
	switch in.ask {
	case "":
		return in.number
	case alias:
		return s.alias
	}
	for n := len(s.versions); n > 0; n-- {
		if s.versions[n-1].state == "enabled" {
			return n
		}
	}
	return 0
}

// carryOut is the state behind a request; false if it would be refused.
func (s state) carryOut(in input) (state, bool) {
	if s.refusal(in) != 0 {
		return s, false
	}
	switch in.op {
	case "create":
		s.secret, s.name, s.versions = "active", "n", []version{{state: "enabled", value: in.value}}
	case "update":
		s.changed()
		s.name = in.name
		if in.alias > 0 {
			s.alias = in.alias
		}
	case "delete":
		s.changed()
		s.secret, s.purgeAt = "soft_deleted", in.now+retention
	case "force":
		s = state{secret: "gone", done: s.done, told: s.told}
	case "undelete":
		s.changed()
		s.secret, s.purgeAt = "active", 0
	case "append":
		s.changed()
		s.versions = append(slices.Clip(s.versions), version{state: "enabled", value: in.value})
		in.number = len(s.versions)
	case "enable", "disable", "destroy":
		s.change(in.number, becomes[in.op])
	}
	if in.key != "" {
		s.done = append(slices.Clip(s.done), done{in.op, in.key, in.ifMatch, in.number})
	}
	return s, true
}

// changed gives the secret another etag.
func (s *state) changed() { s.etag.changed() }

func (e *etag) changed() {
	if e.now != "" {
		e.past = append(slices.Clip(e.past), e.now)
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
	e.past = append(slices.Clip(e.past), in.ifMatch)
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

func (s *state) change(number int, to string) {
	v := s.versions[number-1]
	if v.state == to {
		return
	}
	if v.state == "enabled" || to == "enabled" { // the secret's count of them moves
		s.changed()
	}
	v.state = to
	v.etag.changed()
	s.versions = slices.Clone(s.versions)
	s.versions[number-1] = v
}

// hasDone reports whether a request under this key has been carried out.
func (s state) hasDone(in input) bool { return s.doneUnder(in) != nil }

func (s state) doneUnder(in input) *done {
	i := slices.IndexFunc(s.done, func(d done) bool { return in.key != "" && d.op == in.op && d.key == in.key })
	if i < 0 {
		return nil
	}
	return &s.done[i]
}

// replayRefused is for a request that has been carried out under its key before and is refused all the
// same: the contract says that its answer is the resource as it is now, so that there must be none. It
// leaves open what that is of a version whose secret is deleted.
func (s state) replayRefused(in input, out output) []state {
	hidden := (in.op == "append" || in.op == "enable") && s.secret != "active"
	return s.when(out.status == 404 && (s.gone(in.now) || hidden))
}

func (s state) when(allowed bool) []state {
	if !allowed {
		return nil
	}
	return []state{s}
}

// answered holds an answer to a success against the state behind it.
func (s state) answered(in input, out output) []state {
	if s.gone(in.now) && in.op != "force" {
		return nil
	}
	switch in.op {
	case "create", "get", "update", "undelete":
		fits := out.state == s.secret && out.name == s.name && out.count == len(s.versions) &&
			out.enabled == s.enabled() && out.alias == s.alias && out.purgeAt == s.purgeAt
		told := s.etag.tell(out.etag)
		return s.when(fits && told)
	case "delete":
		told := s.etag.tell(out.etag)
		return s.when(told)
	case "append", "enable", "disable", "destroy":
		s.versions = slices.Clone(s.versions)
		v := &s.versions[in.number-1]
		told := v.etag.tell(out.etag)
		return s.when(told && out.number == in.number && out.state == v.state)
	case "access":
		n := s.asked(in)
		s.versions = slices.Clone(s.versions)
		told := s.versions[n-1].etag.tell(out.etag)
		return s.when(told && out.value == s.versions[n-1].value)
	}
	return []state{s}
}

// refused holds a refusal against the state: a conflict tells the current etag.
func (s state) refused(in input, out output) []state {
	if out.status != 409 || out.etag == "" {
		return []state{s}
	}
	if n := s.asked(in); n > 0 && in.op != "update" && in.op != "delete" && in.op != "force" && in.op != "undelete" {
		s.versions = slices.Clone(s.versions)
		told := s.versions[n-1].etag.tell(out.etag)
		return s.when(told)
	}
	told := s.etag.tell(out.etag)
	return s.when(told)
}

func (s state) enabled() (n int) {
	for _, v := range s.versions {
		if v.state == "enabled" {
			n++
		}
	}
	return n
}

// tell takes over what an answer says that the etag is; false if it cannot be that.
func (e *etag) tell(text string) bool {
	if e.now == "" && !slices.Contains(e.past, text) {
		e.now = text
	}
	return text != "" && e.now == text
}

func (e etag) String() string { return e.now + "≠" + strings.Join(e.past, ",") }

func (s state) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s etag=%s", s.secret, s.etag)
	if s.purgeAt > 0 {
		fmt.Fprintf(&b, " purge_at=%d", s.purgeAt)
	}
	fmt.Fprintf(&b, " name=%s %s=%d", s.name, alias, s.alias)
	for i, v := range s.versions {
		fmt.Fprintf(&b, " v%d:%s etag=%s value=%s", i+1, v.state, v.etag, v.value)
	}
	for _, p := range s.told {
		fmt.Fprintf(&b, " untold:%d/%d", p.request, p.number)
	}
	for _, d := range s.done {
		fmt.Fprintf(&b, " %s:%s/%s/%d", d.op, d.key, d.ifMatch, d.number)
	}
	return b.String()
}
