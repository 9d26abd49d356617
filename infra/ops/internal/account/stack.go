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

// Stack is what CloudFormation says of a deployed stack.
type Stack struct {
	Name, Region string
	Status       types.StackStatus
	Outputs      map[string]string
	Parameters   map[string]string // those with NoEcho are there, as asterisks
}

// NoStackError is for a name that no stack of the region has.
type NoStackError struct{ Name, Region string }

func (e NoStackError) Error() string {
	return fmt.Sprintf("there is no stack %s in %s: its name, REGION or AWS_PROFILE is another", e.Name, e.Region)
}

// Stack asks for a stack by its name; a NoStackError if there is none.
func (a Account) Stack(ctx context.Context, name string) (Stack, error) {
	out, err := cloudformation.NewFromConfig(a.Config).DescribeStacks(ctx, &cloudformation.DescribeStacksInput{StackName: &name})
	if isNoStack(err) || err == nil && len(out.Stacks) == 0 {
		return Stack{}, NoStackError{name, a.Config.Region}
	}
	if err != nil {
		return Stack{}, Explain(err)
	}
	found := out.Stacks[0]
	s := Stack{Name: name, Region: a.Config.Region, Status: found.StackStatus, Outputs: map[string]string{}, Parameters: map[string]string{}}
	for _, o := range found.Outputs {
		s.Outputs[aws.ToString(o.OutputKey)] = aws.ToString(o.OutputValue)
	}
	for _, p := range found.Parameters {
		s.Parameters[aws.ToString(p.ParameterKey)] = aws.ToString(p.ParameterValue)
	}
	return s, nil
}

// Resource is the name that AWS has given to a part of a stack, by its name in the template.
func (a Account) Resource(ctx context.Context, stack, logical string) (physical string, err error) {
	out, err := cloudformation.NewFromConfig(a.Config).DescribeStackResource(ctx,
		&cloudformation.DescribeStackResourceInput{StackName: &stack, LogicalResourceId: &logical})
	if err != nil {
		return "", Explain(err)
	}
	return aws.ToString(out.StackResourceDetail.PhysicalResourceId), nil
}

// isNoStack knows the answer by its words: its code, ValidationError, is that of any bad request.
func isNoStack(err error) bool {
	var refused smithy.APIError
	return errors.As(err, &refused) && refused.ErrorCode() == "ValidationError" && strings.Contains(refused.ErrorMessage(), "does not exist")
}

// Output is one of the stack's outputs. A stack without it was deployed from something else, from an
// older template, or not to its end.
func (s Stack) Output(name string) (string, error) {
	value := s.Outputs[name]
	if value == "" {
		return "", fmt.Errorf("the stack %s in %s (%s) has no output %s: it is not Keepsake's, or older than this checkout", s.Name, s.Region, s.Status, name)
	}
	return value, nil
}
