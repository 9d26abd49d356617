package store

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"keepsake/shared/fault"
	"keepsake/shared/secret"
)

const (
	updateIf        = `secret_state = :active AND revision = :etag`
	updateAliasesIf = updateIf + ` AND version_count >= :highest`
	updateSet       = `SET revision = :next, updated_at = :now, stamp = :stamp`
)

// Patch says what an update changes: a nil field stays as it is, an empty one is removed.
type Patch struct {
	Name           *string // never empty
	Description    *string
	MimeType       *string
	Labels         map[string]string
	VersionAliases map[string]int
}

// UpdateSecret changes the metadata of an active secret and returns it. NotFound if there is no such
// secret, Conflict if etag is stale, Invalid if an alias names a version that does not exist. One
// UpdateItem.
func (s *Store) UpdateSecret(ctx context.Context, ref secret.Ref, etag secret.Etag, p Patch, by secret.Stamp) (secret.Secret, error) {
	c := metaUpdate{condition: updateIf, writer: &writer{etag + 1, by.InvocationID}, values: map[string]any{
		":active": secret.Active,
		":etag":   etag,
		":next":   etag + 1,
		":now":    by.At.Unix(),
		":stamp":  newStampItem(by),
	}}
	c.set = p.expression(c.values)
	if highest := p.highestAlias(); highest > 0 {
		c.condition, c.values[":highest"] = updateAliasesIf, highest
	}
	row, applied, err := s.updateMeta(ctx, ref, c)
	if err != nil {
		return secret.Secret{}, err
	}
	found := row.secret()
	if applied {
		return found, erasedSince(found)
	}
	if found.State == secret.Active && found.Etag == etag {
		return secret.Secret{}, p.aliasFaults(found.VersionCount)
	}
	return secret.Secret{}, found.RefuseWrite(by.At)
}

// expression returns the update expression of p, and adds the values that it needs to values.
func (p Patch) expression(values map[string]any) string {
	set, remove := updateSet, []string{}
	field := func(name string, value any, there, empty bool) {
		switch {
		case there && empty:
			remove = append(remove, name)
		case there:
			set += fmt.Sprintf(", %s = :%[1]s", name)
			values[":"+name] = value
		}
	}
	field("secret_name", p.Name, p.Name != nil, false)
	field("description", p.Description, p.Description != nil, p.Description != nil && *p.Description == "")
	field("mime_type", p.MimeType, p.MimeType != nil, p.MimeType != nil && *p.MimeType == "")
	field("label_map", p.Labels, p.Labels != nil, len(p.Labels) == 0)
	field("version_aliases", p.VersionAliases, p.VersionAliases != nil, len(p.VersionAliases) == 0)
	if len(remove) > 0 {
		set += " REMOVE " + strings.Join(remove, ", ")
	}
	return set
}

func (p Patch) highestAlias() int {
	highest := 0
	for _, number := range p.VersionAliases {
		highest = max(highest, number)
	}
	return highest
}

// aliasFaults returns a fault for each alias whose version is beyond the newest. All others exist:
// numbers have no gaps, and metadata stays.
func (p Patch) aliasFaults(newest int) error {
	var faults fault.List
	for _, alias := range slices.Sorted(maps.Keys(p.VersionAliases)) {
		if p.VersionAliases[alias] > newest {
			faults = append(faults, fault.NewInvalid(
				"must be the number of a version that exists", "body", "version_aliases", alias))
		}
	}
	return faults
}
