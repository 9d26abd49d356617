package job

import (
	"context"
	"errors"
	"math/rand/v2"
	"strconv"
	"time"

	"keepsake/shared/audit"
	"keepsake/shared/fault"
	"keepsake/shared/secret"
	"keepsake/shared/store"
)

const (
	validateEvery = 24 * time.Hour
	// How long to wait if the provider did not respond: the first, doubled each time, up to the last.
	firstRetry = time.Minute
	lastRetry  = 6 * time.Hour
)

// validateSecret validates one secret. An error says why there is no verdict, whatever the outcome.
func (v *validation) validateSecret(ctx context.Context, due store.DueSecret) (became outcome, err error) {
	became = failed
	defer safely(&err)
	now := v.now()
	found, err := v.secrets.ReadLatestVersion(ctx, due.Ref)
	if isNotFound(err) {
		return v.withoutVersion(ctx, due, now)
	}
	if err != nil {
		return failed, err
	}
	if found.Secret.State != secret.Active || !found.Secret.Kind.Validated() {
		return v.postpone(ctx, due, found.Secret, nil, now)
	}
	verdict, refusal := v.ask(ctx, found, now)
	if refusal != nil {
		return v.tryAgain(ctx, due, found.Secret, now, refusal)
	}
	said := invalid
	if verdict.State == secret.ValidationValid {
		said = valid
	}
	return v.record(ctx, due, found.Secret, store.ValidationResult{Verdict: &verdict, Next: now.Add(validateEvery)}, said)
}

// ask decrypts the value and asks the provider about it. It writes the audit line first: without it,
// it decrypts nothing.
func (v *validation) ask(ctx context.Context, found store.Reading, now time.Time) (verdict secret.Validation, err error) {
	defer safely(&err)
	by, number := v.by, found.Version.Number
	by.At = now
	line := audit.Line{Ref: found.Secret.Ref, Version: strconv.Itoa(number), Outcome: audit.Allowed, By: by}
	if err := v.trail.Append(ctx, line); err != nil {
		v.unaudited.Add(1)
		return verdict, err
	}
	payload, err := v.opener.Open(ctx, found.Secret.Binding(number), found.Sealed)
	if err != nil {
		return verdict, err
	}
	defer payload.Value.Wipe()
	good, reason, err := v.hcloud.Validate(ctx, payload.Value)
	verdict = secret.Validation{State: secret.ValidationInvalid, ValidatedAt: now, Error: reason}
	if good {
		verdict.State = secret.ValidationValid
	}
	return verdict, err
}

// tryAgain records that there was no verdict, and when to ask again. A value that cannot be decrypted
// is not retried every minute either.
func (v *validation) tryAgain(ctx context.Context, due store.DueSecret, found secret.Secret, now time.Time, refusal error) (outcome, error) {
	failures, err := v.secrets.ValidationFailures(ctx, due.Ref)
	if err != nil {
		return failed, errors.Join(refusal, err)
	}
	became, err := v.record(ctx, due, found, store.ValidationResult{
		Verdict:  &secret.Validation{State: secret.ValidationUnspecified, ValidatedAt: now},
		Failures: failures + 1, Next: now.Add(retryAfter(failures)),
	}, unanswered)
	return became, errors.Join(refusal, err)
}

// withoutVersion handles a secret that has no enabled version, or no longer exists.
func (v *validation) withoutVersion(ctx context.Context, due store.DueSecret, now time.Time) (outcome, error) {
	found, err := v.secrets.GetSecret(ctx, due.Ref, now)
	switch {
	case isNotFound(err):
		return overtaken, nil
	case err != nil:
		return failed, err
	}
	return v.postpone(ctx, due, found, &secret.Validation{State: secret.ValidationUnspecified, ValidatedAt: now}, now)
}

// postpone leaves a secret alone for a day, or until its purge if that is later. An undelete or a new
// version brings a value back, and also makes its secret due.
func (v *validation) postpone(ctx context.Context, due store.DueSecret, found secret.Secret, verdict *secret.Validation, now time.Time) (outcome, error) {
	next := now.Add(validateEvery)
	if found.PurgeAt.After(next) {
		next = found.PurgeAt
	}
	return v.record(ctx, due, found, store.ValidationResult{Verdict: verdict, Next: next}, postponed)
}

func (v *validation) record(ctx context.Context, due store.DueSecret, found secret.Secret, w store.ValidationResult, became outcome) (outcome, error) {
	written, err := v.secrets.RecordValidation(ctx, due, found, w)
	switch {
	case err != nil:
		return failed, err
	case !written:
		return overtaken, nil
	}
	return became, nil
}

// retryAfter returns how long to wait after one more failure, less up to a quarter: secrets that failed
// together are not retried together.
func retryAfter(failures int) time.Duration {
	d := lastRetry
	if failures < 10 { // a minute doubled ten times is more than the longest wait
		d = min(firstRetry<<failures, lastRetry)
	}
	return d - rand.N(d/4)
}

func isNotFound(err error) bool { return fault.KindOf(err) == fault.NotFound }
