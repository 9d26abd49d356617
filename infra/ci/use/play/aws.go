package main

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"time"

	"github.com/go-jose/go-jose/v4"

	"keepsake/infra/cloud/lambda"
)

// aws answers sts:GetWebIdentityToken. It knows the function of a request by the access key that signs it, as the laptop
// does, and does not check the signature.
type aws struct{ issuer }

// function is the one function of this account; its role has its name.
const (
	function = "shop-worker"
	role     = "arn:aws:iam::123456789012:role/" + function
)

var credential = regexp.MustCompile(`^AWS4-HMAC-SHA256 Credential=([A-Z0-9]+)/\d{8}/[a-z0-9-]+/sts/aws4_request, `)

func newAWS(address string) http.Handler {
	a := aws{newIssuer(address, "an AWS role", jose.ES384)}
	mux := http.NewServeMux()
	mux.Handle("/", a.Issuer)
	mux.HandleFunc("POST /{$}", a.issue)
	return mux
}

func (a aws) issue(w http.ResponseWriter, r *http.Request) {
	signed := credential.FindStringSubmatch(r.Header.Get("Authorization"))
	seconds, err := strconv.Atoi(r.FormValue("DurationSeconds"))
	audience := r.FormValue("Audience.member.1")
	switch {
	case signed == nil || signed[1] != lambda.AccessKey(function):
		refuse(w, http.StatusForbidden, "InvalidClientTokenId")
	case r.FormValue("Action") != "GetWebIdentityToken":
		refuse(w, http.StatusBadRequest, "InvalidAction")
	case audience == "" || err != nil || seconds < 60 || seconds > 3600 || r.FormValue("SigningAlgorithm") != string(jose.ES384):
		refuse(w, http.StatusBadRequest, "ValidationError")
	case !slices.Contains([]string{"keepsake", "other"}, audience): // the policy's sts:IdentityTokenAudience
		refuse(w, http.StatusForbidden, "AccessDenied")
	default:
		token, until := a.token(time.Duration(seconds)*time.Second, map[string]any{"sub": role, "aud": audience})
		w.Header().Set("Content-Type", "text/xml")
		_, _ = fmt.Fprintf(w, `<GetWebIdentityTokenResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetWebIdentityTokenResult>`+
			`<WebIdentityToken>%s</WebIdentityToken><Expiration>%s</Expiration></GetWebIdentityTokenResult></GetWebIdentityTokenResponse>`,
			token, until.UTC().Format(time.RFC3339))
	}
}

func refuse(w http.ResponseWriter, status int, code string) {
	w.Header().Set("Content-Type", "text/xml")
	w.WriteHeader(status)
	_, _ = fmt.Fprintf(w, `<ErrorResponse><Error><Type>Sender</Type><Code>%s</Code><Message>%s</Message></Error></ErrorResponse>`, code, code)
}
