package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"time"
)

// cleanUpTimeout is how long cleaning up may take.
const cleanUpTimeout = 2 * time.Minute

// check is a promise and its test. Each test makes its own secrets, so that a broken promise fails one
// check.
type check struct {
	promise string
	test    func(*probe)
}

// examine runs all checks, prints a line for each, and cleans up. It returns whether none has failed.
func (d *deployment) examine(ctx context.Context, out io.Writer) bool {
	r := &report{out: out}
	d.try(ctx, r, check{"the service answers, and takes the token", acceptsTheToken})
	if r.failed == 0 {
		for _, c := range checks {
			if ctx.Err() != nil {
				break
			}
			d.try(ctx, r, c)
		}
	}
	if ctx.Err() != nil {
		r.say("FAIL", "stopped before the end")
	}
	d.cleanUp(context.WithoutCancel(ctx), r)
	return r.sum()
}

// try runs one check and prints its line. A check that was interrupted has no result.
func (d *deployment) try(ctx context.Context, r *report, c check) {
	switch err := d.run(ctx, c).(type) {
	case nil:
		r.say("ok", c.promise)
	case skipped:
		r.say("skip", fmt.Sprintf("%s (%v)", c.promise, err))
	default:
		if ctx.Err() == nil {
			r.say("FAIL", fmt.Sprintf("%s: %v", c.promise, err))
		}
	}
}

// run returns a failure, a skipped or nil.
func (d *deployment) run(ctx context.Context, c check) (err error) {
	defer func() {
		switch ended := recover().(type) {
		case nil:
		case failure:
			err = ended
		case skipped:
			err = ended
		default:
			panic(ended)
		}
	}()
	c.test(&probe{deployment: d, ctx: ctx})
	return nil
}

// cleanUp hard-deletes what the checks have made, and checks that it is gone.
func (d *deployment) cleanUp(ctx context.Context, r *report) {
	ctx, cancel := context.WithTimeout(ctx, cleanUpTimeout)
	defer cancel()
	for _, id := range d.made {
		if !d.erase(ctx, id) {
			r.say("FAIL", "clean up: "+id+" could not be deleted: delete it with force=true")
		}
	}
}

// erase deletes the secret and returns whether it is gone. A delete may be refused once: a check that was
// interrupted may have sent a change that arrives late.
func (d *deployment) erase(ctx context.Context, id string) bool {
	for range 3 {
		// Nothing reads this query. It leads past a cache that keeps what it should not.
		a, err := d.send(ctx, "GET /secrets/"+id+"?fresh="+rand.Text())
		if err == nil && a.status == 404 {
			return true
		}
		if etag, ok := a.fields["etag"].(string); ok {
			_, _ = d.send(ctx, "DELETE /secrets/"+id+"?force=true", ifMatch(etag)) // the next round checks it
		}
	}
	return false
}

// report prints lines and counts them.
type report struct {
	out                 io.Writer
	ok, failed, skipped int
}

func (r *report) say(verdict, line string) {
	switch verdict {
	case "ok":
		r.ok++
	case "skip":
		r.skipped++
	default:
		r.failed++
	}
	fmt.Fprintf(r.out, "%-4s  %s\n", verdict, line)
}

// sum prints the last line.
func (r *report) sum() bool {
	fmt.Fprintf(r.out, "%d ok, %d failed, %d skipped\n", r.ok, r.failed, r.skipped)
	return r.failed == 0
}
