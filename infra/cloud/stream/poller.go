package stream

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"time"

	"keepsake/infra/template"
)

// The time between two reads of a stream: from the first to the second while nothing happens. It bounds
// the delay from a change to its function.
const (
	busyInterval = 200 * time.Millisecond
	idleInterval = time.Second
)

// poller brings one stream's records to one function.
type poller struct {
	Config
	client   *client
	function string
	source   template.Stream
	filters  []pattern
	bookmark bookmark

	at     position
	logged string // the last error in the log
}

func newPoller(c Config, f template.Function, source template.Stream) (*poller, error) {
	p := &poller{
		Config: c, client: newClient(c.DynamoDB), function: f.Name, source: source,
		bookmark: bookmark{path: filepath.Join(c.Positions, f.Name+".json")},
	}
	for _, text := range source.Filters {
		filter, err := parsePattern(text)
		if err != nil {
			return nil, err
		}
		p.filters = append(p.filters, filter)
	}
	return p, nil
}

// run follows the stream until ctx ends. After an error it starts again from the last position.
func (p *poller) run(ctx context.Context) {
	work, giveUp := context.WithCancel(context.WithoutCancel(ctx))
	defer giveUp()
	defer context.AfterFunc(ctx, func() { time.AfterFunc(p.Drain, giveUp) })()
	d := p.delivery(ctx, work)
	for ctx.Err() == nil {
		err := p.follow(ctx, d)
		if ctx.Err() != nil {
			return
		}
		p.complain(err)
		_ = p.Sleep(ctx, idleInterval)
	}
}

func (p *poller) delivery(ctx, work context.Context) *delivery {
	return &delivery{
		source: p.source, since: p.Now(), now: p.Now,
		sleep: func(d time.Duration) error { return p.Sleep(ctx, d) },
		invoke: func(event []byte) ([]byte, error) {
			if ctx.Err() != nil {
				return nil, ctx.Err() // a running invocation may end, no other starts
			}
			return p.Invoke(work, p.function, event)
		},
		done:   func(it item) error { return p.reached(it.sequence) },
		giveUp: p.giveUp,
	}
}

// follow reads on from the last position, shard by shard. It returns nil at the end of the last shard.
func (p *poller) follow(ctx context.Context, d *delivery) error {
	if err := p.locate(ctx); err != nil {
		return err
	}
	for {
		if err := p.drain(ctx, d); err != nil {
			return err
		}
		shards, err := p.client.shards(ctx, p.at.Stream)
		if err != nil {
			return err
		}
		next := following(shards, p.at.Shard)
		if next == "" {
			return nil
		}
		p.at.Shard, p.at.Sequence = next, ""
		if err := p.bookmark.save(p.at); err != nil {
			return err
		}
	}
}

// locate finds the position to go on from: the saved one, or the beginning if the stream is a new one.
func (p *poller) locate(ctx context.Context) error {
	stream, err := p.client.stream(ctx, p.source.Table)
	if err != nil {
		return err
	}
	if p.at, err = p.bookmark.load(); err != nil {
		return err
	}
	shards, err := p.client.shards(ctx, stream)
	if err != nil {
		return err
	}
	if len(shards) == 0 {
		return fmt.Errorf("the stream of %s has no shard yet", p.source.Table)
	}
	if p.at.Stream != stream || !slices.Contains(shards, p.at.Shard) {
		p.at = position{Stream: stream, Shard: shards[0]}
	}
	return nil
}

// drain delivers a shard's records until the shard is closed and read to its end.
func (p *poller) drain(ctx context.Context, d *delivery) error {
	iterator, err := p.client.iterator(ctx, p.at)
	if gone := new(fault); errors.As(err, &gone) && gone.is("TrimmedDataAccessException") {
		p.complain(err) // records are lost: they are more than a day old
		p.at.Sequence = ""
		iterator, err = p.client.iterator(ctx, p.at)
	}
	if err != nil {
		return err
	}
	for interval := busyInterval; iterator != ""; {
		page, next, err := p.client.records(ctx, iterator)
		if err != nil {
			return err
		}
		iterator = next
		switch {
		case len(page) > 0:
			interval = busyInterval
			err = p.deliver(d, page)
		case next != "":
			err = p.Sleep(ctx, interval)
			interval = min(2*interval, idleInterval)
		}
		if err != nil {
			return err
		}
		p.logged = ""
	}
	return nil
}
