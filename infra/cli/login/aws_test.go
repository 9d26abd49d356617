package login_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"keepsake/infra/cli/login"
)

func TestAWSIsAskedForATokenOfTheAudienceAndAgainBeforeItEnds(t *testing.T) {
	asked := 0
	sts := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked++
		if r.FormValue("Action") != "GetWebIdentityToken" || r.FormValue("Audience.member.1") != "keepsake" {
			t.Errorf("AWS was asked %v", r.Form)
		}
		end := time.Now().Add(time.Hour)
		if asked == 1 {
			end = time.Now().Add(30 * time.Second) // it would end under way
		}
		fmt.Fprintf(w, `<GetWebIdentityTokenResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetWebIdentityTokenResult>`+
			`<WebIdentityToken>token.%d.x</WebIdentityToken><Expiration>%s</Expiration>`+
			`</GetWebIdentityTokenResult></GetWebIdentityTokenResponse>`, asked, end.UTC().Format(time.RFC3339))
	}))
	defer sts.Close()
	for name, value := range map[string]string{
		"AWS_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_ENDPOINT_URL_STS": sts.URL,
	} {
		t.Setenv(name, value)
	}
	account, err := login.Find(func(name string) string {
		return map[string]string{"KEEPSAKE_URL": "https://keepsake.example.com", "KEEPSAKE_AWS_AUDIENCE": "keepsake"}[name]
	}, login.Store{Folder: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"token.1.x", "token.2.x", "token.2.x"} {
		if got, err := account.Credential.Bearer(t.Context()); err != nil || got != want {
			t.Errorf("%s, %v, want %s", got, err, want)
		}
	}
}
