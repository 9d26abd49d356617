package api_test

import (
	"strings"
	"testing"
	"time"

	"keepsake/shared/api"
)

func TestARequestPastTheDistributionIsRefusedBeforeAnythingElse(t *testing.T) {
	s := start(t)
	s.cloud.ResetCalls()
	key := s.event("get-openapi", request{}).Headers["x-origin-key"]
	for operation := range s.operations {
		for name, given := range map[string]string{
			"no key": "", "another": strings.Repeat("x", len(key)), "half of it": key[:len(key)/2], "more": key + "x",
			"two": key + "," + key, "in other letters": strings.ToUpper(key),
		} {
			s.log.Reset()
			// Without a credential: the refusal comes before that is missed.
			a := s.call(operation, request{id: "sec_1", headers: with("x-origin-key", given, "authorization", "")})
			if message := a.fault(403, 7004)["message"]; message != "this address is closed: requests come through the distribution" {
				t.Errorf("%s with %s: %v", operation, name, message)
			}
			if log := s.log.String(); !strings.Contains(log, `"outcome":"forbidden"`) || strings.Contains(log, key) {
				t.Errorf("%s with %s: the log says %s", operation, name, log)
			}
		}
	}
	s.wantCalls()
}

func TestWithTheKeyARequestIsServed(t *testing.T) {
	s := start(t)
	s.call("get-openapi", request{headers: with("authorization", "")}).want(200)
	s.call("reject-unknown-route", request{}).want(404)
	s.call("get-secret", request{id: s.create()}).want(200)
}

func TestAnEdgeWithoutAKeyLetsNobodyPass(t *testing.T) {
	handle := api.GetOpenapi(api.Edge{Now: time.Now, Log: slogTo(t.Output())})
	for _, headers := range []map[string]string{nil, with("x-origin-key", "")} {
		if response, err := handle(t.Context(), api.Event{Headers: headers}); err != nil || response.StatusCode != 403 {
			t.Errorf("%d, %v", response.StatusCode, err)
		}
	}
}

func TestTheOriginsKeyIsNeitherLoggedNorInTheTrail(t *testing.T) {
	s := start(t)
	key := s.event("get-openapi", request{}).Headers["x-origin-key"]
	id := s.create()
	s.call("access-secret-version", request{id: id}).want(200)
	s.call("access-secret-version", request{id: id, headers: with("x-origin-key", key+"x")}).want(403)
	for where, content := range map[string]string{"the log": s.log.String(), "a table": s.tables()} {
		if strings.Contains(content, key) {
			t.Errorf("it is in %s", where)
		}
	}
}
