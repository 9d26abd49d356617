package boot

import (
	"context"
	"os"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// credentials returns what Lambda hands over as variables. It holds for as long as the container lives.
func credentials() aws.CredentialsProvider {
	given := aws.Credentials{
		AccessKeyID:     os.Getenv("AWS_ACCESS_KEY_ID"),
		SecretAccessKey: os.Getenv("AWS_SECRET_ACCESS_KEY"),
		SessionToken:    os.Getenv("AWS_SESSION_TOKEN"),
		Source:          "environment",
	}
	return aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) { return given, nil })
}

// endpoint returns the address of all services that are not at AWS, by AWS_ENDPOINT_URL; nil if they are.
func endpoint() *string {
	if url := os.Getenv("AWS_ENDPOINT_URL"); url != "" {
		return &url
	}
	return nil
}

// endpoints tells the SDK's clients what each service has of its own, by the variables that every SDK
// reads. Its methods are those that the clients look for in a configuration's sources.
type endpoints struct{}

// GetServiceBaseEndpoint returns the address of a service that is not at AWS, given the SDK's name for
// it: AWS_ENDPOINT_URL_DYNAMODB, say.
func (endpoints) GetServiceBaseEndpoint(_ context.Context, service string) (string, bool, error) {
	url := os.Getenv("AWS_ENDPOINT_URL_" + strings.ToUpper(strings.ReplaceAll(service, " ", "_")))
	return url, url != "", nil
}

// GetUseFIPSEndpoint reports whether AWS's FIPS endpoints are to be used.
func (endpoints) GetUseFIPSEndpoint(context.Context) (aws.FIPSEndpointState, bool, error) {
	if os.Getenv("AWS_USE_FIPS_ENDPOINT") == "true" {
		return aws.FIPSEndpointStateEnabled, true, nil
	}
	return aws.FIPSEndpointStateUnset, false, nil
}
