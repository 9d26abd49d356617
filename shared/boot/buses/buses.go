// Package buses configures EventBridge for the few functions that tell others what happened.
package buses

import (
	"os"

	"github.com/aws/aws-sdk-go-v2/service/eventbridge"

	"keepsake/shared/boot"
	"keepsake/shared/bus"
	"keepsake/shared/secret"
)

// Teller returns the bus that the environment names; nil if it names none, and nobody is to be told.
func Teller(e *boot.Env) secret.Teller {
	arn := os.Getenv("EVENT_BUS")
	if arn == "" {
		return nil
	}
	return &bus.Bus{API: eventbridge.NewFromConfig(e.AWS), ARN: arn}
}
