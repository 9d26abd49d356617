package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"strings"
	"time"
)

// name tells people what such a secret is, should one be left over.
const name = "keepsake smoke test"

// pause is between two looks at what comes by itself.
const pause = 500 * time.Millisecond

type (
	// failure ends a check that has found something wrong.
	failure string
	// skipped ends a check that cannot be made here.
	skipped string
)

func (f failure) Error() string { return string(f) }
func (s skipped) Error() string { return string(s) }

// probe is one check while it runs. Its methods end the check at the first thing that is not as it
// should be, as those of a testing.T do.
type probe struct {
	*deployment
	ctx context.Context
}

func (p *probe) fail(format string, args ...any) { panic(failure(fmt.Sprintf(format, args...))) }

func (p *probe) skip(why string) { panic(skipped(why)) }

// expect ends the check unless what holds is true.
func (p *probe) expect(holds bool, format string, args ...any) {
	if !holds {
		p.fail(format, args...)
	}
}

// call sends a request and expects the status.
func (p *probe) call(status int, what string, options ...option) answer {
	a, err := p.send(p.ctx, what, options...)
	return p.judge(a, err, status, 0)
}

// refused sends a request and expects an error in the contract's envelope.
func (p *probe) refused(status, code int, what string, options ...option) answer {
	a, err := p.send(p.ctx, what, options...)
	return p.judge(a, err, status, code)
}

func (p *probe) judge(a answer, err error, status, code int) answer {
	if err != nil {
		p.fail("%v", err)
	}
	expected := strings.TrimSuffix(fmt.Sprint(status, " ", code), " 0")
	if a.status != status || a.code() != code {
		p.fail("%s: got %s, expected %s", a.asked, a.outcome(), expected)
	}
	return a
}

// text is a field of an answer.
func (p *probe) text(a answer, field string) string {
	text, ok := a.fields[field].(string)
	p.expect(ok, "%s: the answer has no %s", a.asked, field)
	return text
}

// items are the objects of a list.
func (p *probe) items(a answer) []map[string]any {
	data, ok := a.fields["data"].([]any)
	p.expect(ok, "%s: the answer has no data", a.asked)
	var items []map[string]any
	for _, one := range data {
		item, ok := one.(map[string]any)
		p.expect(ok, "%s: the list holds something that is no object", a.asked)
		items = append(items, item)
	}
	return items
}

// create makes a secret with a value that nobody knows. It is not broken off: the id of what is made
// must be known, to be deleted.
func (p *probe) create(options ...option) (id, value string) {
	value = rand.Text()
	return p.text(p.createWith(value, options...), "id"), value
}

func (p *probe) createWith(value string, options ...option) answer {
	return p.createOf("generic", value, options...)
}

func (p *probe) createOf(kind, value string, options ...option) answer {
	content := body(map[string]string{"name": name, "kind": kind, "value": value})
	a, err := p.send(context.WithoutCancel(p.ctx), "POST /secrets", append([]option{content}, options...)...)
	if id, ok := a.fields["id"].(string); ok && err == nil {
		p.mu.Lock()
		p.made = append(p.made, id)
		p.mu.Unlock()
	}
	return p.judge(a, err, 201, 0)
}

func (p *probe) get(id string) answer { return p.call(200, "GET /secrets/"+id) }

func (p *probe) etag(id string) string { return p.text(p.get(id), "etag") }

// deleteSoftly returns the etag to undelete with.
func (p *probe) deleteSoftly(id string) string {
	p.call(204, "DELETE /secrets/"+id, ifMatch(p.etag(id)))
	return p.etag(id)
}

func (p *probe) deleteHard(id string) {
	p.call(204, "DELETE /secrets/"+id+"?force=true", ifMatch(p.etag(id)))
}

// holds expects an access to answer with a value, and says nothing of another.
func (p *probe) holds(value, id, version string) { p.holdsBy(value, id, version+":access") }

// holdsBy takes the end of the path in the spelling that is under test.
func (p *probe) holdsBy(value, id, access string) {
	a := p.call(200, "POST /secrets/"+id+"/versions/"+access)
	p.expect(p.text(a, "value") == value, "%s: got another value than was stored", a.asked)
}

// firstVersion is the id of a secret's first version.
func (p *probe) firstVersion(id string) string {
	versions := p.items(p.call(200, "GET /secrets/"+id+"/versions"))
	p.expect(len(versions) == 1, "GET /secrets/%s/versions: got %d versions, expected 1", id, len(versions))
	version, _ := versions[0]["id"].(string)
	return version
}

// await looks until it sees what comes by itself.
func (p *probe) await(what string, seen func() bool) { p.awaitFor(p.wait, what, seen) }

func (p *probe) awaitFor(wait time.Duration, what string, seen func() bool) {
	for deadline := time.Now().Add(wait); !seen(); {
		p.expect(time.Now().Before(deadline), "%s: not within %v", what, wait)
		select {
		case <-p.ctx.Done():
			p.fail("%v", p.ctx.Err())
		case <-time.After(pause):
		}
	}
}
