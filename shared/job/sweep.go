package job

import (
	"context"
	"iter"
	"sync"
	"time"

	"keepsake/shared/store"
)

// sweep is one run over an index of work, whose shards are asked side by side.
type sweep struct {
	shards int
	due    func(shard int) iter.Seq2[[]store.DueSecret, error]
	handle func(store.DueSecret) // one secret; several goroutines may call it at once
	atOnce int                   // how many secrets are handled at a time, of all shards together
	need   time.Duration         // how long one may take: a run begins none that it may have no time to finish
}

// run begins the secrets of each shard in their order, the longest overdue first, and waits for all that
// it has begun. If a shard cannot be read, no more of that shard are begun. The others go on, and the run
// ends with the first such error. A panic is an error, too.
func (s sweep) run(ctx context.Context) error {
	var failed error
	var first sync.Once
	fail := func(err error) {
		if err != nil {
			first.Do(func() { failed = err })
		}
	}
	places := make(chan struct{}, s.atOnce)
	var all sync.WaitGroup
	for shard := range s.shards {
		all.Go(func() {
			fail(s.shard(shard, func(due store.DueSecret) bool {
				places <- struct{}{}
				if !hasTime(ctx, s.need) {
					<-places
					return false
				}
				all.Go(func() {
					defer func() { <-places }()
					fail(s.one(due))
				})
				return true
			}))
		})
	}
	all.Wait()
	return failed
}

// shard calls start for the secrets of one shard, in their order, until it says that it is time to stop.
func (s sweep) shard(shard int, start func(store.DueSecret) bool) (err error) {
	defer safely(&err)
	for page, err := range s.due(shard) {
		if err != nil {
			return err
		}
		for _, due := range page {
			if !start(due) {
				return nil
			}
		}
	}
	return nil
}

// one handles a secret.
func (s sweep) one(due store.DueSecret) (err error) {
	defer safely(&err)
	s.handle(due)
	return nil
}
