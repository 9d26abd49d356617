package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"strings"
	"time"
)

// name is that of every secret that the checks make, so that people know what a left-over one is.
const name = "keepsake smoke test"

// pollInterval is the time between two tries of await.
const pollInterval = 500 * time.Millisecond

type (
	// failure ends a check that has failed.
	failure string
	// skipped ends a check that cannot run here.
	skipped string
)

func (f failure) Error() string { return string(f) }
func (s skipped) Error() string { return string(s) }

// probe runs one check. Its methods end the check at its first failure, like FailNow of a testing.T.
type probe struct {
	*deployment
	ctx context.Context
}

func (p *probe) fail(format string, args ...any) { panic(failure(fmt.Sprintf(format, args...))) }

func (p *probe) skip(why string) { panic(skipped(why)) }

// expect ends the check unless holds is true.
func (p *probe) expect(holds bool, format string, args ...any) {
	if !holds {
		p.fail(format, args...)
	}
}

// call sends a request and expects the status.
func (p *probe) call(status int, what string, options ...option) response {
	a, err := p.send(p.ctx, what, options...)
	return p.judge(a, err, status, 0)
}

// refused sends a request and expects an error in the contract's envelope.
func (p *probe) refused(status, code int, what string, options ...option) response {
	a, err := p.send(p.ctx, what, options...)
	return p.judge(a, err, status, code)
}

func (p *probe) judge(a response, err error, status, code int) response {
	if err != nil {
		p.fail("%v", err)
	}
	expected := strings.TrimSuffix(fmt.Sprint(status, " ", code), " 0")
	if a.status != status || a.code() != code {
		p.fail("%s: got %s, expected %s", a.what, a.outcome(), expected)
	}
	return a
}

// text returns a field of a response.
func (p *probe) text(a response, field string) string {
	text, ok := a.fields[field].(string)
	p.expect(ok, "%s: the response has no %s", a.what, field)
	return text
}

// items returns the objects of a list.
func (p *probe) items(a response) []map[string]any {
	data, ok := a.fields["data"].([]any)
	p.expect(ok, "%s: the response has no data", a.what)
	var items []map[string]any
	for _, each := range data {
		item, ok := each.(map[string]any)
		p.expect(ok, "%s: the list holds something that is not an object", a.what)
		items = append(items, item)
	}
	return items
}

// create makes a secret with a random value. An interrupt does not stop it: the new secret's id must be
// known, so that it can be deleted.
func (p *probe) create(options ...option) (id, value string) {
	value = rand.Text()
	return p.text(p.createWith(value, options...), "id"), value
}

func (p *probe) createWith(value string, options ...option) response {
	return p.createOf("generic", value, options...)
}

func (p *probe) createOf(kind, value string, options ...option) response {
	content := body(map[string]string{"name": name, "kind": kind, "value": value})
	a, err := p.send(context.WithoutCancel(p.ctx), "POST /secrets", append([]option{content}, options...)...)
	if id, ok := a.fields["id"].(string); ok && err == nil {
		p.mu.Lock()
		p.made = append(p.made, id)
		p.mu.Unlock()
	}
	return p.judge(a, err, 201, 0)
}

func (p *probe) get(id string) response { return p.call(200, "GET /secrets/"+id) }

func (p *probe) etag(id string) string { return p.text(p.get(id), "etag") }

// deleteSoftly soft-deletes a secret and returns the etag to undelete it with.
func (p *probe) deleteSoftly(id string) string {
	p.call(204, "DELETE /secrets/"+id, ifMatch(p.etag(id)))
	return p.etag(id)
}

func (p *probe) deleteHard(id string) {
	p.call(204, "DELETE /secrets/"+id+"?force=true", ifMatch(p.etag(id)))
}

// wantValue expects an access to return this value. It does not print another.
func (p *probe) wantValue(value, id, version string) { p.wantValueBy(value, id, version+":access") }

// wantValueBy takes the end of the path, in the spelling under test.
func (p *probe) wantValueBy(value, id, access string) {
	a := p.call(200, "POST /secrets/"+id+"/versions/"+access)
	p.expect(p.text(a, "value") == value, "%s: got another value than was stored", a.what)
}

// firstVersion returns the id of a secret's only version.
func (p *probe) firstVersion(id string) string {
	versions := p.items(p.call(200, "GET /secrets/"+id+"/versions"))
	p.expect(len(versions) == 1, "GET /secrets/%s/versions: got %d versions, expected 1", id, len(versions))
	version, _ := versions[0]["id"].(string)
	return version
}

// await tries until seen is true, for as long as WAIT says.
func (p *probe) await(what string, seen func() bool) { p.awaitFor(p.wait, what, seen) }

func (p *probe) awaitFor(wait time.Duration, what string, seen func() bool) {
	for deadline := time.Now().Add(wait); !seen(); {
		p.expect(time.Now().Before(deadline), "%s: not within %v", what, wait)
		select {
		case <-p.ctx.Done():
			p.fail("%v", p.ctx.Err())
		case <-time.After(pollInterval):
		}
	}
}
