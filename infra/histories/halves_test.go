package histories

import "slices"

// happensTo is the moment at which a change of a version reaches the version or the secret's counts.
func (s state) happensTo(in input, out output) []state {
	i := slices.IndexFunc(s.pending, func(p change) bool { return p.request == in.request })
	begun := []state{s}
	if i < 0 {
		begun = s.begin(in, out)
	}
	var next []state
	for _, s := range begun {
		s.pending = slices.Clone(s.pending)
		i := slices.IndexFunc(s.pending, func(p change) bool { return p.request == in.request })
		p := &s.pending[i]
		ok := true
		if in.half == ofVersion {
			p.version = true
			ok = p.declined || s.changeVersion(*p)
		} else {
			p.secret = true
			ok = p.declined || s.changeCounts(*p)
		}
		if p.declined && p.version && p.secret {
			s.pending = slices.Delete(s.pending, i, i+1)
		}
		if ok {
			next = append(next, s)
		}
	}
	return next
}

// begin returns the state in which a change is about to happen. If its outcome is unknown, begin also
// returns the state in which it does not happen.
func (s state) begin(in input, out output) []state {
	var next []state
	with := func(s state, p change) {
		p.request = in.request
		s.pending = insert(s.pending, p, byRequest)
		next = append(next, s)
	}
	if out.unknown {
		with(s, change{declined: true})
	}
	if d := s.doneUnder(in); d != nil {
		if !s.gone(in.now) {
			with(s, change{number: d.number})
		}
		return next
	}
	if s.refusal(in) != 0 {
		return next
	}
	p := change{number: in.number, to: becomes[in.op], value: in.value}
	if in.op == "append" {
		p.number, p.to, p.more = max(s.count, len(s.versions))+1, "enabled", 1
	} else if was := s.versions[in.number-1].state; was == p.to {
		p.to = ""
	} else if was == "enabled" {
		p.more = -1
	} else if p.to == "enabled" {
		p.more = 1
	}
	if in.key != "" {
		s.done = insert(s.done, done{in.op, in.key, in.ifMatch, p.number}, byKey)
	}
	with(s, p)
	return next
}

func (s *state) changeVersion(p change) bool {
	if p.to == "" {
		return true
	}
	s.versions = slices.Clone(s.versions)
	if p.value != "" {
		s.versions = append(s.versions, version{state: p.to, value: p.value})
		return s.secret == "active" && len(s.versions) == p.number
	}
	if s.secret != "active" {
		return false
	}
	v := &s.versions[p.number-1]
	v.state = p.to
	v.etag.changed()
	return true
}

func (s *state) changeCounts(p change) bool {
	if p.more == 0 {
		return p.to == "" || s.secret == "active"
	}
	if p.value != "" {
		s.count++
	}
	s.enabled += p.more
	s.changed()
	return s.secret == "active" && s.count >= p.number
}

// responds is the moment whose state the response shows.
func (s state) responds(in input, out output) []state {
	i := slices.IndexFunc(s.pending, func(p change) bool { return p.request == in.request })
	if i < 0 || !s.pending[i].version || !s.pending[i].secret { // it has not happened yet
		return nil
	}
	in.number = s.pending[i].number
	s.pending = slices.Delete(slices.Clone(s.pending), i, i+1)
	return s.answered(in, out)
}
