package console_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"keepsake/infra/cloud/lambda"
	"keepsake/shared/auth"
	"keepsake/shared/boot"
	"keepsake/shared/job"
)

// canary is the value that the tests store. They also check that it does not leak.
const canary = "canary-correct-horse-battery"

// owner calls the API without the page: for what was done before, and by others meanwhile.
type owner struct {
	s     *stack
	token string
	id    string // of the token
}

func (s *stack) owner() *owner {
	s.t.Helper()
	token := s.mint(workspace, auth.Scopes...)
	return &owner{s, token, auth.TokenID(token)}
}

// call makes a call, which must succeed, and returns the body.
func (o *owner) call(what, body string, headers ...string) map[string]any {
	o.s.t.Helper()
	status, decoded := o.try(what, body, headers...)
	if status >= 300 {
		o.s.t.Fatalf("%s: %d %v", what, status, decoded)
	}
	return decoded
}

func (o *owner) try(what, body string, headers ...string) (status int, decoded map[string]any) {
	o.s.t.Helper()
	method, path, _ := strings.Cut(what, " ")
	request, err := http.NewRequestWithContext(o.s.t.Context(), method, o.s.url+"/v1"+path, strings.NewReader(body))
	if err != nil {
		o.s.t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+o.token)
	for i := 0; i < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	if body != "" {
		request.Header.Set("Content-Type", "application/json")
	}
	got, err := http.DefaultClient.Do(request)
	if err != nil {
		o.s.t.Fatal(err)
	}
	defer got.Body.Close()
	text, err := io.ReadAll(got.Body)
	if err != nil {
		o.s.t.Fatal(err)
	}
	if len(text) > 0 {
		if err := json.Unmarshal(text, &decoded); err != nil {
			o.s.t.Fatalf("%s: %d %s", what, got.StatusCode, text)
		}
	}
	return got.StatusCode, decoded
}

// create makes a secret, and returns its id. Its etag is 1. fields are JSON, after a comma.
func (o *owner) create(name string, fields ...string) string {
	o.s.t.Helper()
	kind := `,"kind":"generic"`
	if strings.Contains(strings.Join(fields, ""), `"kind"`) {
		kind = ""
	}
	body := `{"name":` + quote(name) + kind + `,"value":"` + canary + `"` + strings.Join(fields, "") + `}`
	return o.call("POST /secrets", body)["id"].(string)
}

// delete deletes a secret that is as it was made.
func (o *owner) delete(ids ...string) {
	o.s.t.Helper()
	for _, id := range ids {
		o.call("DELETE /secrets/"+id, "", "If-Match", o.etag(id))
	}
}

func (o *owner) etag(id string) string {
	o.s.t.Helper()
	return o.call("GET /secrets/"+id, "")["etag"].(string)
}

func (o *owner) state(id string) string {
	o.s.t.Helper()
	return o.call("GET /secrets/"+id, "")["state"].(string)
}

// ask tries to read a deleted secret's value.
func (o *owner) ask(id string, times int) {
	o.s.t.Helper()
	for range times {
		if status, _ := o.try("POST /secrets/"+id+"/versions/latest:access", ""); status != 404 {
			o.s.t.Fatalf("a deleted secret's value: %d", status)
		}
	}
}

// ago lets f happen in the past.
func (s *stack) ago(d time.Duration, f func()) {
	s.now = func() time.Time { return time.Now().Add(-d) }
	defer func() { s.now = time.Now }()
	f()
}

// record lets the changes' stream reach the audit trail, as record-changes does.
func (s *stack) record() {
	s.t.Helper()
	s.t.(*testing.T).Setenv("AWS_ACCESS_KEY_ID", lambda.AccessKey("record-changes"))
	env := boot.Environment()
	runner := env.Runner()
	handle := job.RecordChanges(runner, env.Trail(), nil)
	for _, batch := range s.cloud.Events(s.t, "record-changes") {
		var event events.DynamoDBEvent
		if err := json.Unmarshal(batch, &event); err != nil {
			s.t.Fatal(err)
		}
		if failed, err := handle(context.Background(), event); err != nil || len(failed.BatchItemFailures) > 0 {
			s.t.Fatalf("%v, %v", failed, err)
		}
	}
}
