package main

import (
	"fmt"

	"keepsake/infra/template/resolve"
)

// longestName is how long the name of an IAM role may be, and of a CloudFront function.
const longestName = 64

// nameProperties are where the template writes those names.
var nameProperties = map[string]string{"AWS::IAM::Role": "RoleName", "AWS::CloudFront::Function": "Name"}

// checkNames refuses a stack's name if a role or a function that is named after it would get too long a
// name. CloudFormation would fail while it makes them.
func checkNames(path, stack, region string) error {
	template, err := readTemplate(path, resolve.Names{
		Pseudo: map[string]string{"AWS::StackName": stack, "AWS::Region": region}, Properties: nameProperties,
	}, nil)
	if err != nil {
		return err
	}
	for _, r := range template.Resources {
		if over := len(r.Name) - longestName; over > 0 && nameProperties[r.Type] != "" {
			return fmt.Errorf("STACK: %q is too long by %d: %s would be named %s, and %d characters is the limit",
				stack, over, r.ID, r.Name, longestName)
		}
	}
	return nil
}
