package stream

import (
	"context"
	"fmt"

	"keepsake/infra/cloud/lambda"
	"keepsake/infra/template"
)

// Read returns the events, one for each batch, with which a stream would invoke a function if it were
// read from its beginning to its present end. It invokes nothing and saves nothing.
func Read(ctx context.Context, dynamoDB string, f template.Function) ([][]byte, error) {
	if len(f.Streams) != 1 {
		return nil, fmt.Errorf("%s reads %d streams: it must read one", f.LogicalID, len(f.Streams))
	}
	p, err := newPoller(Config{DynamoDB: dynamoDB}, f, f.Streams[0])
	if err != nil {
		return nil, err
	}
	if err := p.locate(ctx); err != nil {
		return nil, err
	}
	iterator, err := p.client.iterator(ctx, p.at)
	var items []item
	for err == nil && iterator != "" {
		var page []record
		if page, iterator, err = p.client.records(ctx, iterator); len(page) == 0 {
			break
		}
		var taken []item
		taken, err = p.taken(page)
		items = append(items, taken...)
	}
	if err != nil {
		return nil, err
	}
	var all [][]byte
	for len(items) > 0 {
		n := fitting(items, p.source.BatchSize, lambda.MaxPayload)
		all = append(all, event(items[:n]))
		items = items[n:]
	}
	return all, nil
}
