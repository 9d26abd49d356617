package main

import (
	"crypto/rand"
	"errors"
	"fmt"
	"net/url"
	"strings"
)

// colonForm tests one spelling of the colon, on both levels.
func colonForm(colon string) func(*probe) {
	return func(p *probe) {
		id, value := p.create()
		etag := p.deleteSoftly(id)
		p.call(200, "POST /secrets/"+id+colon+"undelete", ifMatch(etag))
		p.wantValueBy(value, id, "latest"+colon+"access")
	}
}

func restoresNothingByGET(p *probe) {
	id, _ := p.create()
	etag := p.deleteSoftly(id)
	for _, colon := range []string{":", "%3A"} {
		p.refused(404, 7002, "GET /secrets/"+id+colon+"undelete", ifMatch(etag))
	}
	state := p.text(p.get(id), "state")
	p.expect(state == "soft_deleted", "after the GETs the secret is %s, expected soft_deleted", state)
}

func refusesADoublyEncodedColon(p *probe) {
	id, _ := p.create()
	etag := p.deleteSoftly(id)
	p.refused(404, 7002, "POST /secrets/"+id+"%253Aundelete", ifMatch(etag))
	state := p.text(p.get(id), "state")
	p.expect(state == "soft_deleted", "after the POST the secret is %s, expected soft_deleted", state)
}

// splitsNoID sends ids that a gateway would misread if it decoded them too early.
func splitsNoID(p *probe) {
	id, _ := p.create()
	for _, odd := range []string{"%2Fversions", "%252Fversions", "%3Fx", "%253Fx", "%25", "%2525", ";x", "%20"} {
		p.refused(404, 7002, "GET /secrets/"+id+odd)
	}
}

// readsByName reads a value by a name that the edge, or a gateway, could misread. The name is found once the index of
// names has caught up.
func readsByName(p *probe) {
	id, value := p.create()
	odd := name + "/100%25?~2F+" + rand.Text()
	p.call(200, "PATCH /secrets/"+id, ifMatch(p.etag(id)), body(map[string]string{"name": odd}))
	p.await("the name of "+id+" leads to its value", func() bool {
		a, err := p.send(p.ctx, "POST /names/"+url.PathEscape(odd)+"/versions/latest:access")
		return err == nil && a.status == 200 && a.fields["value"] == value
	})
	p.refused(404, 7002, "POST /names/"+url.PathEscape(odd+"x")+"/versions/latest:access")
}

// keepsCallersApart reads one address with a wrong credential and the right one, in turns and then in parallel.
func keepsCallersApart(p *probe) {
	id, _ := p.create()
	what := "GET /secrets/" + id
	for range 3 {
		p.refused(401, 7003, what, bearer("sk_akua_nobody"))
		p.call(200, what)
		p.refused(401, 7003, what, bearer(""))
	}
	second, _ := p.create()
	keepsApartInParallel(p, id, second)
}

// parallel is how many requests are under way at the same time.
const parallel = 50

// keepsApartInParallel reads two secrets at once, with the right credential and a wrong one. Nothing reads the
// query. An edge that joins requests for one address would join these. An account may have only ten executions: a
// request that is turned away has nobody's answer.
func keepsApartInParallel(p *probe, first, second string) {
	results := make(chan error, parallel)
	for n := range parallel {
		id, options := []string{first, second}[n%2], []option(nil)
		stranger := n%5 == 0
		if stranger {
			options = append(options, bearer("sk_akua_nobody"))
		}
		go func() {
			a, err := p.send(p.ctx, "GET /secrets/"+id+"?parallel=1", options...)
			if err == nil {
				err = belongs(a, id, stranger)
			}
			results <- err
		}()
	}
	var failed error
	turnedAway := 0
	for range parallel { // wait for all: the secrets are deleted afterwards
		switch err := <-results; err {
		case nil:
		case errTurnedAway:
			turnedAway++
		default:
			failed = err
		}
	}
	p.expect(failed == nil, "%v", failed)
	p.expect(turnedAway < parallel/2, "of %d requests, %d were turned away", parallel, turnedAway)
}

var errTurnedAway = errors.New("turned away")

// belongs returns an error unless the response is the one of this caller.
func belongs(a response, id string, stranger bool) error {
	switch {
	case a.status == 429 || a.status == 503:
		return errTurnedAway
	case stranger && (a.status != 401 || a.code() != 7003):
		return fmt.Errorf("%s: a stranger got %s, expected 401 7003", a.what, a.outcome())
	case !stranger && a.status != 200:
		return fmt.Errorf("%s: got %s, expected 200", a.what, a.outcome())
	case !stranger && a.fields["id"] != id:
		return fmt.Errorf("%s: got another secret", a.what)
	}
	return nil
}

// cachesNo404 reads the second version before there is one. Its id can be foretold: this service numbers
// versions.
func cachesNo404(p *probe) {
	id, _ := p.create()
	stem, numbered := strings.CutSuffix(p.firstVersion(id), "_1")
	if !numbered {
		p.skip("a version's id does not end with its number here")
	}
	second := "GET /secrets/" + id + "/versions/" + stem + "_2"
	p.refused(404, 7002, second)
	p.call(201, "POST /secrets/"+id+"/versions", body(map[string]string{"value": "a second value"}))
	p.call(200, second)
}
