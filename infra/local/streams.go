package main

import (
	"context"
	"io"

	"keepsake/infra/cloud/iam"
	"keepsake/infra/cloud/stream"
	"keepsake/infra/template"
)

// streams bring the changes of tables to the functions that read them.
type streams struct {
	template *template.Template
	policies *iam.Policies
	db       *dynamoDB
	pool     *functionPool
	log      io.Writer
}

func (s *streams) start(context.Context) (stop func(), err error) {
	mappings, err := stream.New(stream.Config{
		DynamoDB: s.db.url, Invoke: s.pool.Invoke, May: s.policies.May,
		Positions: positionsDir, Queues: queuesDir, Log: s.log, Drain: drainTime,
	}, s.template.Functions)
	if err != nil {
		return nil, err
	}
	return background(mappings.Run), nil
}
