package main

import (
	"net/http"
	"strings"
)

func acceptsTheToken(p *probe) { p.call(200, "GET /secrets?limit=1") }

func servesTheDocument(p *probe) {
	version := p.text(p.call(200, "GET /openapi.json", bearer("")), "openapi")
	p.expect(strings.HasPrefix(version, "3.1."), "the document is of OpenAPI %q, expected 3.1", version)
}

func refusesAMissingCredential(p *probe) {
	p.refused(401, 7003, "GET /secrets?limit=2", bearer(""))
	p.refused(401, 7003, "GET /secrets?limit=2", bearer("sk_akua_nobody"))
	p.refused(401, 7003, "POST /secrets", bearer(""), body(map[string]string{"name": name}))
}

// asksForABearer checks that the header survives: API Gateway is known to give it another name.
func asksForABearer(p *probe) {
	a := p.refused(401, 7003, "GET /secrets?limit=3", bearer(""))
	p.expect(a.header.Get("WWW-Authenticate") != "" || a.header.Get("X-Amzn-Remapped-Www-Authenticate") == "",
		"%s: the gateway has renamed WWW-Authenticate to X-Amzn-Remapped-Www-Authenticate", a.what)
	got := a.header.Get("WWW-Authenticate")
	p.expect(got == "Bearer", "%s: got WWW-Authenticate %q, expected Bearer", a.what, got)
}

func refusesAnUnknownRoute(p *probe) {
	p.refused(404, 7002, "GET /no-such-route")
	p.refused(404, 7002, "POST /secrets/sec_x:frobnicate")
}

func refusesAWrongMethod(p *probe) {
	a := p.refused(405, 7005, "PUT /secrets")
	p.expect(a.header.Get("Allow") != "", "%s: got no Allow header", a.what)
}

// takesHeadersInAnyCase spells names as no client would. It uses HTTP/1.1: HTTP/2 has lower case only.
func takesHeadersInAnyCase(p *probe) {
	id, _ := p.create()
	what := "PATCH /secrets/" + id
	r, err := p.request(p.ctx, what, body(map[string]string{"description": "checked"}))
	p.expect(err == nil, "%v", err)
	r.Header["aUTHORIZATION"] = r.Header["Authorization"]
	r.Header["iF-mATCH"] = []string{p.etag(id)}
	delete(r.Header, "Authorization")
	a, err := read(p.plain, r, what)
	p.judge(a, err, 200, 0)
}

func forbidsCaching(p *probe) {
	id, _ := p.create()
	for _, what := range []string{"GET /secrets/" + id, "GET /secrets?limit=1", "POST /secrets/" + id + "/versions/latest:access"} {
		a := p.call(200, what)
		control, cache := a.header.Get("Cache-Control"), a.header.Get("X-Cache")
		p.expect(strings.Contains(control, "no-store"), "%s: got Cache-Control %q, expected no-store", what, control)
		p.expect(!strings.HasPrefix(cache, "Hit"), "%s: got X-Cache %q, expected no hit", what, cache)
	}
}

func sendsHSTS(p *probe) {
	if !p.secure() {
		p.skip("URL is not https")
	}
	a := p.call(200, "GET /openapi.json", bearer(""))
	got := a.header.Get("Strict-Transport-Security")
	p.expect(strings.Contains(got, "max-age="), "%s: got Strict-Transport-Security %q, expected a max-age", a.what, got)
}

// servesNoPlainHTTP never sends the token, which would travel in the clear.
func servesNoPlainHTTP(p *probe) {
	if !p.secure() {
		p.skip("URL is not https")
	}
	url := "http://" + strings.TrimPrefix(p.base, "https://") + "/openapi.json"
	r, err := http.NewRequestWithContext(p.ctx, http.MethodGet, url, nil)
	p.expect(err == nil, "%v", err)
	a, err := read(p.client, r, "GET "+url)
	p.expect(err != nil || a.status >= 300, "%s: got %d, expected a refusal", a.what, a.status)
}

// closesTheGateway never sends the token: an open endpoint would ask for it, with 401.
func closesTheGateway(p *probe) {
	if p.direct == "" {
		p.skip("DIRECT_URL is not set: the gateway's own address, https://….execute-api.….amazonaws.com")
	}
	for _, path := range []string{"/v1/secrets", "/v1/openapi.json", "/v1/no-such-route"} {
		for _, key := range []string{"", "guessed"} {
			r, err := http.NewRequestWithContext(p.ctx, http.MethodGet, p.direct+path, nil)
			p.expect(err == nil, "%v", err)
			if key != "" {
				r.Header.Set("X-Origin-Key", key)
			}
			a, err := read(p.client, r, "GET "+path+" past the edge")
			p.judge(a, err, 403, 7004)
		}
	}
}
