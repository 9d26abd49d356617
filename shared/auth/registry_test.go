package auth_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"keepsake/infra/cloud/wire"
	"keepsake/infra/cloudtest"
	"keepsake/shared/auth"
	"keepsake/shared/fault"
)

var grant = auth.Grant{Workspace: "ws_a", Scopes: auth.Scopes}

// registered is a table of tokens, seen by its owner and by one container of a function.
type registered struct {
	t         *testing.T
	cloud     *cloudtest.Cloud
	db        *dynamodb.Client
	table     string
	owner     auth.Registry
	container *auth.Tokens
}

func register(t *testing.T) registered {
	t.Helper()
	cloud := cloudtest.Start(t)
	db, table := dynamodb.NewFromConfig(cloud.Config()), cloud.Function("get-secret").Environment["TOKENS_TABLE"]
	return registered{t, cloud, db, table, auth.NewRegistry(db, table), auth.NewTokens(db, table)}
}

func (r registered) mint(g auth.Grant) (token string) {
	r.t.Helper()
	token, err := auth.Mint(r.t.Context(), r.db, r.table, g)
	if err != nil {
		r.t.Fatal(err)
	}
	return token
}

func (r registered) list() []auth.Token {
	r.t.Helper()
	tokens, err := r.owner.List(r.t.Context())
	if err != nil {
		r.t.Fatal(err)
	}
	return tokens
}

func (r registered) revoke(id string, now time.Time) auth.Token {
	r.t.Helper()
	token, err := r.owner.Revoke(r.t.Context(), id, "ada", now)
	if err != nil {
		r.t.Fatal(err)
	}
	return token
}

// use authenticates the token: it returns the caller's id, or the error's code.
func (r registered) use(token string, now time.Time) string {
	r.t.Helper()
	p, err := r.container.Authenticate(r.t.Context(), "Bearer "+token, now)
	if err != nil {
		return string(fault.KindOf(err))
	}
	return p.ID
}

func TestARevokedTokenIsRefusedWithinAMinuteWhereItWasInUseAndAtOnceElsewhere(t *testing.T) {
	r := register(t)
	token := r.mint(grant)
	id := r.list()[0].ID
	if got := r.use(token, start); got != id {
		t.Fatalf("before: %s, want %s", got, id)
	}
	r.revoke(id, start.Add(time.Second))
	if got := r.use(token, start.Add(59*time.Second)); got != id {
		t.Errorf("while the container still knows it: %s", got)
	}
	if got := r.use(token, start.Add(60*time.Second)); got != string(fault.Unauthenticated) {
		t.Errorf("a minute after it was read: %s", got)
	}
	r.container = auth.NewTokens(r.db, r.table)
	if got := r.use(token, start.Add(time.Second)); got != string(fault.Unauthenticated) {
		t.Errorf("in a new container: %s", got)
	}
}

func TestARevokedTokenStaysInTheListWithWhoRevokedItFirst(t *testing.T) {
	r := register(t)
	r.mint(grant)
	id := r.list()[0].ID
	first := r.revoke(id, start)
	if !first.RevokedAt.Equal(start) || first.RevokedBy != "ada" || first.Workspace != "ws_a" {
		t.Errorf("revoked, it is %+v", first)
	}
	again, err := r.owner.Revoke(t.Context(), id, "bob", start.Add(time.Hour))
	if err != nil || !again.RevokedAt.Equal(start) || again.RevokedBy != "ada" {
		t.Errorf("revoked again, it is %+v, %v", again, err)
	}
	if listed := r.list(); len(listed) != 1 || !listed[0].RevokedAt.Equal(start) {
		t.Errorf("the list is %+v", listed)
	}
}

func TestARevocationWhoseAnswerIsLostSucceeds(t *testing.T) {
	r := register(t)
	token := r.mint(grant)
	lost := false
	r.cloud.Hook(func(call wire.Call) wire.Verdict {
		if call.Action != "UpdateItem" || lost {
			return wire.Pass()
		}
		lost = true
		return wire.LoseAnswer()
	})
	if revoked := r.revoke(r.list()[0].ID, start); !revoked.RevokedAt.Equal(start) {
		t.Errorf("revoked, it is %+v", revoked)
	}
	if got := r.use(token, start); got != string(fault.Unauthenticated) || !lost {
		t.Errorf("it is still good: %s; an answer was lost: %v", got, lost)
	}
}

func TestWhatIsRegisteredStaysAsItIs(t *testing.T) {
	r := register(t)
	token := r.mint(grant)
	if err := auth.Register(t.Context(), r.db, r.table, token, auth.Grant{Workspace: "ws_b"}); err != nil {
		t.Errorf("a good one, again: %v", err)
	}
	if got := r.list()[0].Workspace; got != "ws_a" {
		t.Errorf("it is for %s now", got)
	}
	r.revoke(r.list()[0].ID, start)
	if err := auth.Register(t.Context(), r.db, r.table, token, grant); !errors.Is(err, auth.ErrRevoked) {
		t.Errorf("a revoked one: error %v", err)
	}
}

func TestAnIdThatNoTokenHasRevokesNothing(t *testing.T) {
	r := register(t)
	token := r.mint(grant)
	if _, err := r.owner.Revoke(t.Context(), "tok_00000000000000000000", "ada", start); !errors.Is(err, auth.ErrNoToken) {
		t.Errorf("error %v", err)
	}
	if r.use(token, start) != r.list()[0].ID {
		t.Error("another one is not good any more")
	}
}

func TestTheListSaysWhatIsKnownOfEachTokenAndNotTheToken(t *testing.T) {
	r := register(t)
	g := auth.Grant{
		Workspaces: []string{"ws_a", "ws_b"}, Scopes: []auth.Scope{auth.Read}, ExpiresAt: start.Add(time.Hour),
		CreatedAt: start, CreatedBy: "ada", Description: "CI of payments",
	}
	hash := sha256.Sum256([]byte(r.mint(g)))
	listed := r.list()
	if len(listed) != 1 || listed[0].ID != "tok_"+hex.EncodeToString(hash[:])[:20] {
		t.Fatalf("the list is %+v", listed)
	}
	got := listed[0].Grant
	if !slices.Equal(got.Workspaces, g.Workspaces) || !slices.Equal(got.Scopes, g.Scopes) || !got.ExpiresAt.Equal(g.ExpiresAt) ||
		!got.CreatedAt.Equal(start) || got.CreatedBy != "ada" || got.Description != "CI of payments" {
		t.Errorf("it is known of it %+v", got)
	}
}

func TestARowOfAnOlderVersionIsListedGoodAndCanBeRevoked(t *testing.T) {
	r := register(t)
	hash := sha256.Sum256([]byte("sk_akua_old"))
	_, err := r.db.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: &r.table, Item: map[string]types.AttributeValue{
		"token_hash":   &types.AttributeValueMemberS{Value: hex.EncodeToString(hash[:])},
		"workspace_id": &types.AttributeValueMemberS{Value: "ws_a"},
		"scopes":       &types.AttributeValueMemberL{Value: []types.AttributeValue{&types.AttributeValueMemberS{Value: "secrets:read"}}},
	}})
	if err != nil {
		t.Fatal(err)
	}
	old := r.list()[0]
	if old.Workspace != "ws_a" || !old.CreatedAt.IsZero() || !old.ExpiresAt.IsZero() || !old.RevokedAt.IsZero() {
		t.Errorf("it is known of it %+v", old)
	}
	if got := r.use("sk_akua_old", start); got != old.ID {
		t.Errorf("it is not good: %s", got)
	}
	r.revoke(old.ID, start)
	if got := r.use("sk_akua_old", start.Add(time.Minute)); got != string(fault.Unauthenticated) {
		t.Errorf("revoked, it is still good: %s", got)
	}
}

func TestAListOfSeveralPagesIsWhole(t *testing.T) {
	r := register(t)
	for range 3 {
		r.mint(grant)
	}
	listed, err := auth.NewRegistry(onePerPage{r.db}, r.table).List(t.Context())
	if err != nil || len(listed) != 3 {
		t.Errorf("%d tokens are listed, %v", len(listed), err)
	}
}

// onePerPage makes DynamoDB scan as if each item filled a page.
type onePerPage struct{ *dynamodb.Client }

func (o onePerPage) Scan(ctx context.Context, in *dynamodb.ScanInput, options ...func(*dynamodb.Options)) (*dynamodb.ScanOutput, error) {
	in.Limit = aws.Int32(1)
	return o.Client.Scan(ctx, in, options...)
}

func TestOnlyTheFormOfAnIdIsAnId(t *testing.T) {
	for id, want := range map[string]bool{
		"tok_0123456789abcdef0123": true, "tok_0123456789abcdef012": false, "tok_0123456789abcdef01234": false,
		"tok_0123456789ABCDEF0123": false, "0123456789abcdef0123": false, "sk_akua_x": false, "": false,
	} {
		if auth.IsTokenID(id) != want {
			t.Errorf("IsTokenID(%q) is %v", id, !want)
		}
	}
}
