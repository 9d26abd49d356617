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

// leastConcurrency is how many concurrent executions an account must have so that the template's three
// jobs can reserve one each: AWS keeps 100 for all other functions. A new account has 10.
const leastConcurrency = 103

// target is what is deployed to: the account, and the stack if there is one.
type target struct {
	account     account.Account
	caller      string // an ARN
	concurrency int    // concurrent executions that no function has reserved

	deployed   bool // the stack is there and will be updated
	stack      account.Stack
	parameters map[string]string // of the stack; nil if it is not deployed
}

// findTarget looks at the account and at the stack. Whatever would make the deployment fail later is an
// error now.
func findTarget(ctx context.Context, env environment.Lookup, stack string) (target, error) {
	a, err := account.Open(ctx, env)
	if err != nil {
		return target{}, err
	}
	t := target{account: a}
	if t.caller, err = a.Caller(ctx); err != nil {
		return t, err
	}
	if t.concurrency, err = unreserved(ctx, a); err != nil {
		return t, err
	}
	if err := t.refresh(ctx, stack); err != nil {
		return t, err
	}
	return t, checkStatus(t.stack)
}

// refresh reads the stack as it is now. A stack that consists of a change set which was never executed
// is not deployed: SAM starts over with it.
func (t *target) refresh(ctx context.Context, name string) error {
	stack, err := t.account.Stack(ctx, name)
	if none := new(account.NoStackError); errors.As(err, none) {
		return nil
	}
	if err != nil {
		return err
	}
	if stack.Status != types.StackStatusReviewInProgress {
		t.deployed, t.stack, t.parameters = true, stack, stack.Parameters
	}
	return nil
}

// unreserved returns how many concurrent executions of the account no function has reserved.
func unreserved(ctx context.Context, a account.Account) (int, error) {
	out, err := lambda.NewFromConfig(a.Config).GetAccountSettings(ctx, &lambda.GetAccountSettingsInput{})
	if err != nil {
		return 0, account.Explain(err)
	}
	if out.AccountLimit == nil {
		return 0, errors.New("lambda:GetAccountSettings: the response has no limits")
	}
	return int(aws.ToInt32(out.AccountLimit.UnreservedConcurrentExecutions)), nil
}

// checkStatus refuses a stack that cannot be updated, and says what to do first.
func checkStatus(s account.Stack) error {
	switch s.Status {
	case types.StackStatusRollbackComplete, types.StackStatusRollbackFailed, types.StackStatusCreateFailed, types.StackStatusDeleteFailed:
		return fmt.Errorf("the stack %s is %s and cannot be updated: look for the cause in its events, delete it, and deploy again", s.Name, s.Status)
	case types.StackStatusUpdateRollbackFailed:
		return fmt.Errorf("the stack %s is %s: first run aws cloudformation continue-update-rollback --stack-name %[1]s", s.Name, s.Status)
	}
	if strings.HasSuffix(string(s.Status), "_IN_PROGRESS") {
		return fmt.Errorf("the stack %s is %s: wait until the other deployment is done", s.Name, s.Status)
	}
	return nil
}

// print says what will be deployed to, and as whom.
func (t target) print(out io.Writer) {
	what := "a new stack"
	if t.deployed {
		what = "an update of the stack, which is " + string(t.stack.Status)
	}
	_, _ = fmt.Fprintf(out, "In %s, as %s: %s.\n", t.account.Config.Region, t.caller, what)
}
