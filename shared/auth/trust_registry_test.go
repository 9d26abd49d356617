package auth_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"keepsake/infra/cloud/wire"
	"keepsake/shared/auth"
	"keepsake/shared/auth/authtest"
)

func TestATrustIsListedAsItWasMadeAndStaysInTheListWhenItHasEnded(t *testing.T) {
	r := trust(t)
	g := auth.Grant{
		Workspaces: []string{"ws_a", "ws_b"}, Scopes: []auth.Scope{auth.Read}, ExpiresAt: start.Add(time.Hour),
		CreatedAt: start, CreatedBy: "ada", Description: "CI",
	}
	made := r.trust(authtest.Shapes[0].From("https://issuer.example"), g)
	listed := r.listTrusts()
	if len(listed) != 1 || fmt.Sprint(listed[0]) != fmt.Sprint(made) || !auth.IsTrustID(made.ID) {
		t.Errorf("the list is %+v, want %+v", listed, made)
	}
	ended := r.end(made.ID, start.Add(time.Minute))
	made.EndedAt, made.EndedBy = start.Add(time.Minute), "ada"
	if fmt.Sprint(ended) != fmt.Sprint(made) {
		t.Errorf("ended, it is %+v, want %+v", ended, made)
	}
	again, err := r.owner.EndTrust(t.Context(), made.ID, "bob", start.Add(time.Hour))
	if err != nil || fmt.Sprint(again) != fmt.Sprint(made) {
		t.Errorf("ended again, it is %+v, %v", again, err)
	}
	if listed := r.listTrusts(); len(listed) != 1 || fmt.Sprint(listed[0]) != fmt.Sprint(made) {
		t.Errorf("the list is %+v", listed)
	}
}

func TestTrustsAreNoTokensAndTokensAreNoTrusts(t *testing.T) {
	r := trust(t)
	token := r.mint(grant)
	made := r.trust(authtest.Shapes[0].From("https://issuer.example"), grant)
	ended := r.trust(authtest.Shapes[0].From("https://issuer.example"), grant)
	r.end(ended.ID, start)
	if tokens := r.list(); len(tokens) != 1 || tokens[0].ID != auth.TokenID(token) {
		t.Errorf("the tokens are %+v", tokens)
	}
	if trusts := r.listTrusts(); len(trusts) != 2 {
		t.Errorf("the trusts are %+v", trusts)
	}
	if got := r.registered.use(token, start); got != auth.TokenID(token) {
		t.Errorf("the token is %s", got)
	}
	if _, err := r.owner.EndTrust(t.Context(), auth.TokenID(token), "ada", start); !errors.Is(err, auth.ErrNoTrust) {
		t.Errorf("a token was ended as a trust: %v", err)
	}
	if _, err := r.owner.Revoke(t.Context(), made.ID, "ada", start); !errors.Is(err, auth.ErrNoToken) {
		t.Errorf("a trust was revoked as a token: %v", err)
	}
}

func TestAHundredTrustsOfAnyLengthFitAndOneMoreDoesNot(t *testing.T) {
	r := trust(t)
	rule := authtest.Shapes[0].From("https://issuer.example")
	rule.Claims = map[string]string{"c": ""}
	rule.Claims["c"] = strings.Repeat("x", 3000-len(rule.Issuer)-len(rule.Audience)-len(rule.Subject)-len("c")-len("ws_a"))
	for range 100 {
		r.trust(rule, grant)
	}
	if _, err := r.owner.Trust(t.Context(), rule, grant); !errors.Is(err, auth.ErrTooManyTrusts) {
		t.Errorf("the hundred and first: %v", err)
	}
	first := r.listTrusts()[0]
	r.end(first.ID, start)
	r.trust(rule, grant)
	rule.Claims["c"] += "x"
	if _, err := r.owner.Trust(t.Context(), rule, grant); !errors.Is(err, auth.ErrLongTrust) {
		t.Errorf("a byte too long: %v", err)
	}
}

// loseAnswer lets the first call of this action happen, and loses its answer.
func (r *trusting) loseAnswer(action string) {
	lost := false
	r.cloud.Hook(func(call wire.Call) wire.Verdict {
		if call.Action != action || lost {
			return wire.Pass()
		}
		lost = true
		return wire.LoseAnswer()
	})
}

func TestATrustWhoseAnswerIsLostIsMadeOnceAndEndedOnce(t *testing.T) {
	r := trust(t)
	r.loseAnswer("UpdateItem")
	made := r.trust(authtest.Shapes[0].From("https://issuer.example"), grant)
	if listed := r.listTrusts(); len(listed) != 1 || listed[0].ID != made.ID {
		t.Errorf("the list is %+v", listed)
	}
	r.loseAnswer("TransactWriteItems")
	r.end(made.ID, start)
	if listed := r.listTrusts(); len(listed) != 1 || !listed[0].EndedAt.Equal(start) {
		t.Errorf("the list is %+v", listed)
	}
}

// overtaken is a table whose trust somebody else ends just before.
type overtaken struct {
	*dynamodb.Client
	first func()
}

func (o *overtaken) TransactWriteItems(ctx context.Context, in *dynamodb.TransactWriteItemsInput, options ...func(*dynamodb.Options)) (*dynamodb.TransactWriteItemsOutput, error) {
	o.first()
	return o.Client.TransactWriteItems(ctx, in, options...)
}

func TestOfTwoWhoEndATrustTheFirstIsRemembered(t *testing.T) {
	r := trust(t)
	made := r.trust(authtest.Shapes[0].From("https://issuer.example"), grant)
	second := auth.NewRegistry(&overtaken{r.db, func() { r.end(made.ID, start) }}, r.table)
	ended, err := second.EndTrust(t.Context(), made.ID, "bob", start.Add(time.Minute))
	if err != nil || ended.EndedBy != "ada" || !ended.EndedAt.Equal(start) {
		t.Errorf("%+v, %v", ended, err)
	}
}

func TestTrustsThatAreMadeAtOnceAreAllThere(t *testing.T) {
	r := trust(t)
	made := make(chan string, 20)
	for range cap(made) {
		go func() {
			one, err := r.owner.Trust(t.Context(), authtest.Shapes[0].From("https://issuer.example"), grant)
			if err != nil {
				t.Error(err)
			}
			made <- one.ID
		}()
	}
	var want []string
	for range cap(made) {
		want = append(want, <-made)
	}
	var got []string
	for _, one := range r.listTrusts() {
		got = append(got, one.ID)
	}
	slices.Sort(want)
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("listed %v, want %v", got, want)
	}
}

// A later release may write a condition that this one does not know. Without it, a trust would let in others.
func TestATrustWithAConditionThatIsNotKnownLetsNobodyInAndTheOthersStay(t *testing.T) {
	r, _, made, sign := github(t)
	strange := r.trust(func() auth.Rule {
		rule := made.Rule
		rule.Claims = maps.Clone(rule.Claims)
		rule.Claims["ref_type"] = "branch" // it says more, so it would decide
		return rule
	}(), grant)
	_, err := r.db.UpdateItem(t.Context(), &dynamodb.UpdateItemInput{
		TableName:                 &r.table,
		Key:                       map[string]types.AttributeValue{"token_hash": &types.AttributeValueMemberS{Value: "trusts"}},
		UpdateExpression:          aws.String("SET #id.not_on_sundays = :yes"),
		ExpressionAttributeNames:  map[string]string{"#id": strange.ID},
		ExpressionAttributeValues: map[string]types.AttributeValue{":yes": &types.AttributeValueMemberBOOL{Value: true}},
	})
	if err != nil {
		t.Fatal(err)
	}
	if got := r.use(sign(nil), start); !strings.HasPrefix(got, made.ID) {
		t.Errorf("by the other: %s", got)
	}
	if _, err := r.owner.ListTrusts(t.Context()); err == nil || !strings.Contains(err.Error(), strange.ID+" has the attribute not_on_sundays") {
		t.Errorf("the list says %v", err)
	}
	r.end(made.ID, start)
	r.restart()
	r.wantRefused(sign(nil), start, "no trust names its issuer, but some cannot be read by this release")
	if _, err := r.owner.EndTrust(t.Context(), strange.ID, "ada", start); err == nil || errors.Is(err, auth.ErrNoTrust) {
		t.Errorf("the strange one was ended: %v", err)
	}
}

func TestOnlyTheFormOfATrustsIdIsOne(t *testing.T) {
	for id, want := range map[string]bool{
		"tru_0123456789abcdef0123": true, "tok_0123456789abcdef0123": false, "tru_0123456789abcdef012": false,
		"tru_0123456789abcdef01234": false, "tru_0123456789abcdef012g": false, "trusts": false, "": false,
	} {
		if auth.IsTrustID(id) != want {
			t.Errorf("%q: %v", id, !want)
		}
	}
}

func TestATrustThatHasHalfEndedInATableFromABackupCanBeEnded(t *testing.T) {
	r := trust(t)
	made := r.trust(authtest.Shapes[0].From("https://issuer.example"), grant)
	row := func() map[string]types.AttributeValue {
		out, err := r.db.GetItem(t.Context(), &dynamodb.GetItemInput{
			TableName: &r.table, Key: map[string]types.AttributeValue{"token_hash": &types.AttributeValueMemberS{Value: "trusts"}}, ConsistentRead: aws.Bool(true),
		})
		if err != nil {
			t.Fatal(err)
		}
		return out.Item
	}
	before := row()
	r.end(made.ID, start)
	if _, err := r.db.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: &r.table, Item: before}); err != nil {
		t.Fatal(err)
	}
	if ended := r.end(made.ID, start.Add(time.Hour)); !ended.EndedAt.Equal(start.Add(time.Hour)) || row()[made.ID] != nil {
		t.Errorf("%+v, and it lets in: %v", ended, row()[made.ID])
	}
	if listed := r.listTrusts(); len(listed) != 1 {
		t.Errorf("the list is %+v", listed)
	}
}

func TestTenTrustsAreOneReadUnit(t *testing.T) {
	r := trust(t)
	g := grant
	g.Scopes, g.CreatedAt, g.CreatedBy = []auth.Scope{auth.Read, auth.Access}, start, "arn:aws:sts::123456789012:assumed-role/Administrator/ada"
	g.Description = "deployments of the shop"
	for range 10 {
		r.trust(authtest.Shapes[0].From("https://token.actions.githubusercontent.com"), g)
	}
	out, err := r.db.GetItem(t.Context(), &dynamodb.GetItemInput{
		TableName: &r.table, Key: map[string]types.AttributeValue{"token_hash": &types.AttributeValueMemberS{Value: "trusts"}},
		ConsistentRead: aws.Bool(true), ReturnConsumedCapacity: types.ReturnConsumedCapacityTotal,
	})
	if err != nil || *out.ConsumedCapacity.CapacityUnits != 1 {
		t.Errorf("%v units, %v", out.ConsumedCapacity, err)
	}
}
