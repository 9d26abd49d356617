package api_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"io"
	"log/slog"
	"strings"
	"sync"
	"testing"

	"keepsake/infra/local/wire"
)

func slogTo(w io.Writer) *slog.Logger { return slog.New(slog.NewJSONHandler(w, nil)) }

// TestNoValueLeaks takes a value through good and bad requests, with backends up and down, and
// looks for it in every place but the one where it belongs: the body of an access.
func TestNoValueLeaks(t *testing.T) {
	s := start(t)
	var wires bytes.Buffer
	var writing sync.Mutex // a create asks KMS two things at once
	var answers []string
	record := func(a answer) { answers = append(answers, a.text) }
	s.cloud.Hook(func(c wire.Call) wire.Verdict {
		writing.Lock()
		defer writing.Unlock()
		wires.Write(c.Body)
		return wire.Pass()
	})

	key := with("idempotency-key", "k1")
	made := s.call("create-secret", request{headers: key, body: body(createBody)})
	record(made)
	id := made.str("id")
	record(s.call("create-secret", request{headers: key, body: body(strings.Replace(createBody, "db", "x", 1))}))
	record(s.call("create-secret", request{body: body(strings.Replace(createBody, "generic", "none", 1))}))
	record(s.call("create-secret", request{body: body(createBody + "}")}))
	record(s.call("create-secret", request{body: body(strings.Replace(createBody, `"value":`, `"value":7,"value":`, 1))}))
	record(s.call("create-secret", request{body: body(strings.Replace(createBody, `"value":`, `"walue":`, 1))}))
	record(s.call("get-secret", request{id: id}))
	s.call("access-secret-version", request{id: id}).want(200)
	s.fail("dynamodb", wire.LoseRequest())
	record(s.call("create-secret", request{body: body(createBody)}))
	record(s.call("access-secret-version", request{id: id}))
	s.cloud.Hook(nil)

	tables, err := json.Marshal([]any{s.rowsOf("SecretsTable", ""), s.rowsOf("AuditTable", ""), s.rowsOf("TokensTable", "")})
	if err != nil {
		t.Fatal(err)
	}
	places := map[string]string{
		"an answer": strings.Join(answers, "\n"), "the log": s.log.String(),
		"the wire": wires.String(), "a table": string(tables),
	}
	spellings := []string{
		plaintext,
		base64.StdEncoding.EncodeToString([]byte(plaintext)),
		strings.TrimPrefix(s.token, "sk_akua_"),
	}
	for place, content := range places {
		for _, spelling := range spellings {
			if strings.Contains(content, spelling) {
				t.Errorf("a value or a token is in %s", place)
			}
		}
	}
	if len(s.log.String()) == 0 || wires.Len() == 0 || len(tables) < 1000 {
		t.Fatal("there was nothing to look through")
	}
}
