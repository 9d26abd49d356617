// Package account is the AWS account of whoever runs one of the project's programs beside a deployed
// stack: their own credentials, what they have deployed, and AWS's refusals in one line each.
package account

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go/logging"

	"keepsake/infra/ops/internal/environment"
)

// Account is an AWS account in one region, with credentials that were there a moment ago.
type Account struct {
	Config aws.Config
}

// Open finds the credentials as the AWS CLI does (variables, profile, SSO, …) and the region in
// REGION, or where the CLI finds it. Nothing is asked of the account yet.
func Open(ctx context.Context, env environment.Lookup) (Account, error) {
	// What the SDK would log of its search, the error says.
	options := []func(*config.LoadOptions) error{config.WithLogger(logging.Nop{})}
	if region := env.Get("REGION"); region != "" {
		options = append(options, config.WithRegion(region))
	}
	cfg, err := config.LoadDefaultConfig(ctx, options...)
	if err != nil {
		return Account{}, explainSettings(err)
	}
	if cfg.Region == "" {
		return Account{}, errors.New("which region? REGION=eu-central-1, AWS_REGION or the profile can say")
	}
	if _, err := cfg.Credentials.Retrieve(ctx); err != nil {
		return Account{}, explainCredentials(cfg, err)
	}
	return Account{Config: cfg}, nil
}

// Caller is the ARN of who the credentials belong to. AWS tells everybody who they are: it takes no
// right.
func (a Account) Caller(ctx context.Context) (arn string, err error) {
	out, err := sts.NewFromConfig(a.Config).GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
	if err != nil {
		return "", Explain(err)
	}
	return aws.ToString(out.Arn), nil
}
