package boot

import (
	"context"
	"os"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// credentials returns what Lambda sets as variables, valid for as long as the container lives.
func credentials() aws.CredentialsProvider {
	given := aws.Credentials{
		AccessKeyID:     os.Getenv("AWS_ACCESS_KEY_ID"),
		SecretAccessKey: os.Getenv("AWS_SECRET_ACCESS_KEY"),
		SessionToken:    os.Getenv("AWS_SESSION_TOKEN"),
		Source:          "environment",
	}
	return aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) { return given, nil })
}

// endpoint returns AWS_ENDPOINT_URL, which replaces AWS's address for all services; nil if it is not set.
func endpoint() *string {
	if url := os.Getenv("AWS_ENDPOINT_URL"); url != "" {
		return &url
	}
	return nil
}

// endpoints gives the SDK's clients the settings of a single service, from the variables that every SDK
// reads. Its methods are those that the clients look for in a configuration's sources.
type endpoints struct{}

// GetServiceBaseEndpoint returns the variable that replaces AWS's address for this service, such as
// AWS_ENDPOINT_URL_DYNAMODB, given the SDK's name for it.
func (endpoints) GetServiceBaseEndpoint(_ context.Context, service string) (string, bool, error) {
	url := os.Getenv("AWS_ENDPOINT_URL_" + strings.ToUpper(strings.ReplaceAll(service, " ", "_")))
	return url, url != "", nil
}

// GetUseFIPSEndpoint reports whether to use AWS's FIPS endpoints.
func (endpoints) GetUseFIPSEndpoint(context.Context) (aws.FIPSEndpointState, bool, error) {
	if os.Getenv("AWS_USE_FIPS_ENDPOINT") == "true" {
		return aws.FIPSEndpointStateEnabled, true, nil
	}
	return aws.FIPSEndpointStateUnset, false, nil
}
