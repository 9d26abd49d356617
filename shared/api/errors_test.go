package api_test

import (
	"strings"
	"testing"

	"keepsake/infra/cloud/wire"
)

func TestACreateWithoutAKeyThatMayHaveBeenDoneSaysSo(t *testing.T) {
	s := start(t)
	id := s.create()
	s.fail("dynamodb", wire.LoseRequest())
	for _, r := range []struct {
		operation, key string
		warned         bool
	}{
		{"create-secret", "", true}, {"create-secret-version", "", true}, {"create-secret", "k", false}, {"create-secret-version", "k", false}, {"get-secret", "", false},
	} {
		text := createBody
		if r.operation == "create-secret-version" {
			text = `{"value":"x"}`
		}
		message := s.call(r.operation, request{id: id, headers: with("idempotency-key", r.key), body: &text}).fault(503, 7011)["message"].(string)
		if warned := strings.Contains(message, "Idempotency-Key"); warned != r.warned || !strings.HasPrefix(message, "Service Unavailable: ") {
			t.Errorf("%s with the key %q: %q", r.operation, r.key, message)
		}
	}
}
