package api_test

import "testing"

func TestAnAddressThatIsNoneIsNotInTheTrail(t *testing.T) {
	s := start(t)
	id := s.create()
	for _, address := range []string{plaintext, "203.0.113.7:443", "203.0.113", "<script>", ""} {
		s.call("access-secret-version", request{id: id, headers: with("x-viewer-address", address)}).want(200)
	}
	s.call("access-secret-version", request{id: id, headers: with("x-viewer-address", "2001:db8::1")}).want(200)
	viewers := map[any]int{}
	for _, line := range s.trail() {
		viewers[line["viewer_ip"]]++
	}
	if len(viewers) != 2 || viewers[nil] != 5 || viewers["2001:db8::1"] != 1 {
		t.Errorf("the trail names the viewers %v", viewers)
	}
}

func TestARowSaysWhoChangedItLastByWhichRequestAndFromWhere(t *testing.T) {
	s := start(t)
	id := s.create()
	s.update(id, "1", `{"name":"new"}`).want(200)
	for _, row := range s.rowsOf("SecretsTable", "meta") {
		stamp := fieldsOf(t, row["stamp"])
		for field, want := range map[string]string{
			"operation": "update-secret", "request_id": "sample-update-secret",
			"source_ip": "198.51.100.4", "viewer_ip": "203.0.113.7",
		} {
			if stamp[field] != want {
				t.Errorf("%s is %q, want %q", field, stamp[field], want)
			}
		}
		if stamp["invocation_id"] == "" || len(stamp["principal"]) != len("tok_")+20 {
			t.Errorf("the stamp is %v", stamp)
		}
	}
}
