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

// endpoints tells the SDK's clients where AWS is, by the variables that every SDK reads. Its methods are
// those that the clients ask each of a configuration's sources for.
type endpoints struct{}

// GetServiceBaseEndpoint returns the address of a service that is not at AWS, given the SDK's name for
// it: AWS_ENDPOINT_URL_DYNAMODB, say, or else AWS_ENDPOINT_URL.
func (endpoints) GetServiceBaseEndpoint(_ context.Context, service string) (string, bool, error) {
	own := "AWS_ENDPOINT_URL_" + strings.ToUpper(strings.ReplaceAll(service, " ", "_"))
	for _, name := range []string{own, "AWS_ENDPOINT_URL"} {
		if url := os.Getenv(name); url != "" {
			return url, true, nil
		}
	}
	return "", false, nil
}

// GetUseFIPSEndpoint reports whether AWS's FIPS endpoints are to be used.
func (endpoints) GetUseFIPSEndpoint(context.Context) (aws.FIPSEndpointState, bool, error) {
	if os.Getenv("AWS_USE_FIPS_ENDPOINT") == "true" {
		return aws.FIPSEndpointStateEnabled, true, nil
	}
	return aws.FIPSEndpointStateUnset, false, nil
}
