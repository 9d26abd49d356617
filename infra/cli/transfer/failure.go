package transfer

import (
	"errors"

	"github.com/aws/smithy-go"

	"keepsake/infra/cli/service"
)

// awsFailure says what AWS refused. AWS's own text may be long, but holds no value: we send none there.
func awsFailure(where string, err error) error {
	if failed := smithy.APIError(nil); errors.As(err, &failed) {
		return service.Fail(service.Failed, "%s refuses: %s: %s", where, failed.ErrorCode(), failed.ErrorMessage()).
			Because("The program uses the credentials and the region that every AWS program uses: AWS_PROFILE, AWS_REGION and so on.")
	}
	return service.Fail(service.Failed, "%s cannot be asked: %v", where, err).
		Because("The program uses the credentials and the region that every AWS program uses: AWS_PROFILE, AWS_REGION and so on.")
}
