package eso

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
)

// A secret is one in Keepsake, made by a test and destroyed after it.
type secret struct {
	t      *testing.T
	id     string
	latest int
}

// call asks the running stack, with a token that may do everything in the workspace.
func call(t *testing.T, request, body string, headers ...string) map[string]any {
	t.Helper()
	method, path, _ := strings.Cut(request, " ")
	r, err := http.NewRequest(method, os.Getenv("KEEPSAKE_URL")+"/v1"+path, strings.NewReader(body)) //nolint:noctx // a test's cleanup has no context left
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+os.Getenv("KEEPSAKE_TOKEN"))
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	got, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer got.Body.Close()
	text, err := io.ReadAll(got.Body)
	if err != nil {
		t.Fatal(err)
	}
	answer := map[string]any{}
	if len(text) > 0 {
		err = json.Unmarshal(text, &answer)
	}
	if got.StatusCode >= 400 || err != nil {
		t.Fatalf("%s is answered with %s %s %v", request, got.Status, text, err)
	}
	return answer
}

func encode(t *testing.T, object map[string]any) string {
	t.Helper()
	text, err := json.Marshal(object)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func keep(t *testing.T, name, value string) *secret {
	t.Helper()
	made := call(t, "POST /secrets", encode(t, map[string]any{"name": name, "kind": "generic", "value": value}))
	s := &secret{t: t, id: made["id"].(string), latest: 1}
	t.Cleanup(s.destroy) // frees the name for the next test
	return s
}

func (s *secret) get() map[string]any {
	s.t.Helper()
	return call(s.t, "GET /secrets/"+s.id, "")
}

func (s *secret) destroy() {
	call(s.t, "DELETE /secrets/"+s.id+"?force=true", "", "If-Match", s.get()["etag"].(string))
}

func (s *secret) delete() {
	s.t.Helper()
	call(s.t, "DELETE /secrets/"+s.id, "", "If-Match", s.get()["etag"].(string))
}

func (s *secret) undelete() {
	s.t.Helper()
	call(s.t, "POST /secrets/"+s.id+":undelete", "", "If-Match", s.get()["etag"].(string))
}

func (s *secret) patch(fields map[string]any) {
	s.t.Helper()
	call(s.t, "PATCH /secrets/"+s.id, encode(s.t, fields), "If-Match", s.get()["etag"].(string))
}

func (s *secret) rotate(value string) {
	s.t.Helper()
	call(s.t, "POST /secrets/"+s.id+"/versions", encode(s.t, map[string]any{"value": value}))
	s.latest++
}

// version returns the id of a version.
func (s *secret) version(number int) string {
	return fmt.Sprintf("secv_%s_%d", strings.TrimPrefix(s.id, "sec_"), number)
}

// set does enable, disable or destroy.
func (s *secret) set(number int, verb string) {
	s.t.Helper()
	path := "/secrets/" + s.id + "/versions/" + s.version(number)
	call(s.t, "POST "+path+":"+verb, "", "If-Match", call(s.t, "GET "+path, "")["etag"].(string))
}

func (s *secret) versions() int {
	s.t.Helper()
	return int(s.get()["version_count"].(float64))
}

// asked says how often somebody has asked for the deleted secret in vain, by the trash.
func (s *secret) asked() float64 {
	s.t.Helper()
	rows := call(s.t, "GET /trash?limit=100", "")["data"].([]any)
	i := slices.IndexFunc(rows, func(row any) bool { return row.(map[string]any)["id"] == s.id })
	if i < 0 {
		s.t.Fatal("the secret is not in the trash")
	}
	return rows[i].(map[string]any)["reads_since"].(map[string]any)["count"].(float64)
}
