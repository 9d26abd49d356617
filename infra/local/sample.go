package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"

	"keepsake/infra/envfile"
)

// What stands for something of the running stack in a sample event.
const (
	tokenMark   = "{{token}}"
	originMark  = "{{origin}}"
	secretMark  = "{{secret}}"
	versionMark = "{{version}}"
	etagMark    = "{{etag}}"
)

// client speaks to the stack's HTTP API, to provide what a sample event needs.
type client struct {
	base, token string
	origin      string // the key that the distribution shows
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

// sample is events/NAME.json, filled for the running stack.
func (c *client) sample(ctx context.Context, name string) (string, error) {
	event, err := os.ReadFile(filepath.Join(eventsDir, name+".json"))
	if err != nil {
		return "", fmt.Errorf("no sample event for %q: the folder %s has %s", name, eventsDir, samples())
	}
	filled, err := c.fill(ctx, name, string(event))
	if err != nil {
		return "", running(err)
	}
	return filled, nil
}

// fill puts the token, the origin's key, the secret, a version and the etag into a sample event. SECRET, VERSION and
// ETAG say which; by default it is a new secret, in the state that the function expects, its first
// version, and the etag that the one or, where the event names a version, the other has.
func (c *client) fill(ctx context.Context, function, event string) (string, error) {
	id, etag := os.Getenv("SECRET"), os.Getenv("ETAG")
	if id == "" && strings.Contains(event, secretMark) {
		var err error
		if id, err = c.makeSecret(ctx, function); err != nil {
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
		tokenMark, inJSON(c.token), originMark, inJSON(c.origin), secretMark, inJSON(id), versionMark, inJSON(version), etagMark, inJSON(etag),
	).Replace(event), nil
}

// inJSON is text as it stands between the quotes of a JSON string: an etag may have quotes itself.
func inJSON(text string) string {
	quoted, _ := json.Marshal(text) // strings always marshal
	return string(quoted[1 : len(quoted)-1])
}

// makeSecret makes a secret, and deletes it again where the function is there to bring it back.
func (c *client) makeSecret(ctx context.Context, function string) (id string, err error) {
	const body = `{"name":"sample of make invoke","kind":"generic","value":"a sample, not a secret"}`
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

// resource is what fill needs of an answer.
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
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return resource{}, err
	}
	defer answer.Body.Close()
	content, err := io.ReadAll(answer.Body)
	if err != nil {
		return resource{}, err
	}
	var r resource
	switch {
	case answer.StatusCode >= http.StatusBadRequest:
		return r, fmt.Errorf("%s %s: %s: %s", method, path, answer.Status, content)
	case len(content) == 0:
		return r, nil
	}
	return r, json.Unmarshal(content, &r)
}
