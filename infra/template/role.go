package template

import (
	"fmt"
	"slices"

	"keepsake/infra/template/resolve"
)

// Role is an IAM role: what a function may do.
type Role struct {
	LogicalID  string
	ARN        string
	Trusts     []string    // who may assume it, such as lambda.amazonaws.com
	Policies   []string    // the names of its inline policies
	Managed    []string    // the ARNs of policies that are not in the template
	Statements []Statement // of its inline policies
}

func readRole(r resolve.Resource) (Role, error) {
	var written struct {
		Trust    resolve.Value `yaml:"AssumeRolePolicyDocument"`
		Managed  []string      `yaml:"ManagedPolicyArns"`
		Policies []struct {
			Name     string        `yaml:"PolicyName"`
			Document resolve.Value `yaml:"PolicyDocument"`
		} `yaml:"Policies"`
	}
	if err := r.Properties.Decode(&written); err != nil {
		return Role{}, err
	}
	role := Role{LogicalID: r.ID, ARN: RoleARN(r.Name), Managed: written.Managed}
	for _, inline := range written.Policies {
		statements, err := rolePolicy.read(inline.Document)
		if err != nil {
			return role, fmt.Errorf("policy %s: %w", inline.Name, err)
		}
		role.Policies = append(role.Policies, inline.Name)
		role.Statements = append(role.Statements, statements...)
	}
	trust, err := trustPolicy.read(written.Trust)
	if err != nil {
		return role, fmt.Errorf("AssumeRolePolicyDocument: %w", err)
	}
	for _, statement := range trust {
		for _, kind := range []string{"Service", "AWS", "Federated"} {
			role.Trusts = append(role.Trusts, statement.Principals[kind]...)
		}
	}
	return role, nil
}

// findRole returns the role with this ARN, if a function can act as it and its statements show all that
// it allows.
func findRole(roles []Role, arn string) (Role, error) {
	i := slices.IndexFunc(roles, func(r Role) bool { return r.ARN == arn })
	if i < 0 {
		return Role{}, fmt.Errorf("the template has no Role %s", arn)
	}
	role := roles[i]
	if !slices.Equal(role.Trusts, []string{"lambda.amazonaws.com"}) {
		return role, fmt.Errorf("its role %s may be assumed by %v: allow lambda.amazonaws.com alone", role.LogicalID, role.Trusts)
	}
	if len(role.Managed) > 0 {
		return role, fmt.Errorf("its role %s has %s: write the statements out instead", role.LogicalID, role.Managed[0])
	}
	return role, nil
}
