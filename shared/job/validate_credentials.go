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
	// step is how many secrets are in work at a time, and stepTime what they may take: a run begins
	// no step that it may not be there to finish.
	step     = 8
	stepTime = 10 * time.Second
)

// Opener decrypts what was sealed for one version.
type Opener interface {
	Open(context.Context, secret.Binding, secret.Sealed) (secret.Payload, error)
}

// Provider says whether a credential for it is valid, and if not, why; an error if it cannot be
// asked.
type Provider interface {
	Validate(context.Context, secret.Value) (valid bool, reason string, err error)
}

// ValidateCredentials asks Hetzner Cloud about the tokens for it: about each within a minute of
// its storing and then once a day. Each read of a value leaves an audit line before, like any
// other. A provider that does not answer is asked again after pauses that grow.
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

// outcome is what became of a secret's turn.
type outcome string

const (
	valid      outcome = "valid"
	invalid    outcome = "invalid"
	unanswered outcome = "unanswered" // the provider, KMS or the trail did not do its part
	postponed  outcome = "postponed"  // there is nothing to ask about at present
	overtaken  outcome = "overtaken"  // the secret has changed meanwhile
	failed     outcome = "failed"     // the table did not do its part: it is due again in a minute
)

// validation is one run.
type validation struct {
	Runner
	secrets *store.Store
	trail   *audit.Trail
	opener  Opener
	hcloud  Provider
	by      secret.Stamp

	unaudited atomic.Int64 // reads that the trail did not take, and that so were none

	mu       sync.Mutex
	outcomes map[outcome]int
}

// run works off the shards, from a random one on, so that none is always the last.
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
