package api_test

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"keepsake/shared/auth"
)

// TestTheServiceDoesWhatTheModelSays runs random sequences of operations against the service and
// against a model of the contract in a few lines, and compares every answer. rapid prints the seed
// of a sequence that fails, made as short as it can be.
//
//	go test ./shared/api -run Model -rapid.checks=1000
func TestTheServiceDoesWhatTheModelSays(t *testing.T) {
	s := start(t)
	begin, sequence := s.now, 0
	rapid.Check(t, func(rt *rapid.T) {
		sequence++
		s.now = begin
		m := &model{Service: s, T: rt, workspace: fmt.Sprintf("ws_model%d", sequence)}
		s.token = s.mint(auth.Grant{Workspace: m.workspace, Scopes: auth.Scopes})
		rt.Repeat(map[string]func(*rapid.T){
			"create":        m.create,
			"update":        m.update,
			"delete":        m.delete,
			"undelete":      m.undelete,
			"createVersion": m.createVersion,
			"changeVersion": m.changeVersion,
			"access":        m.access,
			"wait":          m.wait,
			"compare":       m.compareAll,
		})
		m.compareAll(rt)
	})
}

// model is what the contract says there should be.
type model struct {
	Service   *service
	T         *rapid.T
	workspace string
	secrets   []*modelSecret
}

type modelSecret struct {
	id, etag string
	deleted  bool
	purgeAt  time.Time
	versions []*modelVersion
	aliases  map[string]int
	etags    map[string]bool // all that it has had
}

type modelVersion struct {
	id, value, state, etag string
}

func (s *modelSecret) enabled() (n int) {
	for _, v := range s.versions {
		if v.state == "enabled" {
			n++
		}
	}
	return n
}

// changed takes the secret's new etag over, which it must never have had before.
func (m *model) changed(s *modelSecret, etag string) {
	if s.etags[etag] {
		m.T.Fatalf("the etag %s of %s has been used before", etag, s.id)
	}
	s.etags[etag], s.etag = true, etag
}

func (m *model) gone(s *modelSecret) bool { return s.deleted && !m.Service.now.Before(s.purgeAt) }

// some draws a secret; nil if there is none.
func (m *model) some(rt *rapid.T) *modelSecret {
	if len(m.secrets) == 0 {
		rt.Skip("there is no secret yet")
	}
	return rapid.SampledFrom(m.secrets).Draw(rt, "secret")
}

// etag draws the current etag most of the time, else a stale one.
func etagOf(rt *rapid.T, current string) (etag string, stale bool) {
	if rapid.IntRange(0, 4).Draw(rt, "staleness") == 0 {
		return "4711", true
	}
	return current, false
}

func (m *model) expect(a response, want int, what string) {
	if a.status != want {
		m.T.Fatalf("%s: %d, the model says %d; body %s", what, a.status, want, a.text)
	}
}

func (m *model) create(rt *rapid.T) {
	value := rapid.StringMatching(`[a-z]{1,8}`).Draw(rt, "value")
	a := m.Service.call("create-secret", request{body: body(fmt.Sprintf(`{"name":"n","kind":"generic","value":%q}`, value))})
	m.expect(a, 201, "create")
	s := &modelSecret{id: a.str("id"), etags: map[string]bool{}, aliases: map[string]int{}}
	m.changed(s, a.str("etag"))
	v := m.Service.call("get-secret-version", request{id: s.id, vid: firstVersionOf(s.id)}).want(200)
	s.versions = []*modelVersion{{id: v.str("id"), value: value, state: "enabled", etag: v.str("etag")}}
	m.secrets = append(m.secrets, s)
}

func (m *model) update(rt *rapid.T) {
	s := m.some(rt)
	etag, stale := etagOf(rt, s.etag)
	number := rapid.IntRange(1, len(s.versions)+1).Draw(rt, "aliased version")
	a := m.Service.call("update-secret", request{id: s.id, headers: with("if-match", etag),
		body: body(fmt.Sprintf(`{"version_aliases":{"a":%d}}`, number))})
	switch {
	case s.deleted:
		m.expect(a, 404, "update a deleted secret")
	case stale:
		m.expect(a, 409, "update with a stale etag")
	case number > len(s.versions):
		m.expect(a, 400, "update with an alias of no version")
	default:
		m.expect(a, 200, "update")
		m.changed(s, a.str("etag"))
		s.aliases["a"] = number
	}
}

func (m *model) delete(rt *rapid.T) {
	s := m.some(rt)
	etag, stale := etagOf(rt, s.etag)
	a := m.Service.call("delete-secret", request{id: s.id, headers: with("if-match", etag)})
	switch {
	case s.deleted:
		m.expect(a, 404, "delete a deleted secret")
	case stale:
		m.expect(a, 409, "delete with a stale etag")
	default:
		m.expect(a, 204, "delete")
		s.deleted, s.purgeAt = true, m.Service.now.Add(retention)
		m.changed(s, m.Service.call("get-secret", request{id: s.id}).str("etag"))
	}
}

func (m *model) undelete(rt *rapid.T) {
	s := m.some(rt)
	etag, stale := etagOf(rt, s.etag)
	a := m.Service.call("undelete-secret", request{id: s.id, headers: with("if-match", etag)})
	switch {
	case m.gone(s):
		m.expect(a, 404, "undelete past the deadline")
	case !s.deleted, stale:
		m.expect(a, 409, "undelete an active secret, or with a stale etag")
	default:
		m.expect(a, 200, "undelete")
		s.deleted = false
		m.changed(s, a.str("etag"))
	}
}

func (m *model) createVersion(rt *rapid.T) {
	s := m.some(rt)
	value := rapid.StringMatching(`[a-z]{1,8}`).Draw(rt, "value")
	a := m.Service.call("create-secret-version", request{id: s.id, body: body(fmt.Sprintf(`{"value":%q}`, value))})
	if s.deleted {
		m.expect(a, 404, "create a version of a deleted secret")
		return
	}
	m.expect(a, 201, "create a version")
	s.versions = append(s.versions, &modelVersion{id: a.str("id"), value: value, state: "enabled", etag: a.str("etag")})
	m.changed(s, m.Service.call("get-secret", request{id: s.id}).str("etag"))
}

func (m *model) changeVersion(rt *rapid.T) {
	s := m.some(rt)
	v := rapid.SampledFrom(s.versions).Draw(rt, "version")
	verb := rapid.SampledFrom([]string{"enable", "disable", "destroy"}).Draw(rt, "verb")
	to := map[string]string{"enable": "enabled", "disable": "disabled", "destroy": "destroyed"}[verb]
	etag, stale := etagOf(rt, v.etag)
	enabled := s.enabled()
	a := m.Service.call(verb+"-secret-version", request{id: s.id, vid: v.id, headers: with("if-match", etag)})
	switch {
	case s.deleted:
		m.expect(a, 404, verb+" a version of a deleted secret")
	case v.state == to:
		m.expect(a, 200, verb+" again")
		if a.str("etag") != v.etag {
			m.T.Fatalf("%s again moved the etag", verb)
		}
	case v.state == "destroyed", stale:
		m.expect(a, 409, verb+" a destroyed version, or with a stale etag")
	default:
		m.expect(a, 200, verb)
		if a.str("etag") == v.etag {
			m.T.Fatalf("%s did not move the etag", verb)
		}
		v.state, v.etag = to, a.str("etag")
		if s.enabled() != enabled {
			m.changed(s, m.Service.call("get-secret", request{id: s.id}).str("etag"))
		}
	}
}

func (m *model) access(rt *rapid.T) {
	s := m.some(rt)
	var v *modelVersion
	asked := rapid.SampledFrom([]string{"latest", "a", "by id"}).Draw(rt, "asked")
	switch asked {
	case "latest":
		for _, candidate := range s.versions {
			if candidate.state == "enabled" {
				v = candidate
			}
		}
	case "a":
		if number, ok := s.aliases["a"]; ok {
			v = s.versions[number-1]
		}
	default:
		v = rapid.SampledFrom(s.versions).Draw(rt, "version")
		asked = v.id
	}
	a := m.Service.call("access-secret-version", request{id: s.id, vid: asked})
	switch {
	case s.deleted, v == nil:
		m.expect(a, 404, "access what is not there")
	case v.state == "disabled":
		m.expect(a, 409, "access a disabled version")
	case v.state == "destroyed":
		m.expect(a, 410, "access a destroyed version")
	default:
		m.expect(a, 200, "access")
		if a.str("value") != v.value {
			m.T.Fatalf("access %s returned another value", asked)
		}
	}
}

func (m *model) wait(rt *rapid.T) {
	m.Service.now = m.Service.now.Add(time.Duration(rapid.IntRange(1, 3).Draw(rt, "thirds of the retention")) * retention / 3)
}

// compareAll holds every secret, and the list of them, against the model.
func (m *model) compareAll(*rapid.T) {
	active := 0
	for _, s := range m.secrets {
		a := m.Service.call("get-secret", request{id: s.id})
		if m.gone(s) {
			m.expect(a, 404, "get a purged secret")
			continue
		}
		m.expect(a, 200, "get")
		state := "active"
		if s.deleted {
			state = "soft_deleted"
		} else {
			active++
		}
		got := []any{a.json["state"], a.json["etag"], a.json["version_count"], a.json["enabled_version_count"]}
		want := []any{state, s.etag, float64(len(s.versions)), float64(s.enabled())}
		if fmt.Sprint(got) != fmt.Sprint(want) {
			m.T.Fatalf("%s is %v, the model says %v", s.id, got, want)
		}
	}
	listed := m.Service.call("list-secrets", request{query: with("limit", "100")}).want(200)
	if n := len(listed.json["data"].([]any)); n != active {
		m.T.Fatalf("%d secrets are listed, the model says %d", n, active)
	}
}
