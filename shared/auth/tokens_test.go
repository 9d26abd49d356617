package auth_test

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"keepsake/infra/cloud/wire"
	"keepsake/shared/auth"
	"keepsake/shared/fault"
)

// readsOf records the reads that follow, each as its action and whether it was consistent.
func (r registered) readsOf(action string) func() []string {
	var mu sync.Mutex
	var reads []string
	r.cloud.Hook(func(c wire.Call) wire.Verdict {
		var asked struct{ ConsistentRead bool }
		if c.Action == action && json.Unmarshal(c.Body, &asked) == nil {
			mu.Lock()
			defer mu.Unlock()
			reads = append(reads, fmt.Sprint(c.Action, " ", asked.ConsistentRead))
		}
		return wire.Pass()
	})
	return func() []string { mu.Lock(); defer mu.Unlock(); return reads }
}

func TestATokenWorksAsSoonAsItHasBeenShownAndNoneIsMissedWhenItIsRevoked(t *testing.T) {
	r := register(t)
	token := r.mint(grant)
	gets := r.readsOf("GetItem")
	r.use(token, start)
	if got := gets(); len(got) != 1 || got[0] != "GetItem true" {
		t.Errorf("a look-up reads %v", got)
	}
	scans := r.readsOf("Scan")
	r.revoke(auth.TokenID(token), start)
	if got := scans(); len(got) != 1 || got[0] != "Scan true" {
		t.Errorf("a revocation reads %v", got)
	}
}

func TestATokenIsGoodUntilItsLastSecondAndNotInIt(t *testing.T) {
	r := register(t)
	g := grant
	g.ExpiresAt = start.Add(time.Minute)
	token := r.mint(g)
	if got := r.use(token, g.ExpiresAt.Add(-time.Second)); got != auth.TokenID(token) {
		t.Errorf("a second before its end: %s", got)
	}
	for _, after := range []time.Duration{0, time.Second, time.Hour} {
		if got := r.use(token, g.ExpiresAt.Add(after)); got != string(fault.Unauthenticated) {
			t.Errorf("%s after its end: %s", after, got)
		}
	}
}

func TestEachMintedTokenIsAnother(t *testing.T) {
	r := register(t)
	a, b := r.mint(grant), r.mint(grant)
	if a == b || len(a) != len("sk_akua_")+43 || !strings.HasPrefix(a, "sk_akua_") {
		t.Errorf("%q and %q", a, b)
	}
}

func TestNothingInTheTableIsACredential(t *testing.T) {
	r := register(t)
	token := r.mint(grant)
	rows, err := r.db.Scan(t.Context(), &dynamodb.ScanInput{TableName: &r.table, ConsistentRead: aws.Bool(true)})
	if err != nil || len(rows.Items) != 1 {
		t.Fatal(len(rows.Items), err)
	}
	random := strings.TrimPrefix(token, "sk_akua_")
	stored := fmt.Sprint(rows.Items[0]["token_hash"].(*types.AttributeValueMemberS).Value)
	if len(stored) != 64 || strings.Contains(stored, random) || strings.Contains(stored, hex.EncodeToString([]byte(random))) {
		t.Errorf("under its hash stands %s", stored)
	}
	for name, value := range rows.Items[0] {
		if text, ok := value.(*types.AttributeValueMemberS); ok && strings.Contains(text.Value, random) {
			t.Errorf("the token is in %s", name)
		}
	}
}

// anyToken plays a table that knows every token, and counts the look-ups.
type anyToken struct{ lookUps int }

func (a *anyToken) GetItem(_ context.Context, in *dynamodb.GetItemInput, _ ...func(*dynamodb.Options)) (*dynamodb.GetItemOutput, error) {
	a.lookUps++
	return &dynamodb.GetItemOutput{Item: in.Key}, nil
}

func TestCallersCannotFillAContainersMemory(t *testing.T) {
	table := &anyToken{}
	tokens := auth.NewTokens(table, "t")
	use := func(token string) {
		if _, err := tokens.Authenticate(t.Context(), "Bearer "+token, start); err != nil {
			t.Fatal(err)
		}
	}
	for range 2 {
		use("sk_akua_first")
	}
	if table.lookUps != 1 {
		t.Errorf("%d look-ups for one token", table.lookUps)
	}
	for n := range 1000 {
		use(fmt.Sprint("sk_akua_", n))
	}
	use("sk_akua_first")
	if table.lookUps != 1002 {
		t.Errorf("%d look-ups: after a thousand others the first is still kept", table.lookUps)
	}
}

// vanishing is a table whose token is gone before it is marked.
type vanishing struct{ *dynamodb.Client }

func (v vanishing) UpdateItem(ctx context.Context, in *dynamodb.UpdateItemInput, options ...func(*dynamodb.Options)) (*dynamodb.UpdateItemOutput, error) {
	if _, err := v.DeleteItem(ctx, &dynamodb.DeleteItemInput{TableName: in.TableName, Key: in.Key}); err != nil {
		return nil, err
	}
	return v.Client.UpdateItem(ctx, in, options...)
}

func TestATokenThatIsGoneMeanwhileIsNotMadeByItsRevocation(t *testing.T) {
	r := register(t)
	token := r.mint(grant)
	_, err := auth.NewRegistry(vanishing{r.db}, r.table).Revoke(t.Context(), auth.TokenID(token), "ada", start)
	if err != auth.ErrNoToken || len(r.list()) != 0 {
		t.Errorf("%v, and the table has %+v", err, r.list())
	}
}

func TestTokensAreListedOldestFirst(t *testing.T) {
	r := register(t)
	var want []string
	for n := range 6 {
		g := grant
		g.CreatedAt = start.Add(time.Duration(n) * time.Minute)
		want = append(want, auth.TokenID(r.mint(g)))
	}
	for n, token := range r.list() {
		if token.ID != want[n] {
			t.Errorf("the %d. is %s, want %s", n, token.ID, want[n])
		}
	}
}

func TestAnUnknownTokenIsNobodysAndAnotherSchemeIsNoBearer(t *testing.T) {
	r := register(t)
	token := r.mint(grant)
	for _, header := range []string{"", token, "Basic " + token, "Bearer " + token + "x", "Bearer sk_akua_unknown", "Bearer x" + token, "Bearer"} {
		if p, err := r.container.Authenticate(t.Context(), header, start); fault.KindOf(err) != fault.Unauthenticated {
			t.Errorf("%.12s…: %+v, %v", header, p, err)
		}
	}
	for _, header := range []string{"Bearer " + token, "bearer " + token, "BEARER  " + token + " "} {
		if p, err := r.container.Authenticate(t.Context(), header, start); err != nil || p.ID != auth.TokenID(token) {
			t.Errorf("%.8s…: %+v, %v", header, p, err)
		}
	}
}

func TestATableThatDoesNotAnswerIsNoRefusal(t *testing.T) {
	r := register(t)
	token := r.mint(grant)
	r.cloud.Hook(func(wire.Call) wire.Verdict { return wire.Refuse(400, "AccessDeniedException", "no") })
	if got := r.use(token, start); got != string(fault.Internal) {
		t.Errorf("it is told as %s", got)
	}
	r.cloud.Hook(nil)
	if got := r.use(token, start); got != auth.TokenID(token) {
		t.Errorf("after it: %s", got)
	}
}

// entered is what Enter returns for this Akua-Context; nil: none.
func entered(p auth.Principal, context *string) string {
	workspace, err := p.Enter(context)
	if err != nil {
		return string(fault.KindOf(err))
	}
	return workspace
}

func TestAPrincipalEntersItsOwnWorkspacesAlone(t *testing.T) {
	owned, broad := auth.Principal{Workspace: "ws_a"}, auth.Principal{Workspaces: []string{"ws_a", "ws_b"}}
	name := aws.String
	for _, c := range []struct {
		who     auth.Principal
		context *string
		want    string
	}{
		{owned, nil, "ws_a"}, {owned, name("ws_a"), "ws_a"}, {owned, name("ws_b"), "forbidden"}, {owned, name(""), "invalid"},
		{broad, nil, "invalid"}, {broad, name("ws_b"), "ws_b"}, {broad, name("ws_c"), "forbidden"}, {broad, name(""), "invalid"},
		{auth.Principal{}, nil, "invalid"}, {auth.Principal{}, name(""), "invalid"}, {auth.Principal{}, name("ws_a"), "forbidden"},
		{owned, name(strings.Repeat("é", 53)), "forbidden"}, {owned, name(strings.Repeat("x", 54)), "invalid"},
	} {
		if got := entered(c.who, c.context); got != c.want {
			t.Errorf("%+v in %v: %s, want %s", c.who, aws.ToString(c.context), got, c.want)
		}
	}
}

func TestAWorkspacesNameHasNothingThatMeansSomethingInAKey(t *testing.T) {
	for name, want := range map[string]bool{
		"ws_a": true, "ws_A-b_9": true, "ws_" + strings.Repeat("x", 50): true, "ws_" + strings.Repeat("x", 51): false,
		"ws_": false, "ws_a#b": false, "ws_a\n": false, "a": false, "xws_a": false, "": false,
	} {
		if auth.IsWorkspace(name) != want || (auth.CheckWorkspace(name) == nil) != want {
			t.Errorf("%q: %v", name, !want)
		}
	}
}

func TestOneScopeImpliesNoOther(t *testing.T) {
	for _, has := range auth.Scopes {
		for _, asked := range auth.Scopes {
			if err := (auth.Principal{Scopes: []auth.Scope{has}}).May(asked); (err == nil) != (has == asked) {
				t.Errorf("with %s, may %s: %v", has, asked, err)
			}
		}
	}
}
