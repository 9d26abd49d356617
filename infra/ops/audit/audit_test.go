package main

import (
	"errors"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"keepsake/infra/cloudtest"
	"keepsake/infra/ops/internal/account/accounttest"
	"keepsake/infra/ops/internal/environment"
	"keepsake/infra/ops/internal/table"
	"keepsake/shared/audit"
	"keepsake/shared/secret"
)

// trail makes an audit table with one line. It returns the variables that name it.
func trail(t *testing.T, ref secret.Ref) (variable, endpoint string) {
	t.Helper()
	cloud := cloudtest.Start(t)
	name := cloud.Function("access-secret-version").Environment["AUDIT_TABLE"]
	by := secret.Stamp{Operation: "create-secret", Principal: "tok_x", At: morning}
	line := audit.Line{Ref: ref, Outcome: audit.Allowed, By: by}
	if err := audit.New(dynamodb.NewFromConfig(cloud.Config()), name).Append(t.Context(), line); err != nil {
		t.Fatal(err)
	}
	return "AUDIT_TABLE=" + name, "AWS_ENDPOINT_URL_DYNAMODB=" + cloud.URL()
}

func TestTheTrailOfASecretIsPrinted(t *testing.T) {
	ref := secret.NewRef("ws_other", morning)
	table, endpoint := trail(t, ref)
	var out strings.Builder
	err := show(t.Context(), environment.Of(table, endpoint, "SECRET="+ref.ID, "WORKSPACE=ws_other"), &out)
	want := "2026-11-23 02:31:07Z  create-secret  allowed  version -  tok_x"
	if err != nil || strings.TrimSpace(out.String()) != want {
		t.Errorf("printed %q, %v; want %q", &out, err, want)
	}
}

func TestTheTrailOfADeployedStackIsFoundByTheStacksName(t *testing.T) {
	ref := secret.NewRef("ws_other", morning)
	table, endpoint := trail(t, ref)
	aws := accounttest.Start(t)
	aws.Stacks["keepsake"] = accounttest.Stack{Outputs: map[string]string{"AuditTableName": strings.TrimPrefix(table, "AUDIT_TABLE=")}}
	name, url, _ := strings.Cut(endpoint, "=")
	t.Setenv(name, url)
	var out strings.Builder
	err := show(t.Context(), environment.Of("STACK=keepsake", "SECRET="+ref.ID, "WORKSPACE=ws_other"), &out)
	if err != nil || !strings.Contains(out.String(), "create-secret  allowed") {
		t.Errorf("printed %q, %v", &out, err)
	}
}

func TestASecretWithoutATrailIsAnErrorThatSaysSo(t *testing.T) {
	ref := secret.NewRef("ws_other", morning)
	table, endpoint := trail(t, ref)
	var out strings.Builder
	err := show(t.Context(), environment.Of(table, endpoint, "SECRET="+ref.ID), &out) // in ws_local
	if err == nil || !strings.HasPrefix(err.Error(), "there is no trail of "+ref.ID+" in ws_local") || out.Len() != 0 {
		t.Errorf("printed %q, error %v", &out, err)
	}
}

func TestAWrongSettingIsOneLineThatNamesTheVariable(t *testing.T) {
	for _, c := range []struct {
		pairs []string
		want  string
	}{
		{nil, "SECRET is not set"},
		{[]string{"SECRET=secv_0"}, `SECRET: "secv_0"`},
		{[]string{"SECRET=sec_a\nb"}, `SECRET: "sec_a\nb"`},
		{[]string{"SECRET=sec_a", "WORKSPACE=acme"}, `WORKSPACE: "acme"`},
		{[]string{"SECRET=sec_a", "STACK=keepsake"}, "WORKSPACE is not set"},
		{[]string{"SECRET=sec_a", "STACK="}, "STACK is blank"},
	} {
		err := show(t.Context(), environment.Of(c.pairs...), nil)
		if err == nil || !strings.HasPrefix(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%q: error %v, want %s", c.pairs, err, c.want)
		}
	}
}

func TestWithoutAStackThereIsOneLineThatSaysSo(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := show(t.Context(), environment.Of("SECRET=sec_a"), nil); !errors.Is(err, table.ErrNoStack) {
		t.Errorf("a stack that never was: error %v", err)
	}
	ended := environment.Of("SECRET=sec_a", "AUDIT_TABLE=T", "AWS_ENDPOINT_URL_DYNAMODB=http://127.0.0.1:1")
	if err := show(t.Context(), ended, nil); !errors.Is(err, table.ErrNoStack) {
		t.Errorf("a stack that has ended: error %v", err)
	}
}
