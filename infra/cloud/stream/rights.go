package stream

import (
	"fmt"

	"keepsake/infra/template"
)

// checkRights refuses a mapping if the function's role lacks a right for it. Lambda reads the stream and
// sends to the queue in the function's name, and AWS makes no mapping without these rights.
func (c Config) checkRights(f template.Function, source template.Stream) error {
	if c.May == nil {
		return nil
	}
	needed := [][2]string{
		{"dynamodb:ListStreams", source.ARN}, {"dynamodb:DescribeStream", source.ARN},
		{"dynamodb:GetShardIterator", source.ARN}, {"dynamodb:GetRecords", source.ARN},
	}
	if source.DeadLetters != "" {
		needed = append(needed, [2]string{"sqs:SendMessage", template.QueueARN(source.DeadLetters)})
	}
	for _, n := range needed {
		if action, resource := n[0], n[1]; !c.May(f, action, resource) {
			return fmt.Errorf("its role does not allow %s on %s: its mapping needs that", action, resource)
		}
	}
	return nil
}
