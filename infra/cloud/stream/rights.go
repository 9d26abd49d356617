package stream

import (
	"fmt"

	"keepsake/infra/template"
)

// checkRights finds what the function's role lacks for a mapping, which acts in the function's name:
// AWS refuses to make one whose role cannot read the stream, or tell the queue.
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
			return fmt.Errorf("its role does not allow %s on %s, which its mapping needs", action, resource)
		}
	}
	return nil
}
