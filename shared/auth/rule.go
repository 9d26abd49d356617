package auth

// Rule says whose tokens a trust takes. Subject and the claims are patterns; the rest is exact.
type Rule struct {
	Issuer   string            // the claim iss, and where the issuer's keys are found
	Audience string            // one of the claim aud's entries
	Subject  string            // a pattern on the claim sub
	Claims   map[string]string // patterns on other claims, by name
}

// misfit says which part of a rule a token does not fit. A later part is looked at only if the former fit.
type misfit int

const (
	otherAudience misfit = iota
	otherSubject
	otherClaim
	none
)

// why is for the log: it is fixed text, because no part of a token is ever logged.
func (m misfit) why() string {
	return [...]string{
		"its aud is that of no trust in its issuer",
		"its sub fits no trust in its issuer for its aud",
		"a claim that a trust asks for is missing, or differs",
	}[m]
}

// match compares a token with the rule.
func (r Rule) match(c trustClaims) misfit {
	switch {
	case !c.isFor(r.Audience):
		return otherAudience
	case !fits(r.Subject, c.Subject):
		return otherSubject
	}
	for name, pattern := range r.Claims {
		value, ok := find(c.all, name)
		if !ok || !claimFits(pattern, value) {
			return otherClaim
		}
	}
	return none
}
