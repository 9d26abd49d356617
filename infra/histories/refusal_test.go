package histories

// gone reports whether the slot is empty for every operation.
func (s state) gone(now int64) bool {
	return s.secret == "" || s.secret == "gone" || s.secret == "soft_deleted" && now >= s.purgeAt
}

// refusal returns the status with which a request must be refused, or 0 if it must succeed.
func (s state) refusal(in input) int {
	stale := func(e etag) int {
		if in.ifMatch != e.now {
			return 409
		}
		return 0
	}
	switch in.op {
	case "create":
		if s.secret != "" { // the request's key is known
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
		if in.alias > s.count {
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

// asked returns the number of the version that an access asks for, or 0 if there is none.
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
