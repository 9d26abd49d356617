package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/aws-sdk-go-v2/service/lambda"

	"keepsake/infra/ops/internal/account"
	"keepsake/infra/ops/internal/environment"
)

// leastConcurrency is what Lambda must leave an account so that the template's three jobs can keep
// one execution each for themselves: AWS insists on 100 for the rest. A new account has 10.
const leastConcurrency = 103

// site is what there is: in the account, and of the stack.
type site struct {
	account     account.Account
	caller      string
	concurrency int // what Lambda leaves to whom nothing is reserved

	deployed   bool // the stack is there, to be updated
	stack      account.Stack
	parameters map[string]string // of the stack; none if it is not deployed
}

// survey looks at the account and at the stack. What would end the deployment later is an error now.
func survey(ctx context.Context, env environment.Lookup, name string) (site, error) {
	a, err := account.Open(ctx, env)
	if err != nil {
		return site{}, err
	}
	s := site{account: a}
	if s.caller, err = a.Caller(ctx); err != nil {
		return s, err
	}
	if s.concurrency, err = unreserved(ctx, a); err != nil {
		return s, err
	}
	if err := s.look(ctx, name); err != nil {
		return s, err
	}
	return s, checkStatus(s.stack)
}

// look asks for the stack as it is now. One of which there is only a change set that nobody has
// executed is not deployed: SAM begins anew with it.
func (s *site) look(ctx context.Context, name string) error {
	stack, err := s.account.Stack(ctx, name)
	if none := new(account.NoStackError); errors.As(err, none) {
		return nil
	}
	if err != nil {
		return err
	}
	if stack.Status != types.StackStatusReviewInProgress {
		s.deployed, s.stack, s.parameters = true, stack, stack.Parameters
	}
	return nil
}

// unreserved is how many concurrent executions Lambda leaves the account's functions.
func unreserved(ctx context.Context, a account.Account) (int, error) {
	out, err := lambda.NewFromConfig(a.Config).GetAccountSettings(ctx, &lambda.GetAccountSettingsInput{})
	if err != nil {
		return 0, account.Explain(err)
	}
	if out.AccountLimit == nil {
		return 0, errors.New("lambda:GetAccountSettings: the answer has no limits")
	}
	return int(aws.ToInt32(out.AccountLimit.UnreservedConcurrentExecutions)), nil
}

// checkStatus refuses a stack that cannot be updated, and says what it waits for.
func checkStatus(s account.Stack) error {
	switch s.Status {
	case types.StackStatusRollbackComplete, types.StackStatusRollbackFailed, types.StackStatusCreateFailed, types.StackStatusDeleteFailed:
		return fmt.Errorf("the stack %s is %s and cannot be updated: see its events for the cause, delete it, and deploy again", s.Name, s.Status)
	case types.StackStatusUpdateRollbackFailed:
		return fmt.Errorf("the stack %s is %s: aws cloudformation continue-update-rollback --stack-name %[1]s comes first", s.Name, s.Status)
	}
	if strings.HasSuffix(string(s.Status), "_IN_PROGRESS") {
		return fmt.Errorf("the stack %s is %s: another deployment is not done yet", s.Name, s.Status)
	}
	return nil
}

func (s site) introduce(out io.Writer) {
	what := "a new stack"
	if s.deployed {
		what = "an update of the stack that is " + string(s.stack.Status)
	}
	_, _ = fmt.Fprintf(out, "In %s, as %s: %s.\n", s.account.Config.Region, s.caller, what)
}
