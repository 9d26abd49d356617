package transfer

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"

	"keepsake/infra/cli/client"
	"keepsake/infra/cli/service"
)

// The labels of a secret that an import has made. Version 1 has no comment, so its source's version is in a label.
const (
	fromLabel    = "imported-from"
	versionLabel = "imported-version"
	codingLabel  = "encoding" // "base64" if the first value is bytes in base64
)

// commentStart begins the comment of a version that an import has made; the source's id of the version follows.
const commentStart = "imported version "

// Import puts items into Keepsake.
type Import struct {
	Service *service.Service
	DryRun  bool         // says what it would do, and does nothing
	Report  func(Result) // is called for each secret, done or skipped
}

// The things that can be done with a secret.
const (
	Made      = "new"       // a secret was made, with all its versions
	Extended  = "changed"   // it got versions
	Unchanged = "unchanged" // it has all of them
	Omitted   = "skipped"
)

// Result is what an import did with one secret. It contains no value.
type Result struct {
	Name     string `json:"name"`
	ID       string `json:"id,omitempty"`
	Done     string `json:"done"`
	Versions int    `json:"versions,omitempty"` // how many versions were made
	Why      string `json:"why,omitempty"`      // it was skipped
}

// Run imports all items. It goes on after a secret that cannot be imported. An error ends it: running it again goes
// on there.
func (i Import) Run(ctx context.Context, items Items) error {
	for item, err := range items {
		if err == nil {
			err = i.one(ctx, item)
		}
		if s := new(Skipped); errors.As(err, &s) {
			i.Report(Result{Name: s.Name, Done: Omitted, Why: s.Why})
			continue
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (i Import) one(ctx context.Context, item Item) error {
	if skipped := item.check(); skipped != nil {
		return skipped
	}
	found, err := i.Service.Named(ctx, item.Name)
	switch {
	case err != nil:
		return err
	case len(found) > 1:
		return skip(item.Name, "%d secrets have this name in Keepsake", len(found))
	case len(found) == 1:
		return i.extend(ctx, found[0].Id, item)
	}
	return i.make(ctx, item)
}

// make makes a secret with all versions of the item.
func (i Import) make(ctx context.Context, item Item) error {
	if i.DryRun {
		i.Report(Result{Name: item.Name, Done: Made, Versions: len(item.Versions)})
		return nil
	}
	first := item.Versions[0]
	made, err := i.Service.Create(ctx, key("create", item.Source, item.Name, first.ID), item.create())
	switch {
	case service.KeyReused(err):
		return skip(item.Name, "it was imported within the last day, with another value, and is not there any more: look into keepsake trash")
	case err != nil:
		return refused(item.Name, err)
	case made.State == client.SecretStateSoftDeleted:
		return skip(item.Name, "it was imported within the last day, and is deleted: keepsake restore %s", made.Id)
	}
	marks := imported(made, nil)
	if made.VersionCount > 1 { // by a run before, which was interrupted, and which lists do not show yet
		versions, err := i.Service.Versions(ctx, made.Id)
		if err != nil {
			return err
		}
		marks = imported(made, versions)
	}
	last := first.ID
	if len(marks) > 0 {
		last = marks[len(marks)-1]
	}
	n, err := i.add(ctx, made.Id, item, missing(item.Versions, marks, last))
	if err != nil {
		return err
	}
	i.Report(Result{Name: item.Name, ID: made.Id, Done: Made, Versions: n + 1})
	return nil
}

func (i Item) create() client.SecretCreate {
	labels := client.Labels{fromLabel: cut(i.Source, 200)}
	if id := i.Versions[0].ID; id != "" {
		labels[versionLabel] = cut(id, 200)
	}
	if i.Versions[0].Base64 {
		labels[codingLabel] = "base64"
	}
	body := client.SecretCreate{Name: i.Name, Kind: "generic", Value: i.Versions[0].Value, Labels: &labels}
	if i.Description != "" {
		text := cut(strings.ReplaceAll(i.Description, "\x00", ""), 500)
		body.Description = &text
	}
	return body
}

// extend adds to a secret what the item has and it lacks.
func (i Import) extend(ctx context.Context, id string, item Item) error {
	now, err := i.Service.Get(ctx, id) // lists lag
	if service.Is(err, service.Missing) || err == nil && now.State == client.SecretStateSoftDeleted {
		return skip(item.Name, "it has just been deleted in Keepsake")
	}
	if err != nil {
		return err
	}
	versions, err := i.Service.Versions(ctx, id)
	if err != nil {
		return err
	}
	add, err := i.lacking(ctx, now, versions, item)
	if err != nil {
		return err
	}
	n := len(add)
	if !i.DryRun {
		if n, err = i.add(ctx, id, item, add); err != nil {
			return err
		}
	}
	done := Extended
	if n == 0 {
		done = Unchanged
	}
	i.Report(Result{Name: item.Name, ID: id, Done: done, Versions: n})
	return nil
}

// lacking returns the versions of the item that a secret lacks. What an import has made is told by its marks. For the
// rest, the values are compared, and only the current one is added.
func (i Import) lacking(ctx context.Context, now client.Secret, versions []client.SecretVersion, item Item) ([]Version, error) {
	current := item.Versions[len(item.Versions)-1]
	marks := imported(now, versions)
	if len(marks) > 0 && current.ID != "" {
		return missing(item.Versions, marks, marks[len(marks)-1]), nil
	}
	value, err := i.Service.AccessLatest(ctx, now)
	if service.Is(err, service.Missing) { // all its versions are disabled
		return nil, skip(item.Name, "it is in Keepsake already, without an enabled version to compare with")
	}
	if err != nil {
		return nil, refused(item.Name, err)
	}
	if value == current.Value {
		return nil, nil
	}
	return []Version{current}, nil
}

// imported lists the source's ids of the versions that imports have made, the newest last.
func imported(of client.Secret, newestFirst []client.SecretVersion) []string {
	var marks []string
	if of.Labels != nil && (*of.Labels)[versionLabel] != "" {
		marks = append(marks, (*of.Labels)[versionLabel])
	}
	for n := len(newestFirst) - 1; n >= 0; n-- {
		if c := newestFirst[n].Comment; c != nil && strings.HasPrefix(*c, commentStart) {
			marks = append(marks, strings.TrimPrefix(*c, commentStart))
		}
	}
	return marks
}

// missing returns the versions without a mark, and the current one again if another one was imported last: the
// source has gone back to it.
func missing(versions []Version, marks []string, last string) []Version {
	has := map[string]bool{}
	for _, mark := range marks {
		has[mark] = true
	}
	var out []Version
	for n, v := range versions {
		if n == 0 && len(marks) == 0 && v.ID == last {
			continue // just made, by a source without versions
		}
		if mark := cut(v.ID, maxMark); !has[mark] || n == len(versions)-1 && mark != last {
			out = append(out, v)
		}
	}
	return out
}

// maxMark is how long the source's id of a version may be, so that a comment can hold it.
const maxMark = 200 - len(commentStart)

// add adds versions, and returns how many.
func (i Import) add(ctx context.Context, id string, item Item, versions []Version) (int, error) {
	for n, v := range versions {
		now, err := i.Service.Get(ctx, id)
		if err != nil {
			return n, err
		}
		comment := "imported"
		if v.ID != "" {
			comment = commentStart + cut(v.ID, maxMark)
		}
		after := fmt.Sprint(now.VersionCount)
		body := client.SecretVersionCreate{Value: v.Value, Comment: &comment}
		if _, err := i.Service.AddVersion(ctx, id, key("version", item.Source, id, v.ID, after), body); err != nil {
			return n, refused(item.Name, err)
		}
	}
	return len(versions), nil
}

// refused skips a secret that the service does not take. Other failures end the import.
func refused(name string, err error) error {
	f := new(service.Failure)
	if errors.As(err, &f) && (f.Status == 400 || f.Status == 404 || f.Status == 409 || f.Status == 410 || f.Status == 413) {
		return skip(name, "%s", f.Message)
	}
	return err
}

// key is an idempotency key: the same for the same thing, in each run. Nothing of a value is in it.
func key(parts ...string) string {
	sum := sha256.Sum256([]byte("keepsake import\x00" + strings.Join(parts, "\x00")))
	return hex.EncodeToString(sum[:16])
}

// cut returns the first n characters.
func cut(text string, n int) string {
	if runes := []rune(text); len(runes) > n {
		return string(runes[:n])
	}
	return text
}
