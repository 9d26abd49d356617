package auth_test

import (
	"context"
	"reflect"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"keepsake/shared/auth"
	"keepsake/shared/auth/authtest"
	"keepsake/shared/fault"
)

// FuzzJWT: only one credential is good, the token that the issuer signed, and its subject is the only
// principal. No part of a token is in an error.
func FuzzJWT(f *testing.F) {
	i := newIssuer(f)
	good := i.good(nil)
	c := i.verifier()
	c.Tokens = auth.NewTokens(nobody{}, "TokensTable")
	want, err := ask(c, good, start)
	if err != nil {
		f.Fatal(err)
	}
	parts := strings.Split(good, ".")
	for _, seed := range []string{
		good, "", "a.b.c", "..", parts[0] + ".." + parts[2], parts[0] + "." + parts[1] + ".", unsigned(claims(nil)), good + "=", good + ".",
		"eyJhbGciOiJFZERTQSIsImtpZCI6ImVkIiwiY3JpdCI6WyJ4Il19." + parts[1] + "." + parts[2], `{"payload":"","signatures":[]}`, "sk_akua_x",
	} {
		f.Add(seed, "Basic ")
	}
	f.Add("GOOD", "bearer\t")
	f.Add("GOODAAAA", "")
	f.Fuzz(func(t *testing.T, token, tail string) {
		if rest, ok := strings.CutPrefix(token, "GOOD"); ok { // what mutates the good token finds it
			token = good[:max(0, len(good)-len(rest))] + rest
		}
		p, err := ask(c, token, start)
		if err == nil && (!reflect.DeepEqual(p, want) || !strings.HasPrefix(strings.TrimSpace(token), parts[0]+"."+parts[1]+".")) {
			t.Errorf("%+v may come in with another token", p)
		}
		if err != nil && fault.KindOf(err) != fault.Unauthenticated {
			t.Errorf("%v", err)
		}
		if _, err := c.Authenticate(t.Context(), tail+token, start); err == nil && !strings.HasPrefix(strings.ToLower(tail), "bearer") {
			t.Error("a credential of another scheme is taken")
		}
	})
}

// nobody is a table without tokens.
type nobody struct{}

func (nobody) GetItem(context.Context, *dynamodb.GetItemInput, ...func(*dynamodb.Options)) (*dynamodb.GetItemOutput, error) {
	return &dynamodb.GetItemOutput{}, nil
}

// FuzzWorkspace: a name that a workspace may have has no character that means something in a key.
func FuzzWorkspace(f *testing.F) {
	for _, seed := range []string{"ws_a", "ws_", "ws_a#sec_1", "ws_a\n", "ws_é", "WS_a"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, name string) {
		if auth.IsWorkspace(name) && (len(name) > 53 || strings.ContainsAny(name, "#~ \n/%:")) {
			t.Errorf("%q is taken for a workspace", name)
		}
	})
}

// FuzzTrustedJWT: of all that one can send, only what a trusted issuer signed for us comes in, and as its subject.
func FuzzTrustedJWT(f *testing.F) {
	shape := authtest.Shapes[4] // AWS, by ES384
	shape.Rule.Claims = nil
	internet := authtest.NewInternet(f)
	i := authtest.NewIssuer(f, shape.Issuer, shape.KeysPath, shape.Algorithm)
	internet.Add(strings.TrimPrefix(shape.Issuer, "https://"), i)
	trusts := auth.NewTrusts(oneTrust(shape.From(shape.Issuer)), "TokensTable", internet.Transport)
	good := i.Sign("k1", shape.Claims(i.Name, start))
	want, err := trusts.Authenticate(f.Context(), "Bearer "+good, start)
	if err != nil {
		f.Fatal(err)
	}
	parts := strings.Split(good, ".")
	for _, seed := range []string{
		good, "", "a.b.c", "..", parts[0] + ".." + parts[2], parts[0] + "." + parts[1] + ".", unsigned(shape.Claims(i.Name, start)), good + "=",
		"eyJhbGciOiJFUzM4NCIsImtpZCI6ImsxIiwiY3JpdCI6WyJ4Il19." + parts[1] + "." + parts[2], "GOOD", "GOODAAAA", forged(shape.Claims(i.Name, start)),
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, token string) {
		if rest, ok := strings.CutPrefix(token, "GOOD"); ok { // what mutates the good token finds it
			token = good[:max(0, len(good)-len(rest))] + rest
		}
		p, err := trusts.Authenticate(t.Context(), "Bearer "+token, start)
		if err == nil && (!reflect.DeepEqual(p, want) || !strings.HasPrefix(strings.TrimSpace(token), parts[0]+"."+parts[1]+".")) {
			t.Errorf("%+v may come in with another token", p)
		}
		if err != nil && fault.KindOf(err) != fault.Unauthenticated {
			t.Errorf("%v", err)
		}
	})
}

// oneTrust is a table with one trust, which is for reading in ws_a.
type oneTrust auth.Rule

func (o oneTrust) GetItem(context.Context, *dynamodb.GetItemInput, ...func(*dynamodb.Options)) (*dynamodb.GetItemOutput, error) {
	text := func(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }
	return &dynamodb.GetItemOutput{Item: map[string]types.AttributeValue{
		"token_hash": text("trusts"),
		"tru_0123456789abcdef0123": &types.AttributeValueMemberM{Value: map[string]types.AttributeValue{
			"issuer": text(o.Issuer), "audience": text(o.Audience), "subject": text(o.Subject), "workspace_id": text("ws_a"),
			"scopes": &types.AttributeValueMemberL{Value: []types.AttributeValue{text("secrets:read")}},
		}},
	}}, nil
}
