package auth

import (
	"cmp"
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
