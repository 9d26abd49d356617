package histories

import (
	"fmt"
	"hash/fnv"
	"slices"

	"github.com/anishathalye/porcupine"
)

// contract is the model of a slot.
var contract = porcupine.NondeterministicModel{
	Init:      func() []any { return []any{state{}} },
	Partition: bySlot,
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

func bySlot(history []porcupine.Operation) [][]porcupine.Operation {
	slots := map[int][]porcupine.Operation{}
	for _, o := range history {
		slot := o.Input.(input).slot
		slots[slot] = append(slots[slot], o)
	}
	var out [][]porcupine.Operation
	for _, operations := range slots {
		out = append(out, operations)
	}
	return out
}

// step returns the states in which a slot may be after a request with this outcome. It returns none if
// the contract does not allow the outcome.
func step(s state, in input, out output) []state {
	if in.half == ofVersion || in.half == ofSecret {
		return s.happensTo(in, out)
	}
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
	case in.half == response:
		return s.responds(in, out)
	case s.hasDone(in):
		return s.replayRefused(in, out)
	case out.status == success[in.op]: // a read, or a hard delete
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

// happens is the moment of a change that has succeeded. If its key has been used before, nothing changes.
func (s state) happens(in input) []state {
	if d := s.doneUnder(in); d != nil {
		in.number = d.number
	} else {
		var ok bool
		if s, ok = s.carryOut(in); !ok {
			return nil
		}
	}
	s.pending = insert(s.pending, change{request: in.request, number: in.number, version: true, secret: true}, byRequest)
	return []state{s}
}

var success = map[string]int{
	"create": 201, "get": 200, "update": 200, "delete": 204, "force": 204, "undelete": 200,
	"append": 201, "enable": 200, "disable": 200, "destroy": 200, "access": 200,
}

var becomes = map[string]string{"enable": "enabled", "disable": "disabled", "destroy": "destroyed"}

// carryOut returns the state after a request, or false if the request would be refused.
func (s state) carryOut(in input) (state, bool) {
	if s.refusal(in) != 0 {
		return s, false
	}
	switch in.op {
	case "create":
		s.secret, s.name, s.count, s.enabled = "active", "n", 1, 1
		s.versions = []version{{state: "enabled", value: in.value}}
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
		s = state{secret: "gone", done: s.done, pending: s.pending}
	case "undelete":
		s.changed()
		s.secret, s.purgeAt = "active", 0
	}
	if in.key != "" {
		s.done = insert(s.done, done{in.op, in.key, in.ifMatch, in.number}, byKey)
	}
	return s, true
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

// replayRefused checks a refusal of a request that has been carried out under its key before. By the
// contract the response is the resource as it is now, so the resource must be gone. The contract leaves
// open what the response is for a version whose secret is deleted.
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

// answered compares the response to a success with the state after it.
func (s state) answered(in input, out output) []state {
	if s.gone(in.now) && in.op != "force" {
		return nil
	}
	switch in.op {
	case "create", "get", "update", "undelete":
		fits := out.state == s.secret && out.name == s.name && out.count == s.count && out.enabled == s.enabled && out.alias == s.alias && out.purgeAt == s.purgeAt
		known := s.etag.learn(out.etag)
		return s.when(fits && known)
	case "delete":
		known := s.etag.learn(out.etag)
		return s.when(known)
	case "append", "enable", "disable", "destroy":
		if in.number > len(s.versions) { // another request under its key has still to make it
			return nil
		}
		s.versions = slices.Clone(s.versions)
		v := &s.versions[in.number-1]
		known := v.etag.learn(out.etag)
		return s.when(known && out.number == in.number && out.state == v.state)
	case "access":
		n := s.asked(in)
		s.versions = slices.Clone(s.versions)
		known := s.versions[n-1].etag.learn(out.etag)
		return s.when(known && out.value == s.versions[n-1].value)
	}
	return []state{s}
}

// refused compares a refusal with the state: a conflict shows the current etag.
func (s state) refused(in input, out output) []state {
	if out.status != 409 || out.etag == "" {
		return []state{s}
	}
	if n := s.asked(in); n > 0 && in.op != "update" && in.op != "delete" && in.op != "force" && in.op != "undelete" {
		s.versions = slices.Clone(s.versions)
		known := s.versions[n-1].etag.learn(out.etag)
		return s.when(known)
	}
	known := s.etag.learn(out.etag)
	return s.when(known)
}
