package run

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"sync"

	"keepsake/infra/cli/service"
)

// atOnce is how many secrets are read side by side.
const atOnce = 8

// Values are values by the references that named them.
type Values map[service.Reference]service.Value

// Read reads all values that the bindings name. What is wrong with any of them is one Failure.
func Read(ctx context.Context, s *service.Service, b Bindings) (Values, error) {
	return each(b.references(), func(r service.Reference) (service.Value, error) { return s.Read(ctx, r) })
}

// ReadNew reads those that have changed since before, and returns all. For one that cannot be read it returns the
// value from before, and the Failure.
func ReadNew(ctx context.Context, s *service.Service, b Bindings, before Values) (now Values, changed bool, err error) {
	var mu sync.Mutex
	now, err = each(b.references(), func(r service.Reference) (service.Value, error) {
		value, isNew, err := s.ReadNew(ctx, r, before[r])
		if err != nil || !isNew {
			return before[r], err
		}
		mu.Lock()
		defer mu.Unlock()
		changed = changed || value.Text != before[r].Text
		return value, nil
	})
	return now, changed, err
}

// each reads references side by side. The values are all there, even if some have failed.
func each(references []service.Reference, read func(service.Reference) (service.Value, error)) (Values, error) {
	values := make([]service.Value, len(references))
	failures := make([]error, len(references))
	slots := make(chan struct{}, atOnce)
	var all sync.WaitGroup
	for i, r := range references {
		slots <- struct{}{}
		all.Go(func() {
			defer func() { <-slots }()
			values[i], failures[i] = read(r)
		})
	}
	all.Wait()
	out := Values{}
	for i, r := range references {
		out[r] = values[i]
	}
	return out, together(failures)
}

// together makes one Failure of several. Its kind is the first one's.
func together(failures []error) error {
	var first *service.Failure
	var messages []string
	for _, err := range failures {
		f := new(service.Failure)
		if errors.As(err, &f) {
			if first == nil {
				first = f
			}
			if !slices.Contains(messages, f.Message) {
				messages = append(messages, f.Message)
			}
		} else if err != nil {
			return err
		}
	}
	if first == nil {
		return nil
	}
	one := *first
	one.Message = strings.Join(messages, "\n  ")
	return &one
}

// secretVariables hold what a program that is started does not need.
var secretVariables = []string{"KEEPSAKE_TOKEN", "KEEPSAKE_FALLBACK_KEY"}

// Environment returns environ with the values in their variables, and without the token that read them. A value with
// a NUL is a Failure: no variable can hold it.
func Environment(environ []string, b Bindings, values Values, passToken bool) ([]string, error) {
	var out []string
	for _, pair := range environ {
		name, _, _ := strings.Cut(pair, "=")
		if _, bound := b[name]; !bound && (passToken || !slices.Contains(secretVariables, name)) {
			out = append(out, pair)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(b)) {
		text := values[b[name]].Text
		if strings.ContainsRune(text, 0) {
			return nil, service.Fail(service.Failed, "the value of %s has a NUL byte, which no variable can hold", b[name])
		}
		out = append(out, name+"="+text)
	}
	return out, nil
}
