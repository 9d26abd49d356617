package iam

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"keepsake/infra/template"
)

// root is the principal of a key's statement: it stands for everybody in the account, whom the
// statement's conditions narrow down.
const root = "arn:aws:iam::" + template.Account + ":root"

// actionName is how actions look: what else AWS would refuse.
var actionName = regexp.MustCompile(`^[a-zA-Z0-9-]+:[a-zA-Z0-9]+$`)

// checkRole refuses a role's statement that request.isAllowedBy could not judge as AWS does.
func checkRole(s template.Statement) error {
	if s.Effect != "Allow" {
		return fmt.Errorf("the Effect %s is not supported: allow less instead", s.Effect)
	}
	for _, action := range s.Actions {
		if strings.ContainsAny(action, "*?") {
			return fmt.Errorf("the wildcard in %q is not supported: write the actions out", action)
		}
		if !actionName.MatchString(action) {
			return fmt.Errorf("%q is not an action: write service:Action", action)
		}
	}
	for _, resource := range s.Resources {
		if err := checkResource(resource); err != nil {
			return err
		}
	}
	return checkCondition(s.Condition)
}

// checkResource refuses what request.isResource could not compare as AWS does. AWS replaces variables, completes an
// ARN that is too short, and takes no wildcard in its service.
func checkResource(resource string) error {
	prefix := strings.TrimSuffix(resource, "*")
	switch {
	case resource == "*":
		return nil
	case strings.Contains(resource, "${"):
		return fmt.Errorf("the variable in %q is not supported: write the resource out", resource)
	case strings.ContainsAny(prefix, "*?"), prefix != resource && !isWhole(prefix):
		return fmt.Errorf("the wildcard in %q is not supported: a * may only be at the end, in an ARN's sixth part", resource)
	case !isWhole(resource):
		return fmt.Errorf("%q is not a whole ARN: write all of its six parts", resource)
	}
	return nil
}

func isWhole(arn string) bool { return strings.HasPrefix(arn, "arn:") && strings.Count(arn, ":") >= 5 }

// checkKey refuses a statement of a key's policy that request.isAllowedBy could not judge as AWS does.
func checkKey(s template.Statement) error {
	if len(s.Principals) != 1 || !slices.Equal(s.Principals["AWS"], []string{root}) {
		return errors.New("the Principal must be the account's root: name the roles in a Condition on aws:PrincipalArn")
	}
	return checkRole(s)
}

// isAllowedBy reports whether a statement allows r.
func (r request) isAllowedBy(s template.Statement) bool {
	return slices.ContainsFunc(s.Actions, r.isAction) && slices.ContainsFunc(s.Resources, r.isResource) && r.fulfils(s.Condition)
}

// isAction ignores upper and lower case, as AWS does.
func (r request) isAction(action string) bool { return strings.EqualFold(action, r.action) }

// isResource also takes a beginning with a * behind it.
func (r request) isResource(pattern string) bool {
	prefix, wild := strings.CutSuffix(pattern, "*")
	return pattern == r.resource || wild && strings.HasPrefix(r.resource, prefix)
}
