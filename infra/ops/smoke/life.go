package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"net/http"
	"slices"
	"strings"
	"sync"
)

func createsOnce(p *probe) {
	key, value := idempotencyKey(rand.Text()), rand.Text()
	first := p.text(p.createWith(value, key), "id")
	again := p.text(p.createWith(value, key), "id")
	p.expect(first == again, "the same key made %s and %s, expected one secret", first, again)
	other := body(map[string]string{"name": name, "kind": "generic", "value": rand.Text()})
	a := p.refused(409, 7006, "POST /secrets", key, other)
	reason := a.metadata("reason")
	p.expect(reason == "IDEMPOTENCY_KEY_REUSED", "the key with another request: got reason %q", reason)
}

func echoesNoValue(p *probe) {
	value := rand.Text()
	created := p.createWith(value)
	id := p.text(created, "id")
	for _, a := range []response{
		created, p.get(id), p.call(200, "GET /secrets?limit=100"), p.call(200, "GET /secrets/"+id+"/versions"),
		p.call(200, "PATCH /secrets/"+id, ifMatch(p.etag(id)), body(map[string]string{"description": "checked"})),
	} {
		p.expect(!bytes.Contains(a.text, []byte(value)), "%s: the response contains the value", a.what)
	}
}

func readsByEachName(p *probe) {
	id, value := p.create()
	p.call(200, "PATCH /secrets/"+id, ifMatch(p.etag(id)), body(map[string]any{"version_aliases": map[string]int{"stable": 1}}))
	for _, version := range []string{"latest", "stable", p.firstVersion(id)} {
		p.wantValue(value, id, version)
	}
}

func answersNotModified(p *probe) {
	id, _ := p.create()
	etag := p.text(p.call(200, "GET /secrets/"+id+"/versions/"+p.firstVersion(id)), "etag")
	a := p.call(304, "POST /secrets/"+id+"/versions/latest:access", header("If-None-Match", etag))
	p.expect(len(a.text) == 0, "%s: got a body with 304", a.what)
}

func addsAVersion(p *probe) {
	id, old := p.create()
	first, value, key := p.firstVersion(id), rand.Text(), idempotencyKey(rand.Text())
	made := p.text(p.call(201, "POST /secrets/"+id+"/versions", key, body(map[string]string{"value": value})), "id")
	again := p.text(p.call(201, "POST /secrets/"+id+"/versions", key, body(map[string]string{"value": value})), "id")
	p.expect(made == again, "the same key made %s and %s, expected one version", made, again)
	p.wantValue(value, id, "latest")
	p.wantValue(old, id, first)
}

func changesAVersion(p *probe) {
	id, value := p.create()
	version := "/secrets/" + id + "/versions/" + p.firstVersion(id)
	etag := p.text(p.call(200, "GET "+version), "etag")
	etag = p.text(p.call(200, "POST "+version+":disable", ifMatch(etag)), "etag")
	p.refused(409, 7006, "POST "+version+":access")
	etag = p.text(p.call(200, "POST "+version+":enable", ifMatch(etag)), "etag")
	p.wantValue(value, id, "latest")
	p.call(200, "POST "+version+":destroy", ifMatch(etag))
	p.refused(410, 7014, "POST "+version+":access")
}

func sendsETags(p *probe) {
	id, _ := p.create()
	a := p.get(id)
	want := `"` + p.text(a, "etag") + `"`
	got := a.header.Get("ETag")
	p.expect(got == want, "%s: got ETag %s, expected %s", a.what, got, want)
	a = p.call(204, "DELETE /secrets/"+id, ifMatch(got))
	got, want = a.header.Get("ETag"), `"`+p.etag(id)+`"`
	p.expect(got == want, "%s: got ETag %s, expected %s", a.what, got, want)
}

func refusesAStaleEtag(p *probe) {
	id, _ := p.create()
	stale := p.etag(id)
	change := body(map[string]string{"description": "checked"})
	current := p.text(p.call(200, "PATCH /secrets/"+id, ifMatch(stale), change), "etag")
	a := p.refused(409, 7006, "PATCH /secrets/"+id, ifMatch(stale), change)
	got := a.metadata("etag")
	p.expect(got == current, "%s: got metadata.etag %q, expected %q", a.what, got, current)
}

func undeletesAgain(p *probe) {
	id, _ := p.create()
	etag, key := p.deleteSoftly(id), idempotencyKey(rand.Text())
	first := p.text(p.call(200, "POST /secrets/"+id+":undelete", ifMatch(etag), key), "etag")
	again := p.text(p.call(200, "POST /secrets/"+id+":undelete", ifMatch(etag), key), "etag")
	p.expect(first == again, "the second time the etag was %s, expected %s: nothing is done twice", again, first)
}

func undeletesOnce(p *probe) {
	id, _ := p.create()
	for range 3 {
		etag := p.deleteSoftly(id)
		statuses, winner := p.together("POST /secrets/"+id+":undelete", ifMatch(etag))
		p.expect(slices.Equal(statuses, []int{200, 409}), "got %v, expected one 200 and one 409", statuses)
		now := p.etag(id)
		p.expect(winner == now, "the etag is %s, expected the winner's, %s", now, winner)
	}
}

// together sends a request twice at once. It returns the statuses, sorted, and the winner's etag.
func (p *probe) together(what string, options ...option) (statuses []int, winner string) {
	var both sync.WaitGroup
	responses, errs := make([]response, 2), make([]error, 2)
	for i := range responses {
		both.Go(func() { responses[i], errs[i] = p.send(p.ctx, what, options...) })
	}
	both.Wait()
	for i, a := range responses {
		p.expect(errs[i] == nil, "%v", errs[i])
		statuses = append(statuses, a.status)
		if a.status == http.StatusOK {
			winner = p.text(a, "etag")
		}
	}
	slices.Sort(statuses)
	return statuses, winner
}

func bringsBackWhole(p *probe) {
	id, value := p.create()
	etag := p.deleteSoftly(id)
	a := p.get(id)
	deleted, _ := a.fields["deleted_at"].(float64)
	purge, _ := a.fields["purge_at"].(float64)
	p.expect(deleted > 0 && purge > deleted, "%s: got deleted_at %.0f and purge_at %.0f", a.what, deleted, purge)
	p.refused(404, 7002, "POST /secrets/"+id+"/versions/latest:access")
	p.await("the list of soft-deleted secrets shows "+id, func() bool { return p.lists("soft_deleted", id) })
	a = p.call(200, "POST /secrets/"+id+":undelete", ifMatch(etag))
	p.expect(a.fields["deleted_at"] == nil && p.text(a, "state") == "active", "%s: the secret is not active", a.what)
	p.wantValue(value, id, "latest")
}

// lists reports whether a page of the list has the secret.
func (p *probe) lists(state, id string) bool {
	for cursor := ""; ; {
		page := p.call(200, "GET /secrets?kind=generic&limit=100&state="+state+cursor)
		if slices.ContainsFunc(p.items(page), func(item map[string]any) bool { return item["id"] == id }) {
			return true
		}
		next, more := page.fields["next_cursor"].(string)
		if !more {
			return false
		}
		cursor = "&cursor=" + next
	}
}

func isGoneForGood(p *probe) {
	id, _ := p.create()
	path := "/secrets/" + id
	etag, version := p.etag(id), path+"/versions/"+p.firstVersion(id)
	p.deleteHard(id)
	for _, what := range []string{
		"GET " + path, "POST " + path + ":undelete", "PATCH " + path, "DELETE " + path, "GET " + path + "/versions",
		"GET " + version, "POST " + version + ":access", "POST " + version + ":enable", "POST " + path + "/versions",
	} {
		content := map[string]string{}
		switch {
		case strings.HasPrefix(what, "PATCH"):
			content["description"] = "checked"
		case what == "POST "+path+"/versions":
			content["value"] = "a second value"
		}
		options := []option{ifMatch(etag)}
		if len(content) > 0 {
			options = append(options, body(content))
		}
		p.refused(404, 7002, what, options...)
	}
}

func limitsTheValue(p *probe) {
	longest := strings.Repeat("v", 65_536)
	id := p.text(p.createWith(longest), "id")
	p.wantValue(longest, id, "latest")
	for _, length := range []int{65_537, 256 << 10} {
		content := body(map[string]string{"value": strings.Repeat("v", length)})
		a, err := p.send(context.WithoutCancel(p.ctx), "POST /secrets/"+id+"/versions", content)
		p.judge(a, err, 400, 7001)
	}
}
