package job

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"keepsake/shared/audit"
	"keepsake/shared/secret"
	"keepsake/shared/store"
	"keepsake/shared/telemetry"
)

const (
	// step is how many secrets a run handles at a time, and stepTime how long they may take: a run
	// starts no step that it may have no time to finish.
	step     = 8
	stepTime = 10 * time.Second
)

// Opener decrypts a payload that was sealed for one version.
type Opener interface {
	Open(context.Context, secret.Binding, secret.Sealed) (secret.Payload, error)
}

// Provider says whether a credential for it is valid, and if not, why; an error if it could not be
// asked.
type Provider interface {
	Validate(context.Context, secret.Value) (valid bool, reason string, err error)
}

// ValidateCredentials asks Hetzner Cloud whether its tokens are valid: each within a minute after it
// is stored, and then once a day. Each read of a value first leaves an audit line, like any other.
// If the provider does not respond, the job asks again after growing intervals.
func ValidateCredentials(r Runner, secrets *store.Store, trail *audit.Trail, opener Opener, hcloud Provider) Handler {
	run := r.logged("validate-credentials")
	return func(ctx context.Context, event Event) error {
		return run(ctx, event.ID, func(ctx context.Context, counts *tally) error {
			v := &validation{
				Runner: r, secrets: secrets, trail: trail, opener: opener, hcloud: hcloud,
				by: r.stamp(ctx, "validate-credentials", event), outcomes: map[outcome]int{},
			}
			defer v.report(counts)
			return v.run(ctx)
		})
	}
}

// outcome is the result of one secret's validation.
type outcome string

const (
	valid      outcome = "valid"
	invalid    outcome = "invalid"
	unanswered outcome = "unanswered" // the provider, KMS or the trail failed
	postponed  outcome = "postponed"  // there is nothing to validate at present
	overtaken  outcome = "overtaken"  // the secret has changed meanwhile
	failed     outcome = "failed"     // the table failed: the next run tries again, in a minute
)

// validation is one run.
type validation struct {
	Runner
	secrets *store.Store
	trail   *audit.Trail
	opener  Opener
	hcloud  Provider
	by      secret.Stamp

	unaudited atomic.Int64 // reads that did not happen because the trail failed

	mu       sync.Mutex
	outcomes map[outcome]int
}

// run processes the shards, starting at a random one, so that none is always last.
func (v *validation) run(ctx context.Context) error {
	first := rand.N(store.ValidationShards)
	for i := range store.ValidationShards {
		if !hasTime(ctx, stepTime) {
			return nil
		}
		shard := (first + i) % store.ValidationShards
		for page, err := range v.secrets.DueForValidation(ctx, shard, v.by.At, step) {
			if err != nil {
				return err
			}
			v.validatePage(ctx, page)
			if !hasTime(ctx, stepTime) {
				return nil
			}
		}
	}
	return nil
}

func (v *validation) validatePage(ctx context.Context, page []store.DueSecret) {
	var all sync.WaitGroup
	for _, due := range page {
		all.Go(func() {
			became, err := v.validateSecret(ctx, due)
			v.mu.Lock()
			v.outcomes[became]++
			v.mu.Unlock()
			if err != nil {
				v.Log.LogAttrs(ctx, slog.LevelWarn, "not validated", append(secretAttrs(due.Ref, secret.Stamp{}),
					slog.String("operation", v.by.Operation), slog.String("outcome", string(became)), slog.String("error", err.Error()))...)
			}
		})
	}
	all.Wait()
}

func (v *validation) report(counts *tally) {
	for became, n := range v.outcomes {
		counts.note(string(became), n)
	}
	if n := v.unaudited.Load(); n > 0 {
		counts.sum(telemetry.AuditFailures, int(n))
	}
}
