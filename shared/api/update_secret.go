package api

import (
	"context"
	"encoding/json"
	"maps"
	"net/http"
	"regexp"
	"slices"

	"keepsake/shared/auth"
	"keepsake/shared/secret"
	"keepsake/shared/store"
)

// UpdateSecret is secrets.update: it changes a secret's metadata. Values rotate through create
// version.
func UpdateSecret(e Edge, secrets *store.Store, d Dashboard) Handler {
	return e.handler("update-secret", auth.Write, func(ctx context.Context, c *Call) (Answer, error) {
		ref, etag, patch := c.Secret(), c.IfMatch(), readPatch(c)
		if err := c.Invalid(); err != nil {
			return Answer{}, err
		}
		updated, err := secrets.UpdateSecret(ctx, ref, etag, patch, c.Stamp())
		if err != nil {
			return Answer{}, err
		}
		return d.answer(http.StatusOK, updated), nil
	})
}

const maxMimeType = 100 // characters

func readPatch(c *Call) store.Patch {
	body := c.Body()
	defer body.End()
	if body.Empty() {
		c.invalid("must have at least one field to change", "body")
	}
	return store.Patch{
		Name:           body.Change("name", 1, maxName),
		Description:    body.Change("description", 0, maxDescription),
		MimeType:       body.Change("mime_type", 0, maxMimeType),
		Labels:         body.Labels("labels"),
		VersionAliases: body.Aliases("version_aliases"),
	}
}

// Change takes an optional string of min to max characters; nil if absent.
func (b *Body) Change(name string, min, max int) *string {
	if raw, ok := b.fields[name]; !ok || isNull(raw) {
		delete(b.fields, name)
		return nil
	}
	text := b.Text(name, min, max)
	return &text
}

const maxAliases = 50

// aliasForm keeps an alias fit for a path, where an access names it. What looks like a version's
// id would never be reached.
var aliasForm = regexp.MustCompile(`^[0-9A-Za-z][0-9A-Za-z._-]{0,127}$`)

// Aliases takes an optional map of aliases to version numbers.
func (b *Body) Aliases(name string) map[string]int {
	raw, ok := b.raw(name)
	if !ok {
		return nil
	}
	var numbers map[string]json.RawMessage
	if json.Unmarshal(raw, &numbers) != nil {
		b.invalid(name, "must be an object of version numbers")
		return nil
	}
	if len(numbers) > maxAliases {
		b.invalid(name, "must have at most 50 entries")
	}
	out := make(map[string]int, len(numbers))
	for _, alias := range slices.Sorted(maps.Keys(numbers)) {
		var number int
		switch err := json.Unmarshal(numbers[alias], &number); {
		case alias == secret.Latest || !aliasForm.MatchString(alias) || secret.IsVersionID(alias):
			b.call.invalid("is not a legal alias: letters, digits, dots, hyphens and underscores, but neither latest nor a version's id", "body", name, alias)
		case err != nil || number < 1:
			b.call.invalid("must be a version number", "body", name, alias)
		}
		out[alias] = number
	}
	return out
}
