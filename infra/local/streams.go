package main

import (
	"context"

	"keepsake/infra/cloud/iam"
	"keepsake/infra/cloud/stream"
)

// startStreams brings the changes of tables to the functions that read them.
func (s *stack) startStreams(context.Context) error {
	mappings, err := stream.New(stream.Config{
		DynamoDB: s.dynamodb, Invoke: s.functions.Invoke, May: iam.NewAccount(s.template).May,
		Positions: positionsDir, Queues: queuesDir, Log: s.log, Drain: drainTime,
	}, s.template.Functions)
	if err != nil {
		return err
	}
	s.background(mappings.Run)
	return nil
}
