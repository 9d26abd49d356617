package terraform

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// name is the secret's name on the page.
const name = "shop/db password"

// workspace is one of Keepsake's, of a test's own.
type workspace struct {
	t     *testing.T
	id    string
	token string // it may do everything
}

func newWorkspace(t *testing.T) workspace {
	t.Helper()
	for _, variable := range []string{"TERRAFORM", "TF_CLI_CONFIG_FILE", "KEEPSAKE_URL", "KEEPSAKE_STACK"} {
		if os.Getenv(variable) == "" {
			t.Fatalf("%s is not set: run infra/ci/use/terraform", variable)
		}
	}
	w := workspace{t: t, id: "ws_" + strings.ToLower(rand.Text())}
	w.token = w.newToken("secrets:read secrets:write secrets:access secrets:restore secrets:audit")
	return w
}

func (w workspace) newToken(scopes string) string {
	w.t.Helper()
	cmd := exec.CommandContext(w.t.Context(), filepath.Join(os.Getenv("KEEPSAKE_STACK"), ".local/bin/token"))
	cmd.Dir = os.Getenv("KEEPSAKE_STACK")
	cmd.Env = append(os.Environ(), "WORKSPACE="+w.id, "SCOPES="+scopes)
	var problem strings.Builder
	cmd.Stderr = &problem
	out, err := cmd.Output()
	if err != nil {
		w.t.Fatalf("%v: %s", err, problem.String())
	}
	return strings.TrimSpace(string(out))
}

// owner returns the variables of the configuration that owns the secret: with a token that may not read values.
func (w workspace) owner(value string) map[string]string {
	return map[string]string{
		"keepsake_url":   os.Getenv("KEEPSAKE_URL"),
		"keepsake_token": w.newToken("secrets:read secrets:write"),
		"db_password":    value,
	}
}

// cli runs the command line, with something on its standard input.
func (w workspace) cli(input string, args ...string) string {
	w.t.Helper()
	cmd := exec.CommandContext(w.t.Context(), filepath.Join(os.Getenv("KEEPSAKE_STACK"), ".build/keepsake"), args...)
	cmd.Env = append(os.Environ(), "KEEPSAKE_TOKEN="+w.token)
	cmd.Stdin = strings.NewReader(input)
	out, err := cmd.CombinedOutput()
	if err != nil {
		w.t.Fatalf("keepsake %s: %v: %s", strings.Join(args, " "), err, out)
	}
	return string(out)
}

// secret is what the tests look at in a secret.
type secret struct {
	ID           string
	State        string
	Description  string
	Etag         string
	VersionCount int `json:"version_count"`
}

// call sends a request and decodes the response. It returns the status.
func (w workspace) call(method, path, etag string, body, into any) int {
	w.t.Helper()
	var content io.Reader = http.NoBody
	if body != nil {
		raw, err := json.Marshal(body)
		if err != nil {
			w.t.Fatal(err)
		}
		content = bytes.NewReader(raw)
	}
	req, err := http.NewRequestWithContext(w.t.Context(), method, os.Getenv("KEEPSAKE_URL")+path, content)
	if err != nil {
		w.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+w.token)
	req.Header.Set("Content-Type", "application/json")
	if etag != "" {
		req.Header.Set("If-Match", etag)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		w.t.Fatal(err)
	}
	defer resp.Body.Close()
	if into != nil {
		if err := json.NewDecoder(resp.Body).Decode(into); err != nil {
			w.t.Fatal(err)
		}
	}
	return resp.StatusCode
}

func (w workspace) get(id string) secret {
	w.t.Helper()
	var s secret
	if status := w.call("GET", "/secrets/"+id, "", nil, &s); status != http.StatusOK {
		w.t.Fatalf("get %s: %d", id, status)
	}
	return s
}

// describe changes the secret as somebody else would, beside Terraform.
func (w workspace) describe(id, description string) {
	w.t.Helper()
	body := map[string]string{"description": description}
	if status := w.call("PATCH", "/secrets/"+id, w.get(id).Etag, body, nil); status != http.StatusOK {
		w.t.Fatalf("update %s: %d", id, status)
	}
}

// value reads a version's value, as a reader with all rights.
func (w workspace) value(id, version string) (string, int) {
	w.t.Helper()
	var body struct{ Value string }
	status := w.call("POST", fmt.Sprintf("/secrets/%s/versions/%s:access", id, version), "", nil, &body)
	return body.Value, status
}

func (w workspace) expectValue(id, version, want string) {
	w.t.Helper()
	if got, status := w.value(id, version); got != want {
		w.t.Errorf("version %s of the secret is %q (%d), not %q", version, got, status, want)
	}
}

// named waits until the list by name, which lags, has so many active secrets, and returns their ids.
func (w workspace) named(count int) []string {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.t.Context(), 20*time.Second)
	defer cancel()
	for {
		var list struct{ Data []secret }
		w.call("GET", "/secrets?name="+url.QueryEscape(name), "", nil, &list)
		if len(list.Data) == count {
			var ids []string
			for _, s := range list.Data {
				ids = append(ids, s.ID)
			}
			return ids
		}
		select {
		case <-ctx.Done():
			w.t.Fatalf("%d secrets have the name, not %d", len(list.Data), count)
		case <-time.After(50 * time.Millisecond):
		}
	}
}
