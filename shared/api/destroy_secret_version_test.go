package api_test

import "testing"

func TestAVersionIsDisabledEnabledAndDestroyed(t *testing.T) {
	s := start(t)
	id := s.create()
	vid := firstVersionOf(id)
	s.version(id, "second")

	if a := s.change("disable-secret-version", id, vid).want(200); a.str("state") != "disabled" {
		t.Errorf("state %s", a.str("state"))
	}
	s.call("access-secret-version", request{id: id, vid: vid}).conflict("FAILED_PRECONDITION")
	s.change("enable-secret-version", id, vid).want(200)
	s.call("access-secret-version", request{id: id, vid: vid}).want(200)

	gone := s.change("destroy-secret-version", id, vid).want(200)
	if gone.str("state") != "destroyed" || gone.json["destroyed_at"] != float64(s.now.Unix()) {
		t.Errorf("destroyed: %s", gone.text)
	}
	s.call("access-secret-version", request{id: id, vid: vid}).fault(410, 7014)
	for _, operation := range []string{"enable-secret-version", "disable-secret-version"} {
		s.change(operation, id, vid).conflict("FAILED_PRECONDITION")
	}
	for _, row := range s.rowsOf("SecretsTable", "v#0000000001") {
		for _, payload := range []string{"ciphertext", "wrapped_key"} {
			if _, there := row[payload]; there {
				t.Errorf("the destroyed version still has its %s", payload)
			}
		}
	}
}
