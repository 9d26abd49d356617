package auth

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

const (
	trustPrefix = "tru_"
	// trustsKey is the key of the one row that has all trusts which have not ended: one read finds them, and
	// no stranger's token can cause another.
	trustsKey = "trusts"
	// MaxTrusts is the most trusts that a stack has at a time.
	MaxTrusts = 100
	// maxTrustSize is the most bytes of text in a trust: a hundred of them fit into a row of DynamoDB's.
	maxTrustSize = 3000
)

// Rule says whose tokens a trust takes. Subject and the claims are patterns; the rest is exact.
type Rule struct {
	Issuer   string            // the claim iss, and where the issuer's keys are found
	Audience string            // one of the claim aud's entries
	Subject  string            // a pattern on the claim sub
	Claims   map[string]string // patterns on other claims, by name
}

// Trust lets in those whose tokens fit its rule, as its grant says.
type Trust struct {
	ID string // as in the audit trail
	Rule
	Grant
	EndedAt time.Time // zero: it has not been
	EndedBy string
}

// trustItem is how a trust is stored: under its id in the row of all, or, once it has ended, as a row of its own.
type trustItem struct {
	Key         string            `dynamodbav:"token_hash,omitempty"` // only of one that has ended: its id
	Issuer      string            `dynamodbav:"issuer"`
	Audience    string            `dynamodbav:"audience"`
	Subject     string            `dynamodbav:"subject"`
	Claims      map[string]string `dynamodbav:"claims,omitempty"`
	Workspace   string            `dynamodbav:"workspace_id,omitempty"`
	Workspaces  []string          `dynamodbav:"workspace_ids,omitempty"`
	Scopes      []Scope           `dynamodbav:"scopes"`
	ExpiresAt   int64             `dynamodbav:"expires_at,omitempty"` // Unix seconds, as all times here
	CreatedAt   int64             `dynamodbav:"created_at,omitempty"`
	CreatedBy   string            `dynamodbav:"created_by,omitempty"`
	Description string            `dynamodbav:"description,omitempty"`
	EndedAt     int64             `dynamodbav:"ended_at,omitempty"`
	EndedBy     string            `dynamodbav:"ended_by,omitempty"`
}

// trustFields are the attributes that this release knows.
var trustFields = []string{
	"token_hash", "issuer", "audience", "subject", "claims", "workspace_id", "workspace_ids", "scopes",
	"expires_at", "created_at", "created_by", "description", "ended_at", "ended_by",
}

func (t Trust) item() trustItem {
	return trustItem{
		Issuer: t.Issuer, Audience: t.Audience, Subject: t.Subject, Claims: t.Claims,
		Workspace: t.Workspace, Workspaces: t.Workspaces, Scopes: t.Scopes,
		ExpiresAt: seconds(t.ExpiresAt), CreatedAt: seconds(t.CreatedAt), CreatedBy: t.CreatedBy, Description: t.Description,
		EndedAt: seconds(t.EndedAt), EndedBy: t.EndedBy,
	}
}

// readTrust reads a trust. It refuses one with an attribute that this release does not know: it may be a
// condition, and without it the trust would let in others.
func readTrust(id string, attributes map[string]types.AttributeValue) (Trust, error) {
	for name := range attributes {
		if !slices.Contains(trustFields, name) {
			return Trust{}, fmt.Errorf("%s has the attribute %s, which this release does not know", id, name)
		}
	}
	var item trustItem
	if err := attributevalue.UnmarshalMap(attributes, &item); err != nil {
		return Trust{}, fmt.Errorf("read %s: %w", id, err)
	}
	return Trust{
		ID:   id,
		Rule: Rule{Issuer: item.Issuer, Audience: item.Audience, Subject: item.Subject, Claims: item.Claims},
		Grant: Grant{
			Workspace: item.Workspace, Workspaces: item.Workspaces, Scopes: item.Scopes, ExpiresAt: instant(item.ExpiresAt),
			CreatedAt: instant(item.CreatedAt), CreatedBy: item.CreatedBy, Description: item.Description,
		},
		EndedAt: instant(item.EndedAt), EndedBy: item.EndedBy,
	}, nil
}

// readTrusts returns the trusts in the row of all. One that cannot be read lets nobody in, and leaves the
// others as they are; the errors say which.
func readTrusts(row map[string]types.AttributeValue) (trusts []Trust, errs []error) {
	for id, value := range row {
		if !strings.HasPrefix(id, trustPrefix) {
			continue
		}
		attributes, ok := value.(*types.AttributeValueMemberM)
		if !ok {
			errs = append(errs, fmt.Errorf("%s is no map", id))
			continue
		}
		trust, err := readTrust(id, attributes.Value)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		trusts = append(trusts, trust)
	}
	return trusts, errs
}

// size returns the bytes of t's texts.
func (t Trust) size() int {
	all := []string{t.Issuer, t.Audience, t.Subject, t.Workspace, t.CreatedBy, t.Description}
	all = append(all, t.Workspaces...)
	for name, pattern := range t.Claims {
		all = append(all, name, pattern)
	}
	n := 0
	for _, text := range all {
		n += len(text)
	}
	return n
}

// misfit says which part of a rule a token does not fit. A later part is looked at only if the former fit.
type misfit int

const (
	otherAudience misfit = iota
	otherSubject
	otherClaim
	none
)

// why is for the log: it is fixed text, because no part of a token is ever logged.
func (m misfit) why() string {
	return [...]string{
		"its aud is that of no trust in its issuer",
		"its sub fits no trust in its issuer for its aud",
		"a claim that a trust asks for is missing, or differs",
	}[m]
}

// match compares a token with the rule.
func (r Rule) match(c trustClaims) misfit {
	switch {
	case !c.isFor(r.Audience):
		return otherAudience
	case !fits(r.Subject, c.Subject):
		return otherSubject
	}
	for name, pattern := range r.Claims {
		value, ok := find(c.all, name)
		if !ok || !claimFits(pattern, value) {
			return otherClaim
		}
	}
	return none
}

// compare orders trusts that fit one token: first the one that says most about it. Its subject has no star, or
// else the most characters beside stars; it asks for more claims; it is older.
func (t Trust) compare(other Trust) int {
	exact := func(t Trust) int { return min(1, strings.Count(t.Subject, "*")) }
	letters := func(t Trust) int { return len(t.Subject) - strings.Count(t.Subject, "*") }
	return cmp.Or(
		cmp.Compare(exact(t), exact(other)),
		cmp.Compare(letters(other), letters(t)),
		cmp.Compare(len(other.Claims), len(t.Claims)),
		t.CreatedAt.Compare(other.CreatedAt),
		cmp.Compare(t.ID, other.ID),
	)
}

// find returns the claim of that name. A dot leads into an object: kubernetes.io.namespace is namespace in
// kubernetes.io.
func find(claims map[string]json.RawMessage, name string) (json.RawMessage, bool) {
	if value, ok := claims[name]; ok {
		return value, true
	}
	for i := range len(name) {
		if name[i] != '.' {
			continue
		}
		var inner map[string]json.RawMessage
		if json.Unmarshal(claims[name[:i]], &inner) != nil {
			continue
		}
		if value, ok := find(inner, name[i+1:]); ok {
			return value, true
		}
	}
	return nil, false
}

// claimFits reports whether a claim's value fits the pattern: a text, a number or a truth value as it is
// written, or one text of a list.
func claimFits(pattern string, value json.RawMessage) bool {
	var text string
	if json.Unmarshal(value, &text) == nil && value[0] == '"' {
		return fits(pattern, text)
	}
	var list []string
	if json.Unmarshal(value, &list) == nil {
		return slices.ContainsFunc(list, func(entry string) bool { return fits(pattern, entry) })
	}
	return strings.ContainsAny(string(value[:1]), "-0123456789tf") && fits(pattern, string(value))
}
