package api_test

import "testing"

func TestAChangeThatIsNoneKeepsTheEtagWhateverIfMatchSays(t *testing.T) {
	s := start(t)
	id := s.create()
	vid := firstVersionOf(id)
	for _, operation := range []string{"enable-secret-version", "disable-secret-version", "destroy-secret-version"} {
		first := s.change(operation, id, vid).want(200)
		secretEtag := s.call("get-secret", request{id: id}).str("etag")
		again := s.call(operation, request{id: id, vid: vid, headers: with("if-match", "999")}).want(200)
		if again.text != first.text || s.call("get-secret", request{id: id}).str("etag") != secretEtag {
			t.Errorf("%s: first %s, again %s", operation, first.text, again.text)
		}
	}
}

func TestASecretsEtagChangesExactlyWhenItsCountsDo(t *testing.T) {
	s := start(t)
	id := s.create()
	vid := firstVersionOf(id)
	etag := func() string { return s.call("get-secret", request{id: id}).str("etag") }
	before := etag()
	s.change("disable-secret-version", id, vid).want(200)
	disabled := etag()
	if disabled == before {
		t.Error("a disabled version moves the count, but not the etag")
	}
	s.change("destroy-secret-version", id, vid).want(200)
	if etag() != disabled {
		t.Error("destroying a disabled version moves no count, but the etag")
	}
}

func TestVersionsOfADeletedSecretAreShownAndNotChanged(t *testing.T) {
	s := start(t)
	id := s.create()
	vid := firstVersionOf(id)
	etag := s.call("get-secret-version", request{id: id, vid: vid}).str("etag")
	s.call("delete-secret", request{id: id, headers: with("if-match", "1")}).want(204)
	s.call("get-secret-version", request{id: id, vid: vid}).want(200)
	s.call("list-secret-versions", request{id: id}).want(200)
	for _, operation := range []string{"enable-secret-version", "disable-secret-version", "destroy-secret-version"} {
		s.call(operation, request{id: id, vid: vid, headers: with("if-match", etag)}).fault(404, 7002)
	}
	s.call("create-secret-version", request{id: id, body: body(`{"value":"x"}`)}).fault(404, 7002)
	s.call("update-secret", request{id: id, headers: with("if-match", "2"), body: body(`{"name":"x"}`)}).fault(404, 7002)

	s.now = s.now.Add(retention)
	s.call("get-secret-version", request{id: id, vid: vid}).fault(404, 7002)
	s.call("list-secret-versions", request{id: id}).fault(404, 7002)
}
