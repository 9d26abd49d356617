// Package tape is what a function asked of AWS in one invocation, as a file from which another program
// asks the same.
package tape

import (
	"encoding/json"

	"github.com/aws/aws-lambda-go/events"
)

// Tape is one invocation.
type Tape struct {
	Steps    [][]Call // the calls of a step are made at the same time
	Get      string   // the path that it asked another service for; empty: none
	Response events.APIGatewayV2HTTPResponse
}

// Call is one call of AWS.
type Call struct {
	Name string          // such as "dynamodb:GetItem"
	Body json.RawMessage // as the SDK sent it
}
