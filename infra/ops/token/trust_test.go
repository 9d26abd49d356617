package main

import (
	"os/exec"
	"regexp"
	"strings"
	"testing"
	"time"

	"keepsake/infra/cloud/host"
	"keepsake/infra/ops/internal/account/accounttest"
	"keepsake/infra/ops/internal/environment"
)

// github are the variables of a good trust.
var github = []string{
	"ISSUER=https://token.actions.githubusercontent.com", "AUDIENCE=keepsake", "SUB=repo:acme/app:environment:prod",
	"WORKSPACE=ws_a", "SCOPES=secrets:read secrets:access",
}

var trustForm = regexp.MustCompile(`^tru_[0-9a-f]{20}\n$`)

func TestATrustOfADeployedStackIsMadeListedAndEnded(t *testing.T) {
	deployed(t)
	out, notes := must(t, []string{"trust"}, append([]string{
		"CLAIM_repository_owner_id=65", "CLAIMS=cognito:groups=deploy* kubernetes.io.namespace=payments", "EXPIRES=90d", "DESCRIPTION=CI of payments",
	}, github...)...)
	id := strings.TrimSpace(out)
	if !trustForm.MatchString(out) {
		t.Fatalf("it printed %q", out)
	}
	conditions := "sub is repo:acme/app:environment:prod, and whose cognito:groups is deploy*, and whose kubernetes.io.namespace is payments, and whose repository_owner_id is 65"
	want := id + ", expires 2027-02-22 03:00:00Z: whoever has a token of https://token.actions.githubusercontent.com for keepsake, whose " + conditions +
		", may secrets:read secrets:access in ws_a. It is in effect within 60 seconds. To end it: make end-trust TRUST_ID=" + id + " STACK=keepsake\n"
	if notes != want {
		t.Errorf("it said %q, want %q", notes, want)
	}
	made := id + "  %s  ws_a  secrets:read secrets:access  https://token.actions.githubusercontent.com  for keepsake  " + conditions +
		"  expires 2027-02-22 03:00:00Z  created 2026-11-24 03:00:00Z by " + accounttest.Caller
	if listed, _ := must(t, []string{"trusts"}); listed != strings.Replace(made, "%s", "good", 1)+": CI of payments\n" {
		t.Errorf("the list is %q", listed)
	}
	said, _ := must(t, []string{"end-trust"}, "TRUST_ID="+id)
	if want := id + " of ws_a was ended at 2026-11-24 03:00:00Z by " + accounttest.Caller + ": 60 seconds"; !strings.HasPrefix(said, want) {
		t.Errorf("it said %q, want %q", said, want)
	}
	listed, _ := must(t, []string{"trusts"})
	if want := strings.Replace(made, "%s", "ended", 1) + ", ended 2026-11-24 03:00:00Z by " + accounttest.Caller + ": CI of payments\n"; listed != want {
		t.Errorf("the list is %q, want %q", listed, want)
	}
	if tokens, notes := must(t, []string{"list"}); tokens != "" || !strings.HasPrefix(notes, "there are no tokens") {
		t.Errorf("it is listed as a token: %q", tokens)
	}
}

func TestAListOfTrustsCanBeOfOneWorkspaceAndSaysWhatHasExpired(t *testing.T) {
	deployed(t)
	must(t, []string{"trust"}, github...)
	broad := append([]string{"WORKSPACES=ws_a,ws_b", "EXPIRES=1h"}, github[:3]...)
	must(t, []string{"trust"}, append(broad, "SCOPES=secrets:read")...)
	for workspace, want := range map[string]int{"ws_a": 2, "ws_b": 1, "ws_d": 0} {
		out, notes := must(t, []string{"trusts"}, "WORKSPACE="+workspace)
		if got := strings.Count(out, "tru_"); got != want || (notes != "") != (want == 0) {
			t.Errorf("%s: %q and %q, want %d", workspace, out, notes, want)
		}
	}
	_, _, err := run(t, []string{"trusts"}, "STACK=keepsake", "WORKSPACE=acme")
	wantLine(t, err, `WORKSPACE: "acme"`)
	var out strings.Builder
	later := tool{env: environment.Of("STACK=keepsake", "WORKSPACE=ws_b"), now: morning.Add(time.Hour), out: &out}
	if err := later.run(t.Context(), []string{"trusts"}); err != nil || !strings.Contains(out.String(), "  expired  ws_a,ws_b") {
		t.Errorf("the list is %q, %v", &out, err)
	}
}

func TestAWrongSettingOfATrustIsOneLineThatNamesTheVariable(t *testing.T) {
	for _, c := range []struct{ pair, want string }{
		{"ISSUER=", "ISSUER is not set"},
		{"AUDIENCE=", "AUDIENCE is not set"},
		{"SUB=", "SUB is not set"},
		{"SCOPES=", "SCOPES is not set"},
		{"WORKSPACE=", "WORKSPACE is not set"},
		{"ISSUER=token.actions.githubusercontent.com", `ISSUER: "token.actions.githubusercontent.com" must be the URL of an issuer`},
		{"ISSUER=http://gitlab.com", `ISSUER: "http://gitlab.com" must begin with https://`},
		{"ISSUER=https://gitlab.com?x", `ISSUER: "https://gitlab.com?x" must be`},
		{"ISSUER=https://gitlab.com\n", "ISSUER must be one line of at most 700 bytes"},
		{"AUDIENCE=*", "AUDIENCE is no pattern"},
		{"AUDIENCE=https://token.actions.githubusercontent.com", "AUDIENCE is the issuer itself"},
		{"AUDIENCE=sts.amazonaws.com", "AUDIENCE is AWS's"},
		{"AUDIENCE=" + strings.Repeat("x", 701), "AUDIENCE must be one line of at most 700 bytes"},
		{"SUB=*", `SUB: "*" lets in everybody`},
		{"SUB=repo:*", `SUB: "repo:*" lets in everybody`},
		{"SUB=repo:acme*", `SUB: "repo:acme*" lets in everybody`},
		{"SUB=" + strings.Repeat("x", 701), "SUB must be one line of at most 700 bytes"},
		{"EVERYBODY=yes", `EVERYBODY: "yes" is not 1`},
		{"EVERYBODY=", `EVERYBODY: "" is not 1`},
		{"CLAIM_ref=", "CLAIM_ref is blank"},
		{"CLAIM_=x", "CLAIM_ is blank"},
		{"CLAIM_sub=x", "CLAIM_sub: sub has a variable of its own"},
		{"CLAIM_exp=x", "CLAIM_exp: exp has a variable of its own, or is checked anyway"},
		{"CLAIM_ref=" + strings.Repeat("x", 700), "CLAIM_ref must be one line of at most 700 bytes"},
		{"CLAIMS=", "CLAIMS is blank"},
		{"CLAIMS=ref", "CLAIMS is blank: it must name a claim"},
		{"CLAIMS==x", "CLAIMS is blank: it must name a claim"},
		{"CLAIMS=ref=a ref=b", "CLAIMS: the claim ref is there twice"},
		{"CLAIMS=aud=a", "CLAIMS: aud has a variable"},
		{"CLAIM=x", "CLAIM is not a variable of this program: choose from ISSUER"},
		{"MAKEFLAGS=-- CLAIM_cognito:groups=x", `CLAIM_cognito:groups is a name that make does not pass on: write CLAIMS="cognito:groups=…"`},
		{"MAKEFLAGS=-- TOKEN_ID=x", "TOKEN_ID is not a variable of this program"},
		{"EXPIRES=soon", `EXPIRES: "soon"`},
		{"DESCRIPTION=a\nb", "DESCRIPTION must be one line"},
	} {
		out, _, err := run(t, []string{"trust"}, append(append([]string{"TOKENS_TABLE=T"}, github...), c.pair)...)
		wantLine(t, err, c.want)
		if out != "" {
			t.Errorf("%q: something was made", c.pair)
		}
	}
	_, _, err := run(t, []string{"trust"}, append(github, "CLAIM_ref=a", "CLAIMS=ref=b")...)
	wantLine(t, err, "CLAIMS: the claim ref is there twice")
}

// Make takes a word with a colon before the equals sign for a target, which it would look for after the trust is made.
func TestAConditionThatMakeTakesForATargetStopsItBeforeTheTrustIsMade(t *testing.T) {
	root, err := host.FindUp("go.mod")
	if err != nil {
		t.Fatal(err)
	}
	dryRun := func(words ...string) (string, error) {
		cmd := exec.CommandContext(t.Context(), "make", append([]string{"--dry-run", "trust"}, words...)...)
		cmd.Dir = root
		out, err := cmd.CombinedOutput()
		return string(out), err
	}
	out, err := dryRun("CLAIM_cognito:groups=x")
	if err == nil || !strings.Contains(out, `make takes CLAIM_cognito:groups=x for a target, not for a condition: write CLAIMS="name=pattern"`) {
		t.Errorf("%v: %s", err, out)
	}
	if out, err := dryRun("CLAIM_ref=x", "CLAIMS=cognito:groups=x", "SUB=repo:acme/*"); err != nil || !strings.Contains(out, "bin/token trust") {
		t.Errorf("%v: %s", err, out)
	}
}

func TestOfAMintedTokenNothingAboutTrustsIsPassedOver(t *testing.T) {
	for _, variable := range []string{"ISSUER", "SUB", "CLAIM_ref", "CLAIMS", "TRUST_ID"} {
		_, _, err := run(t, nil, "WORKSPACE=ws_a", "MAKEFLAGS=-- "+variable+"=x")
		wantLine(t, err, variable+" is not a variable of this program")
	}
}

func TestATrustInEverybodyIsMadeIfSomeoneSaysSo(t *testing.T) {
	deployed(t)
	out, notes := must(t, []string{"trust"}, append(github, "SUB=*", "CLAIM_repository_owner_id=65", "EVERYBODY=1")...)
	if !trustForm.MatchString(out) || !strings.Contains(notes, "whose sub is *, and whose repository_owner_id is 65, may ") {
		t.Errorf("%q, %q", out, notes)
	}
}

func TestAnIssuerThatFunctionsCannotReachIsRefusedForADeployedStack(t *testing.T) {
	deployed(t)
	for _, issuer := range []string{
		"https://kubernetes.default.svc.cluster.local", "https://kubernetes.default.svc", "https://gitlab", "https://10.0.0.1:6443", "https://[fd00::1]",
		"http://127.0.0.1:3000", "http://localhost:3000", "https://169.254.169.254", "https://gitlab.corp.internal",
	} {
		_, _, err := run(t, []string{"trust"}, append(append([]string{"STACK=keepsake"}, github...), "ISSUER="+issuer)...)
		wantLine(t, err, "ISSUER: the functions cannot reach ")
	}
	must(t, []string{"trust"}, append(github, "ISSUER=https://api.cluster.example:6443")...)
}

func TestTheStacksOwnIssuerIsNotTrustedASecondTime(t *testing.T) {
	deployed(t, "JwtIssuer", "https://token.actions.githubusercontent.com")
	_, _, err := run(t, []string{"trust"}, append([]string{"STACK=keepsake"}, github...)...)
	wantLine(t, err, "ISSUER is the stack's JwtIssuer")
	must(t, []string{"trust"}, append(github, "ISSUER=https://gitlab.com")...)
}

func TestOnlyTheIdOfATrustEndsOne(t *testing.T) {
	deployed(t)
	for given, want := range map[string]string{
		"":                         "TRUST_ID must be the id of a trust",
		"trusts":                   "TRUST_ID must be the id of a trust",
		"tok_00000000000000000000": "TRUST_ID must be the id of a trust",
		"tru_00000000000000000000": "TRUST_ID: this stack has no trust tru_00000000000000000000: make trusts STACK=keepsake lists",
	} {
		_, _, err := run(t, []string{"end-trust"}, "STACK=keepsake", "TRUST_ID="+given)
		wantLine(t, err, want)
	}
}

func TestATrustTooManyAndATrustTooLongSayWhatHelps(t *testing.T) {
	deployed(t)
	long := []string{"CLAIM_a=" + strings.Repeat("x", 690), "CLAIM_b=" + strings.Repeat("x", 690), "CLAIM_c=" + strings.Repeat("x", 690), "CLAIM_d=" + strings.Repeat("x", 690), "CLAIM_e=" + strings.Repeat("x", 690)}
	_, _, err := run(t, []string{"trust"}, append(append([]string{"STACK=keepsake"}, github...), long...)...)
	wantLine(t, err, "the trust has more than 3000 bytes of text: shorten its patterns")
	for range 100 {
		must(t, []string{"trust"}, github...)
	}
	_, _, err = run(t, []string{"trust"}, append([]string{"STACK=keepsake"}, github...)...)
	wantLine(t, err, "there are 100 trusts already: end one first (make trusts STACK=keepsake lists them)")
}
