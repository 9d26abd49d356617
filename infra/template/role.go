package template

import (
	"fmt"
	"slices"
)

// Role is an IAM role: what a function may do.
type Role struct {
	LogicalID  string
	ARN        string
	Trusts     []string    // who may act as it, such as lambda.amazonaws.com
	Policies   []string    // the names of its inline policies
	Managed    []string    // the ARNs of policies that stand elsewhere
	Statements []Statement // of its inline policies
}

func readRole(r resource, s *scope) (Role, error) {
	var written struct {
		Trust    trustPolicy `yaml:"AssumeRolePolicyDocument"`
		Managed  []string    `yaml:"ManagedPolicyArns"`
		Policies []struct {
			Name     string     `yaml:"PolicyName"`
			Document rolePolicy `yaml:"PolicyDocument"`
		} `yaml:"Policies"`
	}
	if err := s.decode(&r.Properties, &written); err != nil {
		return Role{}, err
	}
	name, err := s.name(r)
	if err != nil {
		return Role{}, err
	}
	role := Role{LogicalID: r.id, ARN: RoleARN(name), Managed: written.Managed}
	for _, inline := range written.Policies {
		role.Policies = append(role.Policies, inline.Name)
		role.Statements = append(role.Statements, inline.Document...)
	}
	for _, statement := range written.Trust {
		for _, kind := range []string{"Service", "AWS", "Federated"} {
			role.Trusts = append(role.Trusts, statement.Principals[kind]...)
		}
	}
	return role, nil
}

// ofFunction is the role with an ARN, if a function can act as it and all that it allows is to be seen.
func ofFunction(roles []Role, arn string) (Role, error) {
	i := slices.IndexFunc(roles, func(r Role) bool { return r.ARN == arn })
	if i < 0 {
		return Role{}, fmt.Errorf("the Role %s is none of the template's", arn)
	}
	role := roles[i]
	if !slices.Equal(role.Trusts, []string{"lambda.amazonaws.com"}) {
		return role, fmt.Errorf("its role %s may be assumed by %v, want lambda.amazonaws.com alone", role.LogicalID, role.Trusts)
	}
	if len(role.Managed) > 0 {
		return role, fmt.Errorf("its role %s has %s: what it may do is written out, with its statements", role.LogicalID, role.Managed[0])
	}
	return role, nil
}
