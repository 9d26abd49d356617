package count

import (
	"crypto/rand"
	"encoding/json"
	"fmt"
	"strconv"

	"keepsake/infra/bench/stage"
)

type prepare = func(secrets) (stage.Request, error)

// secrets prepares what a case is about.
type secrets struct{ *stage.Stage }

// call is Stage.Call, with an error if the status is not a success.
func (s secrets) call(function string, r stage.Request) (stage.Answer, error) {
	a, err := s.Call(function, r)
	if err == nil && a.Status >= 300 {
		err = fmt.Errorf("%s: %d %s", function, a.Status, a.Body)
	}
	return a, err
}

func nothing(secrets) (stage.Request, error) { return stage.Request{}, nil }

// made makes a secret.
func (s secrets) made() (stage.Request, error) {
	a, err := s.call("create-secret", stage.Request{})
	return stage.Request{ID: a.Field("id"), Headers: map[string]string{}}, err
}

func (s secrets) latest() (stage.Request, error) {
	r, err := s.made()
	r.Vid = "latest"
	return r, err
}

// deleted makes a secret and deletes it.
func (s secrets) deleted() (stage.Request, error) {
	r, err := match("1", secrets.made)(s)
	if err == nil {
		_, err = s.call("delete-secret", r)
	}
	return r, err
}

// version makes a secret and names its one version, with its etag.
func (s secrets) version() (stage.Request, error) {
	r, err := s.made()
	if err != nil {
		return r, err
	}
	a, err := s.call("list-secret-versions", r)
	if err != nil {
		return r, err
	}
	var list struct{ Data []struct{ ID, Etag string } }
	if err := json.Unmarshal([]byte(a.Body), &list); err != nil || len(list.Data) != 1 {
		return r, fmt.Errorf("the versions are %s", a.Body)
	}
	r.Vid, r.Headers["if-match"] = list.Data[0].ID, list.Data[0].Etag
	return r, nil
}

// disabled is version, disabled.
func (s secrets) disabled() (stage.Request, error) {
	r, err := s.version()
	if err != nil {
		return r, err
	}
	a, err := s.call("disable-secret-version", r)
	r.Headers["if-match"] = a.Field("etag")
	return r, err
}

// alias makes a secret and names its version by an alias.
func (s secrets) alias() (stage.Request, error) {
	r, err := match("1", secrets.made)(s)
	if err != nil {
		return r, err
	}
	r.Body = `{"version_aliases":{"live":1}}`
	_, err = s.call("update-secret", r)
	return stage.Request{ID: r.ID, Vid: "live"}, err
}

// second makes a secret with two versions.
func (s secrets) second() (stage.Request, error) {
	r, err := s.latest()
	if err == nil {
		_, err = s.call("create-secret-version", stage.Request{ID: r.ID})
	}
	return r, err
}

// named makes a secret whose name no other has.
func (s secrets) named() (stage.Request, error) {
	name := rand.Text()
	_, err := s.call("create-secret", stage.Request{Body: `{"name":"` + name + `","kind":"generic","value":"v"}`})
	return stage.Request{Name: name, Vid: "latest"}, err
}

// again is what before prepares, once the function's container has had that very request.
func again(function string, before prepare) prepare {
	return func(s secrets) (stage.Request, error) {
		r, err := before(s)
		if err == nil {
			_, err = s.call(function, r)
		}
		return r, err
	}
}

// unchanged is a read by a client that has the value already.
func unchanged(s secrets) (stage.Request, error) {
	r, err := s.latest()
	if err != nil {
		return r, err
	}
	a, err := s.call("access-secret-version", r)
	r.Headers["if-none-match"] = a.Headers["ETag"]
	return r, err
}

// page makes sure that a list has a page of n secrets.
func page(n int) prepare {
	return func(s secrets) (r stage.Request, err error) {
		for range n {
			if _, err := s.made(); err != nil {
				return r, err
			}
		}
		return r, nil
	}
}

// byName asks for one of n secrets by its name.
func byName(n int) prepare {
	return func(s secrets) (stage.Request, error) {
		if _, err := page(n)(s); err != nil {
			return stage.Request{}, err
		}
		name := rand.Text()
		_, err := s.call("create-secret", stage.Request{Body: `{"name":"` + name + `","kind":"generic","value":"v"}`})
		return stage.Request{Query: map[string]string{"name": name}}, err
	}
}

// trashOf makes sure that the trash has a page of n secrets.
func trashOf(n int) prepare {
	return func(s secrets) (r stage.Request, err error) {
		for range n {
			if _, err := s.deleted(); err != nil {
				return r, err
			}
		}
		return stage.Request{Query: map[string]string{"limit": strconv.Itoa(n)}}, nil
	}
}

// match is what before prepares, with an etag.
func match(etag string, before prepare) prepare {
	return func(s secrets) (stage.Request, error) {
		r, err := before(s)
		if r.Headers == nil {
			r.Headers = map[string]string{}
		}
		r.Headers["if-match"] = etag
		return r, err
	}
}

// withKey is what before prepares, with an idempotency key that is new.
func withKey(before prepare) prepare {
	return func(s secrets) (stage.Request, error) {
		r, err := before(s)
		if r.Headers == nil {
			r.Headers = map[string]string{}
		}
		r.Headers["idempotency-key"] = rand.Text()
		return r, err
	}
}

func force(before prepare) prepare {
	return func(s secrets) (stage.Request, error) {
		r, err := before(s)
		r.Query = map[string]string{"force": "true"}
		return r, err
	}
}

// change is a change that record-changes has not recorded yet.
func change(secrets) (stage.Request, error) { return stage.Request{ID: "sec_" + rand.Text()}, nil }

func hcloudToken(secrets) (stage.Request, error) {
	return stage.Request{Body: `{"provider":"hcloud","token":"0123456789012345678901234567890123456789012345678901234567890123"}`}, nil
}
