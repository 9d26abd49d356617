package account

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/smithy-go"
)

// Stack is a deployed stack, as CloudFormation describes it.
type Stack struct {
	Name, Region string
	Status       types.StackStatus
	Outputs      map[string]string
	Parameters   map[string]string // those with NoEcho are asterisks
	Tags         map[string]string
}

// NoStackError says that no stack of the region has this name.
type NoStackError struct{ Name, Region string }

func (e NoStackError) Error() string {
	return fmt.Sprintf("there is no stack %s in %s: check its name, REGION and AWS_PROFILE", e.Name, e.Region)
}

// Stack finds a stack by its name. The error is a NoStackError if there is none.
func (a Account) Stack(ctx context.Context, name string) (Stack, error) {
	out, err := cloudformation.NewFromConfig(a.Config).DescribeStacks(ctx, &cloudformation.DescribeStacksInput{StackName: &name})
	if isNoStack(err) || err == nil && len(out.Stacks) == 0 {
		return Stack{}, NoStackError{name, a.Config.Region}
	}
	if err != nil {
		return Stack{}, Explain(err)
	}
	found := out.Stacks[0]
	s := Stack{Name: name, Region: a.Config.Region, Status: found.StackStatus, Outputs: map[string]string{}, Parameters: map[string]string{}, Tags: map[string]string{}}
	for _, o := range found.Outputs {
		s.Outputs[aws.ToString(o.OutputKey)] = aws.ToString(o.OutputValue)
	}
	for _, p := range found.Parameters {
		s.Parameters[aws.ToString(p.ParameterKey)] = aws.ToString(p.ParameterValue)
	}
	for _, t := range found.Tags {
		s.Tags[aws.ToString(t.Key)] = aws.ToString(t.Value)
	}
	return s, nil
}

// Resource returns the physical name of a stack's resource, by its logical id in the template.
func (a Account) Resource(ctx context.Context, stack, logical string) (physical string, err error) {
	out, err := cloudformation.NewFromConfig(a.Config).DescribeStackResource(ctx,
		&cloudformation.DescribeStackResourceInput{StackName: &stack, LogicalResourceId: &logical})
	if err != nil {
		return "", Explain(err)
	}
	return aws.ToString(out.StackResourceDetail.PhysicalResourceId), nil
}

// isNoStack recognises the error by its message: its code, ValidationError, is that of any bad request.
func isNoStack(err error) bool {
	var refused smithy.APIError
	return errors.As(err, &refused) && refused.ErrorCode() == "ValidationError" && strings.Contains(refused.ErrorMessage(), "does not exist")
}

// Output returns one of the stack's outputs. A stack without it was deployed from another template or an
// older one, or its deployment failed.
func (s Stack) Output(name string) (string, error) {
	value := s.Outputs[name]
	if value == "" {
		return "", fmt.Errorf("the stack %s in %s (%s) has no output %s: check that it is one of Keepsake, and deploy this checkout to it", s.Name, s.Region, s.Status, name)
	}
	return value, nil
}
