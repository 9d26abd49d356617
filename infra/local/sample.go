package main

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"

	"keepsake/infra/envfile"
)

// Marks in a sample event. Each is replaced by a value of the running stack.
const (
	tokenMark   = "{{token}}"
	originMark  = "{{origin}}"
	secretMark  = "{{secret}}"
	nameMark    = "{{name}}"
	versionMark = "{{version}}"
	etagMark    = "{{etag}}"
)

// client calls the stack's HTTP API, to make what a sample event needs.
type client struct {
	base, token string
	origin      string // the key that the distribution adds to each request
	lambda      string // the Invoke API
	progress    io.Writer
}

// newClient finds the running stack.
func newClient(progress io.Writer) (*client, error) {
	env, err := envfile.Read(envfile.Path)
	if err != nil {
		return nil, errNoStack
	}
	return &client{
		base: env[envfile.BaseURL], token: env[envfile.Token], origin: env[envfile.OriginKey],
		lambda: env[envfile.Lambda], progress: progress,
	}, nil
}

// sample returns events/NAME.json, filled for the running stack.
func (c *client) sample(ctx context.Context, name string) (string, error) {
	event, err := os.ReadFile(filepath.Join(eventsDir, name+".json"))
	if err != nil {
		return "", fmt.Errorf("no sample event for %q: the folder %s has %s", name, eventsDir, samples())
	}
	filled, err := c.fill(ctx, name, string(event))
	if err != nil {
		return "", orNoStack(err)
	}
	return filled, nil
}

// fill replaces the marks of a sample event. SECRET, VERSION and ETAG name the secret, the version and
// the etag. By default fill makes a secret in the state that the function expects, and takes its first
// version and the current etag: the version's if the event names a version, else the secret's. If the event
// names a secret by its name, fill always makes one.
func (c *client) fill(ctx context.Context, function, event string) (string, error) {
	id, etag := os.Getenv("SECRET"), os.Getenv("ETAG")
	name := "sample-" + rand.Text() // no other secret has it
	if id == "" && strings.Contains(event, secretMark) || strings.Contains(event, nameMark) {
		var err error
		if id, err = c.makeSecret(ctx, function, name); err != nil {
			return "", fmt.Errorf("make a secret to work on: %w", err)
		}
	}
	version := cmp.Or(os.Getenv("VERSION"), "secv_"+strings.TrimPrefix(id, "sec_")+"_1")
	if etag == "" && strings.Contains(event, etagMark) {
		path := "/secrets/" + id
		if strings.Contains(event, versionMark) {
			path += "/versions/" + version
		}
		now, err := c.call(ctx, http.MethodGet, path, "", "")
		if err != nil {
			return "", fmt.Errorf("read the etag of %s: %w", path, err)
		}
		etag = now.ETag
	}
	return strings.NewReplacer(
		tokenMark, inJSON(c.token), originMark, inJSON(c.origin), secretMark, inJSON(id), nameMark, name, versionMark, inJSON(version), etagMark, inJSON(etag),
	).Replace(event), nil
}

// inJSON escapes text for a JSON string, without the quotes around it: an etag may contain quotes.
func inJSON(text string) string {
	quoted, _ := json.Marshal(text) // strings always marshal
	return string(quoted[1 : len(quoted)-1])
}

// makeSecret makes a secret. For undelete-secret it also deletes it.
func (c *client) makeSecret(ctx context.Context, function, name string) (id string, err error) {
	body := `{"name":"` + name + `","kind":"generic","value":"a sample, not a secret"}`
	made, err := c.call(ctx, http.MethodPost, "/secrets", body, "")
	if err != nil {
		return "", err
	}
	fmt.Fprintf(c.progress, "made the secret %s to work on (SECRET=… names another)\n", made.ID)
	if function != "undelete-secret" {
		return made.ID, nil
	}
	if _, err := c.call(ctx, http.MethodDelete, "/secrets/"+made.ID, "", made.ETag); err != nil {
		return "", err
	}
	fmt.Fprintln(c.progress, "deleted it, so that it can be undeleted")
	return made.ID, nil
}

// resource is the part of a response that fill needs.
type resource struct {
	ID   string `json:"id"`
	ETag string `json:"etag"`
}

func (c *client) call(ctx context.Context, method, path, body, etag string) (resource, error) {
	request, err := http.NewRequestWithContext(ctx, method, c.base+path, strings.NewReader(body))
	if err != nil {
		return resource{}, err
	}
	request.Header.Set("Authorization", "Bearer "+c.token)
	if body != "" {
		request.Header.Set("Content-Type", "application/json")
	}
	if etag != "" {
		request.Header.Set("If-Match", etag)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return resource{}, err
	}
	defer response.Body.Close()
	content, err := io.ReadAll(response.Body)
	if err != nil {
		return resource{}, err
	}
	var r resource
	switch {
	case response.StatusCode >= http.StatusBadRequest:
		return r, fmt.Errorf("%s %s: %s: %s", method, path, response.Status, content)
	case len(content) == 0:
		return r, nil
	}
	return r, json.Unmarshal(content, &r)
}
