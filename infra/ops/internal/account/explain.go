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

// Explain turns what the SDK returns into one line that says what to do. It is for errors of AWS's
// services; others come back as they are.
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
		return fmt.Errorf("%s: there is no host %s: is the region right, and the network up?", action, unknown.Name)
	}
	return fmt.Errorf("%s: %s", action, oneLine(operation.Unwrap()))
}

func explainRefusal(action string, refused smithy.APIError) error {
	said := strings.Join(strings.Fields(refused.ErrorMessage()), " ")
	switch refused.ErrorCode() {
	case "AccessDenied", "AccessDeniedException":
		return fmt.Errorf("AWS denies you %s: %s", action, said)
	case "ExpiredToken", "ExpiredTokenException", "RequestExpired":
		return errors.New("the AWS session has expired: sign in again (aws sso login, or however these credentials were made)")
	case "InvalidClientTokenId", "UnrecognizedClientException", "SignatureDoesNotMatch", "InvalidSignatureException":
		return fmt.Errorf("AWS does not take these credentials (%s): check AWS_PROFILE and AWS_ACCESS_KEY_ID", refused.ErrorCode())
	}
	return fmt.Errorf("%s: %s: %s", action, refused.ErrorCode(), said)
}

// explainSettings is for a configuration that cannot be read.
func explainSettings(err error) error {
	var missing config.SharedConfigProfileNotExistError
	if errors.As(err, &missing) {
		return fmt.Errorf("AWS_PROFILE: there is no profile %q: aws configure list-profiles shows which there are", missing.Profile)
	}
	return fmt.Errorf("AWS's settings cannot be read: %s", oneLine(err))
}

// explainCredentials is for a chain of sources that ends without credentials.
func explainCredentials(cfg aws.Config, err error) error {
	for _, source := range cfg.ConfigSources {
		if s, ok := source.(config.SharedConfig); ok && (s.SSOSessionName != "" || s.SSOStartURL != "") {
			return fmt.Errorf("the SSO session of the profile %s has expired, or never began: aws sso login --profile %[1]s (%s)", s.Profile, oneLine(err))
		}
	}
	return fmt.Errorf("there are no AWS credentials: set AWS_PROFILE, or sign in with aws sso login or aws configure (%s)", oneLine(err))
}

// oneLine flattens what the SDK wraps over several.
func oneLine(err error) string { return strings.Join(strings.Fields(err.Error()), " ") }
