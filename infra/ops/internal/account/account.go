// Package account reaches the AWS account of the person who runs one of the project's programs: with
// their own credentials, to see what they have deployed. It turns AWS's errors into one line each.
package account

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go/logging"

	"keepsake/infra/ops/internal/environment"
	"keepsake/shared/awshttp"
)

// Account is an AWS account in one region, with credentials that have been found.
type Account struct {
	Config aws.Config
}

// Open finds the credentials as the AWS CLI does (variables, profile, SSO, …), and the region in REGION or
// where the CLI finds it. It does not call AWS services, except to sign in.
func Open(ctx context.Context, env environment.Lookup) (Account, error) {
	// The error says what the SDK would log.
	options := []func(*config.LoadOptions) error{config.WithLogger(logging.Nop{}), config.WithHTTPClient(http.NewBuildableClient())}
	if region := env.Get("REGION"); region != "" {
		options = append(options, config.WithRegion(region))
	}
	cfg, err := config.LoadDefaultConfig(ctx, options...)
	if err != nil {
		return Account{}, explainSettings(err)
	}
	if client, ok := cfg.HTTPClient.(*http.BuildableClient); ok {
		cfg.HTTPClient = awshttp.Client{BuildableClient: client} // a long response would be lost now and then
	}
	if cfg.Region == "" {
		return Account{}, errors.New("there is no AWS region: set REGION=eu-central-1 or AWS_REGION, or name one in the profile")
	}
	if _, err := cfg.Credentials.Retrieve(ctx); err != nil {
		return Account{}, explainCredentials(cfg, err)
	}
	return Account{Config: cfg}, nil
}

// Caller returns the ARN of the caller. This needs no permission: AWS tells all callers who they are.
func (a Account) Caller(ctx context.Context) (arn string, err error) {
	out, err := sts.NewFromConfig(a.Config).GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
	if err != nil {
		return "", Explain(err)
	}
	return aws.ToString(out.Arn), nil
}
