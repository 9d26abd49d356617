// Package table finds a table of a stack: of the one that make run started in this checkout, or of a
// deployed one.
package table

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
	"keepsake/infra/ops/internal/environment"
)

// ErrNoStack is shown when no stack is running and none is named.
var ErrNoStack = errors.New("no stack runs in this checkout: start one with make run, or name a deployed one: STACK=keepsake")

// Kind is one of the tables that every stack has.
type Kind struct {
	Variable string // its name's variable, in the environment and in the local stack's envfile
	Output   string // its name's output, of a deployed stack
}

// The tables that these programs use.
var (
	Tokens = Kind{envfile.Tokens, "TokensTableName"}
	Audit  = Kind{envfile.Audit, "AuditTableName"}
)

// Table is a table that was found.
type Table struct {
	Name    string
	DB      *dynamodb.Client // of the DynamoDB that has it
	Account *account.Account // nil: the table is on this machine
	Stack   *account.Stack   // nil: the environment named no stack
}

// Find looks in the deployed stack that STACK names. Without STACK it takes the table that the
// environment names, or else that of the stack in this checkout. The error is ErrNoStack if none has ever
// run here.
func Find(ctx context.Context, env environment.Lookup, kind Kind) (Table, error) {
	if err := env.RefuseBlank("STACK"); err != nil {
		return Table{}, err
	}
	if stack := env.Get("STACK"); stack != "" {
		return inStack(ctx, env, stack, kind)
	}
	name, endpoint := env.Get(kind.Variable), env.Get(envfile.DynamoDB)
	if name != "" && endpoint == "" {
		return inAWS(ctx, env, name)
	}
	if name == "" {
		local, err := envfile.Read(envfile.Path)
		if err != nil {
			return Table{}, ErrNoStack
		}
		name = local[kind.Variable]
		if endpoint == "" {
			endpoint = local[envfile.DynamoDB]
		}
	}
	if name == "" || endpoint == "" {
		return Table{}, fmt.Errorf("%s lacks %s or %s: restart make run, which writes it", envfile.Path, kind.Variable, envfile.DynamoDB)
	}
	return Table{Name: name, DB: localDatabase(endpoint)}, nil
}

// inStack finds a table of a deployed stack. It refuses an environment that would send a token for one
// stack to another, or the owner's credentials to the local engine.
func inStack(ctx context.Context, env environment.Lookup, stack string, kind Kind) (Table, error) {
	if env.Get(kind.Variable) != "" {
		return Table{}, fmt.Errorf("STACK and %s are both set: set STACK to use the table of a stack, or %[1]s to name a table", kind.Variable)
	}
	local, _ := envfile.Read(envfile.Path) // without the file there is nothing to mix up
	if endpoint := env.Get(envfile.DynamoDB); endpoint != "" && endpoint == local[envfile.DynamoDB] {
		return Table{}, fmt.Errorf("STACK names a deployed stack, but %s is that of this checkout (%s): unset one of them", envfile.DynamoDB, envfile.Path)
	}
	a, err := account.Open(ctx, env)
	if err != nil {
		return Table{}, err
	}
	deployed, err := a.Stack(ctx, stack)
	if err != nil {
		return Table{}, err
	}
	name, err := deployed.Output(kind.Output)
	return Table{Name: name, DB: dynamodb.NewFromConfig(a.Config), Account: &a, Stack: &deployed}, err
}

func inAWS(ctx context.Context, env environment.Lookup, name string) (Table, error) {
	a, err := account.Open(ctx, env)
	return Table{Name: name, DB: dynamodb.NewFromConfig(a.Config), Account: &a}, err
}

// localDatabase returns a client of the local engine, which takes any credentials and must never see
// real ones.
func localDatabase(endpoint string) *dynamodb.Client {
	return dynamodb.New(dynamodb.Options{
		Region:           "us-east-1",
		Credentials:      credentials.NewStaticCredentialsProvider("local", "local", ""),
		BaseEndpoint:     aws.String(endpoint),
		RetryMaxAttempts: 1, // an engine that does not respond is not running
	})
}

// Caller returns the ARN of the caller, or "laptop" if the table is on this machine.
func (t Table) Caller(ctx context.Context) (string, error) {
	if t.Account == nil {
		return "laptop", nil
	}
	return t.Account.Caller(ctx)
}

// Explain turns an error of DynamoDB's client into one line. A connection that is refused on this machine
// becomes ErrNoStack.
func (t Table) Explain(err error) error {
	if t.Account == nil && errors.Is(err, syscall.ECONNREFUSED) {
		return ErrNoStack
	}
	return account.Explain(err)
}
