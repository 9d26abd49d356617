package transfer

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"keepsake/infra/cli/service"
)

// Vault is a KV engine of version 2, of HashiCorp Vault or of OpenBao.
type Vault struct {
	Address   string // of the server
	Token     string
	Namespace string // or ""
	Mount     string // of the engine, such as "secret"
}

const (
	vaultTimeout = 30 * time.Second
	vaultLargest = 16 << 20 // bytes
)

// Items reads all secrets below a path, with their versions. A value is the JSON object of all fields. Deleted and
// destroyed versions have no value, and are left out.
func (v Vault) Items(ctx context.Context, below, prefix string) Items {
	return func(yield func(Item, error) bool) {
		v.walk(ctx, strings.Trim(below, "/"), func(item Item, err error) bool {
			item.Name = prefix + item.Name
			return yield(item, err)
		})
	}
}

// walk visits the secrets below a folder, in the order of their names.
func (v Vault) walk(ctx context.Context, folder string, visit func(Item, error) bool) bool {
	var listed struct{ Keys []string }
	found, err := v.get(ctx, "LIST", "metadata", folder, nil, &listed)
	if err != nil {
		return visit(Item{}, err)
	}
	if !found && folder != "" { // the path of a secret, and of no folder
		return visit(v.item(ctx, folder))
	}
	slices.Sort(listed.Keys)
	for _, name := range listed.Keys {
		inside := strings.TrimPrefix(folder+"/"+name, "/")
		if below, ok := strings.CutSuffix(inside, "/"); ok {
			if !v.walk(ctx, below, visit) {
				return false
			}
		} else if !visit(v.item(ctx, inside)) {
			return false
		}
	}
	return true
}

// item reads one secret.
func (v Vault) item(ctx context.Context, name string) (Item, error) {
	item := Item{Name: name, Source: "vault " + path.Join(v.Mount, name)}
	var metadata struct {
		Versions map[string]struct {
			Deleted   string `json:"deletion_time"`
			Destroyed bool   `json:"destroyed"`
		}
	}
	found, err := v.get(ctx, http.MethodGet, "metadata", name, nil, &metadata)
	if err != nil {
		return item, err
	}
	if !found {
		return item, skip(name, "Vault has no such secret")
	}
	var numbers []int
	for text := range metadata.Versions {
		if n, err := strconv.Atoi(text); err == nil {
			numbers = append(numbers, n)
		}
	}
	slices.Sort(numbers)
	for i, n := range numbers {
		about := metadata.Versions[strconv.Itoa(n)]
		value, err := "", error(nil)
		if !about.Destroyed && about.Deleted == "" {
			value, err = v.read(ctx, name, n)
		}
		if err != nil {
			return item, err
		}
		if value == "" && i == len(numbers)-1 {
			return item, skip(name, "its newest version is deleted in Vault")
		}
		if value != "" {
			item.Versions = append(item.Versions, Version{ID: strconv.Itoa(n), Value: value})
		}
	}
	return item, nil
}

// read returns a version's fields as a JSON object, or "" if it is deleted.
func (v Vault) read(ctx context.Context, name string, version int) (string, error) {
	var answer struct{ Data json.RawMessage }
	found, err := v.get(ctx, http.MethodGet, "data", name, url.Values{"version": {strconv.Itoa(version)}}, &answer)
	if err != nil || !found {
		return "", err
	}
	var out bytes.Buffer
	if json.Compact(&out, answer.Data) != nil || out.String() == "null" {
		return "", nil
	}
	return out.String(), nil
}

// get asks the server, and reads the data of its answer. It is not found if the server says 404.
func (v Vault) get(ctx context.Context, method, kind, name string, query url.Values, data any) (found bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, vaultTimeout)
	defer cancel()
	address := strings.TrimSuffix(v.Address, "/") + "/v1/" + escaped(v.Mount) + "/" + kind + "/" + escaped(name)
	if query != nil {
		address += "?" + query.Encode()
	}
	r, err := http.NewRequestWithContext(ctx, method, address, nil)
	if err != nil {
		return false, service.Fail(service.Failed, "VAULT_ADDR is not a URL")
	}
	r.Header.Set("X-Vault-Token", v.Token)
	r.Header.Set("X-Vault-Request", "true")
	if v.Namespace != "" {
		r.Header.Set("X-Vault-Namespace", v.Namespace)
	}
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		return false, service.Fail(service.Failed, "Vault at %s does not answer: %v", v.Address, err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(io.LimitReader(response.Body, vaultLargest))
	switch {
	case err != nil:
		return false, service.Fail(service.Failed, "Vault's answer breaks off: %v", err)
	case response.StatusCode == http.StatusNotFound:
		return false, nil
	case response.StatusCode != http.StatusOK:
		return false, service.Fail(service.Failed, "Vault answers %d for %s", response.StatusCode, path.Join(v.Mount, kind, name)).
			Because("%s", vaultHelp(response.StatusCode))
	}
	if json.Unmarshal(text, &struct{ Data any }{data}) != nil { // its error could quote a value
		return false, service.Fail(service.Failed, "Vault answers in another form than a KV engine of version 2")
	}
	return true, nil
}

func vaultHelp(status int) string {
	if status == http.StatusForbidden {
		return "The token in VAULT_TOKEN must be allowed to list and read there: metadata and data."
	}
	return fmt.Sprintf("Run it again: it goes on where it stopped. (%d)", status)
}

// escaped spells a path for a URL, and keeps its slashes.
func escaped(name string) string { return (&url.URL{Path: name}).EscapedPath() }
