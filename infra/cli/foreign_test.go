package main

import (
	"bytes"
	"context"
	"net/http"
	"net/url"
	"os"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	ssmtypes "github.com/aws/aws-sdk-go-v2/service/ssm/types"
	"github.com/rogpeppe/go-internal/testscript"
)

// The sources are real: moto's server speaks as AWS does, and OpenBao is Vault's sibling. infra/ci/imports starts both.
func TestImportsFromForeignServers(t *testing.T) {
	f := foreign{t: t, moto: os.Getenv("MOTO_URL"), bao: os.Getenv("OPENBAO_URL")}
	if f.moto == "" || f.bao == "" {
		t.Skip("infra/ci/imports starts the servers")
	}
	f.secretsManager()
	f.parameters()
	f.vault()
	s := startStack(t)
	testscript.Run(t, testscript.Params{
		Dir: "testdata/foreign",
		Setup: func(env *testscript.Env) error {
			for name, value := range map[string]string{
				"AWS_ENDPOINT_URL": f.moto, "AWS_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test",
				"VAULT_ADDR": f.bao, "VAULT_TOKEN": baoToken,
			} {
				env.Setenv(name, value)
			}
			return s.prepare(env)
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"code": exits, "is": is, "breaks": s.breaks},
	})
}

// baoToken is the root token of infra/ci/imports.
const baoToken = "imports"

type foreign struct {
	t         *testing.T
	moto, bao string
}

func (f foreign) config() aws.Config {
	return aws.Config{Region: "us-east-1", BaseEndpoint: &f.moto, Credentials: credentials.NewStaticCredentialsProvider("test", "test", "")}
}

func (f foreign) check(err error) {
	f.t.Helper()
	if err != nil {
		f.t.Fatal(err)
	}
}

func (f foreign) secretsManager() {
	f.t.Helper()
	ctx, api := context.Background(), secretsmanager.NewFromConfig(f.config())
	_, err := api.CreateSecret(ctx, &secretsmanager.CreateSecretInput{
		Name: aws.String("app/db"), SecretString: aws.String(`{"user":"ada","password":"first"}`), Description: aws.String("the database"),
	})
	f.check(err)
	_, err = api.PutSecretValue(ctx, &secretsmanager.PutSecretValueInput{SecretId: aws.String("app/db"), SecretString: aws.String(`{"user":"ada","password":"second"}`)})
	f.check(err)
	_, err = api.CreateSecret(ctx, &secretsmanager.CreateSecretInput{Name: aws.String("app/key"), SecretBinary: []byte{0, 0xff, 0xfe, 1}})
	f.check(err)
	_, err = api.CreateSecret(ctx, &secretsmanager.CreateSecretInput{Name: aws.String("other"), SecretString: aws.String("other")})
	f.check(err)
}

func (f foreign) parameters() {
	f.t.Helper()
	ctx, api := context.Background(), ssm.NewFromConfig(f.config())
	for _, p := range [][2]string{{"/payments/stripe_key", "first"}, {"/payments/stripe_key", "second"}, {"/payments/db_password", "staple"}, {"/other/key", "other"}} {
		_, err := api.PutParameter(ctx, &ssm.PutParameterInput{
			Name: &p[0], Value: &p[1], Type: ssmtypes.ParameterTypeSecureString, Overwrite: aws.Bool(true),
		})
		f.check(err)
	}
}

func (f foreign) vault() {
	f.t.Helper()
	for _, request := range [][3]string{
		{"POST", "data/app/db", `{"data":{"user":"ada","password":"first"}}`},
		{"POST", "data/app/db", `{"data":{"user":"ada","password":"second","port":5432}}`},
		{"POST", "data/app/db", `{"data":{"user":"ada","password":"third","port":5432}}`},
		{"POST", "delete/app/db", `{"versions":[2]}`},
		{"POST", "data/app/deep/er/key", `{"data":{"value":"deep"}}`},
		{"POST", "data/gone", `{"data":{"value":"gone"}}`},
		{"DELETE", "data/gone", ``},
		{"POST", "data/with space", `{"data":{"value":"spaced"}}`},
	} {
		r, err := http.NewRequestWithContext(f.t.Context(), request[0], f.bao+"/v1/secret/"+escapedPath(request[1]), bytes.NewBufferString(request[2]))
		f.check(err)
		r.Header.Set("X-Vault-Token", baoToken)
		response, err := http.DefaultClient.Do(r)
		f.check(err)
		response.Body.Close()
		if response.StatusCode >= 300 {
			f.t.Fatalf("%v: %d", request[:2], response.StatusCode)
		}
	}
}

func escapedPath(path string) string { return (&url.URL{Path: path}).EscapedPath() }
