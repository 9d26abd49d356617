package stream

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"

	"keepsake/infra/cloud/lambda"
)

// deliver brings the records of a page that a filter takes to the function.
func (p *poller) deliver(d *delivery, page []record) error {
	items, err := p.taken(page)
	if err != nil {
		return err
	}
	for len(items) > 0 {
		n := fitting(items, p.source.BatchSize, lambda.MaxPayload)
		if err := d.batch(items[:n]); err != nil {
			return err
		}
		items = items[n:]
	}
	return p.reached(page[len(page)-1].Change.Sequence)
}

func (p *poller) taken(page []record) ([]item, error) {
	var items []item
	for _, r := range page {
		it, err := r.toItem(p.source.ARN)
		if err != nil {
			return nil, err
		}
		var whole any
		if err := json.Unmarshal(it.json, &whole); err != nil {
			return nil, fmt.Errorf("record %s: %w", it.sequence, err)
		}
		fits := func(f pattern) bool { return f.takes(whole) }
		if len(p.filters) == 0 || slices.ContainsFunc(p.filters, fits) {
			items = append(items, it)
		}
	}
	return items, nil
}

// reached saves that all records up to this one are done or given up.
func (p *poller) reached(sequence string) error {
	if p.at.Sequence == sequence {
		return nil
	}
	p.at.Sequence = sequence
	return p.bookmark.save(p.at)
}

// giveUp sends a message to the queue of dead letters, if there is one, and writes a line to the log.
func (p *poller) giveUp(l loss) error {
	m := l.message(p.function, p.at, p.Now())
	where := "the mapping has no queue of dead letters"
	if p.source.DeadLetters != "" {
		where = filepath.Join(p.Queues, p.source.DeadLetters+".jsonl")
		if err := send(where, m); err != nil {
			return err
		}
	}
	_, _ = fmt.Fprintf(p.Log, "%s: gave up %d records of %s, %s to %s (%s after %d attempts): %s\n",
		p.function, m.Batch.Size, p.source.Table, m.Batch.Start, m.Batch.End, l.condition, l.invocations, where)
	return nil
}

// complain logs why records wait, once until they are delivered again.
func (p *poller) complain(err error) {
	if err != nil && err.Error() != p.logged {
		p.logged = err.Error()
		_, _ = fmt.Fprintf(p.Log, "%s: the changes of %s wait: %s\n", p.function, p.source.Table, err)
	}
}
