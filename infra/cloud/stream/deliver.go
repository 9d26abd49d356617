package stream

import (
	"errors"
	"time"

	"keepsake/infra/cloud/lambda"
	"keepsake/infra/template"
)

// The pause before a batch is tried again doubles from the first to the last.
const (
	firstPause = 250 * time.Millisecond
	lastPause  = 10 * time.Second
)

// delivery brings records to one function, in order, each until it is done or given up, as AWS's
// event source mappings do.
// https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-errors.html
type delivery struct {
	source template.Stream
	since  time.Time // when it began: while nothing runs that could deliver it, no record ages
	now    func() time.Time
	pause  func(time.Duration) error
	invoke func(event []byte) ([]byte, error)
	done   func(item) error // it and all before it are done with
	giveUp func(loss) error
}

// batch works items off. It returns nil when each is done or given up; an error says that something
// else than the function stands in the way, or that the stack ends: what is not done comes again.
func (d *delivery) batch(items []item) error {
	failed := false
	for retries := 0; ; retries++ {
		var err error
		if items, err = d.young(items, retries, failed); err != nil || len(items) == 0 {
			return err
		}
		var count int
		if count, failed, err = d.attempt(items); err != nil {
			return err
		}
		if count > 0 {
			if err := d.done(items[count-1]); err != nil {
				return err
			}
		}
		items = items[count:]
		switch {
		case len(items) == 0:
			return nil
		case d.source.Bisect && (count > 0 || len(items) > 1):
			return d.bisect(items, count > 0)
		case retries == d.source.MaxRetries:
			return d.discard(loss{items: items, condition: retriesExhausted, invocations: retries + 1, functionError: failed})
		}
		if err := d.pause(min(firstPause<<min(retries, 10), lastPause)); err != nil {
			return err
		}
	}
}

// attempt has the function work on items and counts how many from the front are done. failed says
// that it returned an error or died, not an answer.
func (d *delivery) attempt(items []item) (count int, failed bool, err error) {
	answer, err := d.invoke(event(items))
	failure := new(lambda.FunctionError)
	switch {
	case errors.As(err, &failure):
		return 0, true, nil
	case err != nil:
		return 0, false, err
	case !d.source.ReportsFailures:
		return len(items), false, nil
	}
	return worked(answer, items), false, nil
}

// bisect tries a batch again in two parts, of which the first may be what the function has just done.
// AWS: splitting a batch does not use up its retries.
func (d *delivery) bisect(rest []item, isHalf bool) error {
	if err := d.pause(firstPause); err != nil {
		return err
	}
	if isHalf {
		return d.batch(rest)
	}
	if err := d.batch(rest[:len(rest)/2]); err != nil {
		return err
	}
	return d.batch(rest[len(rest)/2:])
}

// young gives up the items from the front that are older than the source allows, and returns the
// others.
func (d *delivery) young(items []item, invocations int, failed bool) ([]item, error) {
	if d.source.MaxAge == template.Forever {
		return items, nil
	}
	born := d.now().Add(-d.source.MaxAge)
	old := 0
	for old < len(items) && d.since.Before(born) && items[old].created.Before(born) {
		old++
	}
	if old == 0 {
		return items, nil
	}
	l := loss{items: items[:old], condition: ageExceeded, invocations: invocations, functionError: failed}
	return items[old:], d.discard(l)
}

func (d *delivery) discard(l loss) error {
	if err := d.giveUp(l); err != nil {
		return err
	}
	return d.done(l.items[len(l.items)-1])
}
