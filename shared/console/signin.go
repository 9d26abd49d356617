package console

import (
	"errors"
	"net/url"
	"slices"
	"strings"
)

// SignIn is how people get a token from an OpenID Connect issuer: by authorization code with PKCE, as a public
// client. The zero value is no sign-in; people paste a token.
type SignIn struct {
	Issuer   string `json:"issuer"` // as in the claim iss; a URL, below which the issuer describes itself
	ClientID string `json:"clientId"`
	Audience string `json:"audience"` // what the token is to be good for
	Scope    string `json:"scope"`    // what the token is to allow

	// TokenOrigin is the scheme and host of the issuer's token endpoint. Empty: the issuer's own.
	TokenOrigin string `json:"-"`
}

func (s SignIn) isOffered() bool { return s.ClientID != "" }

// origins returns those that the page has to call for a sign-in.
func (s SignIn) origins() ([]string, error) {
	if !s.isOffered() {
		return nil, nil
	}
	var origins []string
	for _, address := range []string{s.Issuer, s.TokenOrigin} {
		if address == "" {
			continue
		}
		u, err := url.Parse(address)
		if err != nil || u.Host == "" || strings.ContainsAny(u.Host, ";,'* ") {
			return nil, errors.New("the issuer of a sign-in must be the URL of a service, like https://login.example.com")
		}
		if origin := u.Scheme + "://" + u.Host; !slices.Contains(origins, origin) {
			origins = append(origins, origin)
		}
	}
	return origins, nil
}
