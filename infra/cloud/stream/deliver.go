package stream

import (
	"errors"
	"time"

	"keepsake/infra/cloud/lambda"
	"keepsake/infra/template"
)

// The time before a batch is tried again doubles from the first to the second.
const (
	firstBackoff = 250 * time.Millisecond
	lastBackoff  = 10 * time.Second
)

// delivery brings records to one function in their order. It tries each until it is done or given up, as
// AWS's event source mappings do.
// https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-errors.html
type delivery struct {
	source template.Stream
	since  time.Time // when it began: a record does not age while the stack is down
	now    func() time.Time
	sleep  func(time.Duration) error
	invoke func(event []byte) ([]byte, error)
	done   func(item) error // saves that the item and all before it are done or given up
	giveUp func(loss) error
}

// batch tries items until each is done or given up; then it returns nil. An error means that something
// other than the function failed, or that the stack ends: items that are not done come again.
func (d *delivery) batch(items []item) error {
	failed := false
	for retries := 0; ; retries++ {
		var err error
		if items, err = d.giveUpOld(items, retries, failed); err != nil || len(items) == 0 {
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
		if err := d.sleep(min(firstBackoff<<min(retries, 10), lastBackoff)); err != nil {
			return err
		}
	}
}

// attempt invokes the function with items and returns how many from the front are done. failed says that
// the function returned an error or died.
func (d *delivery) attempt(items []item) (count int, failed bool, err error) {
	response, err := d.invoke(event(items))
	failure := new(lambda.FunctionError)
	switch {
	case errors.As(err, &failure):
		return 0, true, nil
	case err != nil:
		return 0, false, err
	case !d.source.ReportsFailures:
		return len(items), false, nil
	}
	return worked(response, items), false, nil
}

// bisect tries a failed batch again in two halves. If the function has done a first part of the batch,
// rest is the other part and is not halved. As on AWS, bisecting does not use up retries.
func (d *delivery) bisect(rest []item, isHalf bool) error {
	if err := d.sleep(firstBackoff); err != nil {
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

// giveUpOld gives up the items from the front that are older than the source allows and returns the rest.
func (d *delivery) giveUpOld(items []item, invocations int, failed bool) ([]item, error) {
	if d.source.MaxAge == template.Forever {
		return items, nil
	}
	oldest := d.now().Add(-d.source.MaxAge)
	old := 0
	for old < len(items) && d.since.Before(oldest) && items[old].created.Before(oldest) {
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
