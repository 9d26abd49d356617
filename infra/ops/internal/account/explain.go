package account

import (
	"errors"
	"fmt"
	"net"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/smithy-go"
)

// Explain turns an error of an AWS service into one line that says what to do. It returns other errors
// unchanged.
func Explain(err error) error {
	var operation *smithy.OperationError
	if !errors.As(err, &operation) {
		return err
	}
	action := strings.ToLower(operation.Service()) + ":" + operation.Operation()
	var refused smithy.APIError
	if errors.As(err, &refused) {
		return explainRefusal(action, refused)
	}
	if unknown := new(net.DNSError); errors.As(err, &unknown) {
		return fmt.Errorf("%s: there is no host %s: check the region and the network", action, unknown.Name)
	}
	return fmt.Errorf("%s: %s", action, oneLine(operation.Unwrap()))
}

func explainRefusal(action string, refused smithy.APIError) error {
	message := strings.Join(strings.Fields(refused.ErrorMessage()), " ")
	switch refused.ErrorCode() {
	case "AccessDenied", "AccessDeniedException":
		return fmt.Errorf("AWS denies you %s: %s", action, message)
	case "ExpiredToken", "ExpiredTokenException", "RequestExpired":
		return errors.New("the AWS session has expired: sign in again, with aws sso login or as you did before")
	case "InvalidClientTokenId", "UnrecognizedClientException", "SignatureDoesNotMatch", "InvalidSignatureException":
		return fmt.Errorf("AWS refuses these credentials (%s): check AWS_PROFILE and AWS_ACCESS_KEY_ID", refused.ErrorCode())
	}
	return fmt.Errorf("%s: %s: %s", action, refused.ErrorCode(), message)
}

// explainSettings explains a configuration that cannot be read.
func explainSettings(err error) error {
	var missing config.SharedConfigProfileNotExistError
	if errors.As(err, &missing) {
		return fmt.Errorf("AWS_PROFILE: there is no profile %q: run aws configure list-profiles to see them", missing.Profile)
	}
	return fmt.Errorf("the AWS configuration cannot be read: %s", oneLine(err))
}

// explainCredentials explains that no source has credentials.
func explainCredentials(cfg aws.Config, err error) error {
	for _, source := range cfg.ConfigSources {
		if s, ok := source.(config.SharedConfig); ok && (s.SSOSessionName != "" || s.SSOStartURL != "") {
			return fmt.Errorf("there is no valid SSO session of the profile %s: run aws sso login --profile %[1]s (%s)", s.Profile, oneLine(err))
		}
	}
	return fmt.Errorf("there are no AWS credentials: set AWS_PROFILE, or run aws sso login or aws configure (%s)", oneLine(err))
}

// oneLine joins the lines of an error of the SDK.
func oneLine(err error) string { return strings.Join(strings.Fields(err.Error()), " ") }
