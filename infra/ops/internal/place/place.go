// Package place finds a table for the programs that people run beside a stack: in the stack that
// runs in this checkout, or in a deployed one.
package place

import (
	"context"
	"errors"
	"fmt"
	"syscall"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"keepsake/infra/envfile"
	"keepsake/infra/ops/internal/account"
)

// ErrNoStack is for who has not started one.
var ErrNoStack = errors.New("no stack runs in this checkout: start one with make run, or name a deployed one: STACK=keepsake")

// Table is one of a stack's tables, by the names that lead to it.
type Table struct {
	Variable string // of the environment and of the local stack's envfile
	Output   string // of a deployed stack
}

// The tables that people look into.
var (
	Tokens = Table{envfile.Tokens, "TokensTableName"}
	Audit  = Table{envfile.Audit, "AuditTableName"}
)

// Place is where a table lies.
type Place struct {
	Table   string
	DB      *dynamodb.Client
	Account *account.Account // nil: on this machine
	Stack   *account.Stack   // nil: none was named
}

// Find takes the deployed stack that STACK names; without it the table that the environment names,
// or else the stack that runs in this checkout. The error is ErrNoStack if none has ever run.
func Find(ctx context.Context, env account.Environment, table Table) (Place, error) {
	if err := env.RefuseBlank("STACK"); err != nil {
		return Place{}, err
	}
	if stack := env.Get("STACK"); stack != "" {
		return inStack(ctx, env, stack, table)
	}
	name, endpoint := env.Get(table.Variable), env.Get(envfile.DynamoDB)
	if name != "" && endpoint == "" {
		return inAWS(ctx, env, name)
	}
	if name == "" {
		local, err := envfile.Read(envfile.Path)
		if err != nil {
			return Place{}, ErrNoStack
		}
		name = local[table.Variable]
		if endpoint == "" {
			endpoint = local[envfile.DynamoDB]
		}
	}
	if name == "" || endpoint == "" {
		return Place{}, fmt.Errorf("%s lacks %s or %s: make run writes it anew", envfile.Path, table.Variable, envfile.DynamoDB)
	}
	return Place{Table: name, DB: localDatabase(endpoint)}, nil
}

// inStack refuses what would send a token made for one stack to another, or the owner's credentials
// to the laptop's.
func inStack(ctx context.Context, env account.Environment, stack string, table Table) (Place, error) {
	if env.Get(table.Variable) != "" {
		return Place{}, fmt.Errorf("STACK and %s are both set: the first finds the table by the stack's name, the second names it", table.Variable)
	}
	local, _ := envfile.Read(envfile.Path) // none: nothing to mix with
	if endpoint := env.Get(envfile.DynamoDB); endpoint != "" && endpoint == local[envfile.DynamoDB] {
		return Place{}, fmt.Errorf("STACK is a deployed stack, and %s the one of this checkout (%s): unset one of them", envfile.DynamoDB, envfile.Path)
	}
	a, err := account.Open(ctx, env)
	if err != nil {
		return Place{}, err
	}
	deployed, err := a.Stack(ctx, stack)
	if err != nil {
		return Place{}, err
	}
	name, err := deployed.Output(table.Output)
	return Place{Table: name, DB: dynamodb.NewFromConfig(a.Config), Account: &a, Stack: &deployed}, err
}

func inAWS(ctx context.Context, env account.Environment, name string) (Place, error) {
	a, err := account.Open(ctx, env)
	return Place{Table: name, DB: dynamodb.NewFromConfig(a.Config), Account: &a}, err
}

// localDatabase takes any credentials and must never see real ones.
func localDatabase(endpoint string) *dynamodb.Client {
	return dynamodb.New(dynamodb.Options{
		Region:       "us-east-1",
		Credentials:  credentials.NewStaticCredentialsProvider("local", "local", ""),
		BaseEndpoint: aws.String(endpoint),
		// It answers or it does not run: no use in trying again.
		RetryMaxAttempts: 1,
	})
}

// Caller is who acts there: an ARN, or "laptop".
func (p Place) Caller(ctx context.Context) (string, error) {
	if p.Account == nil {
		return "laptop", nil
	}
	return p.Account.Caller(ctx)
}

// Explain makes one line of what DynamoDB's client returns. A refused connection on this machine
// means ErrNoStack.
func (p Place) Explain(err error) error {
	if p.Account == nil && errors.Is(err, syscall.ECONNREFUSED) {
		return ErrNoStack
	}
	return account.Explain(err)
}
