package auth

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
)

// trustAlgorithms may sign a token of a trusted issuer. AWS's own sign with RS256 or ES384.
var trustAlgorithms = []jose.SignatureAlgorithm{jose.RS256, jose.ES256, jose.ES384, jose.EdDSA}

// Trusts takes the JWTs of the issuers that the table of tokens trusts. It holds their keys.
type Trusts struct {
	db     GetItemer
	table  string
	client *http.Client
	recent *memory[trusted]

	mu   sync.Mutex
	keys map[string]*keySet // by issuer
}

// trusted is the row of all trusts as it was read.
type trusted struct {
	trusts     []Trust
	unreadable int
}

// NewTrusts returns the trusts in table. Their issuers are asked through transport (nil: Go's own), and
// only for tokens that name them.
func NewTrusts(db GetItemer, table string, transport http.RoundTripper) *Trusts {
	t := &Trusts{db: db, table: table, client: newKeyClient(transport), keys: map[string]*keySet{}}
	t.recent = newMemory(t.lookUp)
	return t
}

// Authenticate returns whom the JWT in an Authorization header is let in as. Unauthenticated unless a trust names
// its issuer, the issuer has signed it, it is valid at now, and it fits a trust; Unavailable if it needs
// the issuer's keys and cannot get them. At most one GetItem, none if a JWT of any issuer came in the last minute.
// At most two requests to the issuer, usually none; none to an issuer that no trust names.
func (t *Trusts) Authenticate(ctx context.Context, authorization string, now time.Time) (Principal, error) {
	text, ok := bearer(authorization)
	if !ok || !isJWT(text) {
		return Principal{}, unauthenticated()
	}
	token, err := jwt.ParseSigned(text, trustAlgorithms)
	if err != nil {
		return Principal{}, refused("not a JWT that is signed by RS256, ES256, ES384 or EdDSA")
	}
	issuer := issuerOf(text)
	trusts, err := t.of(ctx, issuer, now)
	if err != nil {
		return Principal{}, err
	}
	header := token.Headers[0]
	key, err := t.keysOf(issuer).find(ctx, keyName{header.KeyID, jose.SignatureAlgorithm(header.Algorithm)}, now)
	if err != nil {
		return Principal{}, err
	}
	var c trustClaims
	if token.Claims(key, &c, &c.all) != nil {
		return Principal{}, refused("the signature is wrong, or the claims cannot be read")
	}
	if err := c.check(issuer, now); err != nil {
		return Principal{}, err
	}
	return admit(trusts, c)
}

// of returns the trusts that name issuer, and at now have not expired. Unauthenticated if there are none.
func (t *Trusts) of(ctx context.Context, issuer string, now time.Time) ([]Trust, error) {
	if issuer == "" {
		return nil, refused("its iss cannot be read")
	}
	all, err := t.recent.get(ctx, trustsKey, now)
	if err != nil {
		return nil, err
	}
	var trusts []Trust
	for _, trust := range all.trusts {
		if trust.Issuer == issuer && (trust.ExpiresAt.IsZero() || now.Before(trust.ExpiresAt)) {
			trusts = append(trusts, trust)
		}
	}
	switch {
	case len(trusts) > 0:
		return trusts, nil
	case all.unreadable > 0:
		return nil, refused("no trust names its issuer, but some cannot be read by this release")
	}
	return nil, refused("no trust names its issuer")
}

func (t *Trusts) lookUp(ctx context.Context, key string) (trusted, error) {
	out, err := t.db.GetItem(ctx, &dynamodb.GetItemInput{
		TableName:      &t.table,
		Key:            tokenKey(key),
		ConsistentRead: aws.Bool(true), // a trust that has ended is not found again
	})
	if err != nil {
		return trusted{}, fmt.Errorf("look the trusts up: %w", err)
	}
	trusts, errs := readTrusts(out.Item)
	return trusted{trusts, len(errs)}, nil
}

// keysOf returns the keys of an issuer that a trust names.
func (t *Trusts) keysOf(issuer string) *keySet {
	t.mu.Lock()
	defer t.mu.Unlock()
	keys, ok := t.keys[issuer]
	if !ok {
		if len(t.keys) >= MaxTrusts { // of trusts that have ended, in part
			clear(t.keys)
		}
		keys = &keySet{fetch: func(ctx context.Context) (map[keyName]any, error) { return discoverKeys(ctx, t.client, issuer) }}
		t.keys[issuer] = keys
	}
	return keys
}

// admit returns the principal of a token that fits one of the trusts. If it fits several, the one that says most
// about it decides: together they would grant more than each of them.
func admit(trusts []Trust, c trustClaims) (Principal, error) {
	nearest := otherAudience
	var best *Trust
	for _, trust := range trusts {
		m := trust.match(c)
		nearest = max(nearest, m)
		if m == none && (best == nil || trust.compare(*best) < 0) {
			best = &trust
		}
	}
	if best == nil {
		return Principal{}, refused(nearest.why())
	}
	p := Principal{
		ID: best.ID + ":" + c.Subject, Workspace: best.Workspace, Workspaces: best.Workspaces, Scopes: best.Scopes,
		ExpiresAt: c.Expiry.Time().UTC(),
	}
	if !best.ExpiresAt.IsZero() && best.ExpiresAt.Before(p.ExpiresAt) {
		p.ExpiresAt = best.ExpiresAt
	}
	return p, nil
}
