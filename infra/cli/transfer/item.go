// Package transfer brings secrets from other places into Keepsake, and writes them for other programs.
package transfer

import (
	"cmp"
	"encoding/base64"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"keepsake/infra/cli/service"
)

// Item is a secret of a source.
type Item struct {
	Name        string    // in Keepsake
	Source      string    // where it comes from, such as "aws-secretsmanager app/db"; the same in the next run
	Description string    // or ""
	Versions    []Version // the oldest first; the last one is the current one
}

// Version is a version of it.
type Version struct {
	ID     string // the source's; "" if the source has no versions
	Value  string
	Base64 bool // the value is base64 of bytes that are not text
}

// Items are the secrets of a source, in its order. A *Skipped error is about one secret, and the next one follows.
// Any other error is the last thing that a source yields.
type Items = iter.Seq2[Item, error]

// Skipped says why a secret is not imported. It contains no value.
type Skipped struct {
	Name string `json:"name"`
	Why  string `json:"why"`
}

func (s *Skipped) Error() string { return s.Name + ": " + s.Why }

func skip(name, format string, args ...any) *Skipped {
	return &Skipped{name, fmt.Sprintf(format, args...)}
}

// bytesVersion returns a version with bytes, which need not be text.
func bytesVersion(id string, value []byte) Version {
	if utf8.Valid(value) {
		return Version{ID: id, Value: string(value)}
	}
	return Version{id, base64.StdEncoding.EncodeToString(value), true}
}

const (
	maxName  = 200   // characters
	maxValue = 65536 // bytes
)

// check returns why Keepsake cannot hold the item, or nil.
func (i Item) check() *Skipped {
	name := []rune(i.Name)
	switch {
	case len(name) == 0 || len(name) > maxName:
		return skip(i.Name, "the name has %d characters; a name has 1 to %d", len(name), maxName)
	case strings.ContainsRune(i.Name, 0), !utf8.ValidString(i.Name):
		return skip(i.Name, "a name is text without NUL")
	case service.IsID(i.Name):
		return skip(i.Name, "a name that looks like an id could never be used")
	case len(i.Versions) == 0:
		return skip(i.Name, "it has no value")
	}
	for n, v := range i.Versions {
		which := "the value"
		if n < len(i.Versions)-1 {
			which = "the value of version " + v.ID
		}
		switch {
		case v.Value == "":
			return skip(i.Name, "%s is empty", which)
		case len(v.Value) > maxValue:
			return skip(i.Name, "%s has %d bytes; a value has %d at most", which, len(v.Value), maxValue)
		case !utf8.ValidString(v.Value):
			return skip(i.Name, "%s is not text in UTF-8", which)
		}
	}
	return nil
}

// all returns items that are known at once, and what was skipped.
func all(items []Item, skipped []*Skipped) Items {
	return func(yield func(Item, error) bool) {
		for _, s := range skipped {
			if !yield(Item{}, s) {
				return
			}
		}
		for _, item := range items {
			if !yield(item, nil) {
				return
			}
		}
	}
}

// Fields makes a secret of each field of items whose values are JSON objects: app/db becomes app/db/user and
// app/db/password. Other items stay as they are.
func Fields(items Items) Items {
	return func(yield func(Item, error) bool) {
		for item, err := range items {
			if err != nil {
				if !yield(item, err) {
					return
				}
				continue
			}
			for _, each := range item.fields() {
				if !yield(each, nil) {
					return
				}
			}
		}
	}
}

// fields makes one item of each field that the current version has. A field has a version only if its value changed.
func (i Item) fields() []Item {
	objects := make([]map[string]string, len(i.Versions))
	for n, v := range i.Versions {
		objects[n] = object(v.Value)
	}
	if len(objects) == 0 || objects[len(objects)-1] == nil {
		return []Item{i}
	}
	var out []Item
	for _, field := range slices.SortedFunc(maps.Keys(objects[len(objects)-1]), cmp.Compare[string]) {
		item := Item{Name: i.Name + "/" + field, Source: i.Source + " field " + field, Description: i.Description}
		for n, v := range i.Versions {
			value, has := objects[n][field]
			if last := len(item.Versions) - 1; has && value != "" && (last < 0 || item.Versions[last].Value != value) {
				item.Versions = append(item.Versions, Version{ID: v.ID, Value: value})
			}
		}
		out = append(out, item)
	}
	return out
}
