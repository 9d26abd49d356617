package job_test

import (
	"context"
	"errors"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"keepsake/infra/cloud/wire"
	"keepsake/shared/fault"
	"keepsake/shared/job"
	"keepsake/shared/secret"
)

var errDown = fault.NewUnavailable(errors.New("hcloud: it answers 500"))

func TestWhatTheProviderSaysStandsAndIsAskedAgainInADay(t *testing.T) {
	for _, c := range []struct {
		valid  bool
		reason string
		state  secret.ValidationState
	}{{true, "", secret.ValidationValid}, {false, "refused", secret.ValidationInvalid}} {
		b := start(t)
		made := b.store(secret.HCloud, "token-a")
		b.answers(c.valid, c.reason, nil)
		b.now = b.now.Add(time.Minute)
		if asked := b.run(); !slices.Equal(asked, []string{"token-a"}) {
			t.Errorf("asked about %q", asked)
		}
		b.want(made.Ref, c.state, c.reason)
		b.now = b.now.Add(24*time.Hour - time.Second)
		if asked := b.run(); len(asked) != 0 {
			t.Errorf("asked again within a day: %q", asked)
		}
		b.now = b.now.Add(time.Second)
		if asked := b.run(); len(asked) != 1 {
			t.Errorf("asked %d times after a day", len(asked))
		}
	}
}

func TestAValidationIsNoChangeOfTheSecret(t *testing.T) {
	b := start(t)
	b.store(secret.HCloud, "token-a")
	read := func() (rows []map[string]any) {
		if err := attributevalue.UnmarshalListOfMaps(b.rows("SecretsTable"), &rows); err != nil {
			t.Fatal(err)
		}
		for _, row := range rows {
			for _, telemetry := range []string{"validation", "validate_at", "validate_failures"} {
				delete(row, telemetry)
			}
		}
		return rows
	}
	before := read()
	b.now = b.now.Add(time.Hour)
	if asked := b.run(); len(asked) != 1 {
		t.Fatal("nothing was validated")
	}
	if after := read(); !reflect.DeepEqual(after, before) { // revision, updated_at and stamp among it
		t.Errorf("the rows were %v and are %v", before, after)
	}
}

func TestEachReadLeavesALineBeforeTheKeyIsUsed(t *testing.T) {
	b := start(t)
	made := b.store(secret.HCloud, "token-a")
	b.cloud.ResetCalls()
	b.run()
	calls := b.cloud.Calls()
	if line, key := slices.Index(calls, "dynamodb:PutItem"), slices.Index(calls, "kms:Decrypt"); line < 0 || key < line {
		t.Errorf("the calls were %v", calls)
	}
	lines := b.rows("AuditTable")
	if len(lines) != 1 {
		t.Fatalf("%d lines", len(lines))
	}
	for field, want := range map[string]string{
		"pk": workspace + "#" + made.ID, "principal": "service:validate-credentials", "operation": "validate-credentials",
		"version": "1", "outcome": "allowed", "request_id": "tick",
	} {
		if got, _ := lines[0][field].(*types.AttributeValueMemberS); got == nil || got.Value != want {
			t.Errorf("%s is %v, want %s", field, lines[0][field], want)
		}
	}
}

func TestWithoutALineNothingIsDecryptedOrAsked(t *testing.T) {
	b := start(t)
	made := b.store(secret.HCloud, "token-a")
	b.cloud.ResetCalls()
	b.cloud.Hook(func(c wire.Call) wire.Verdict {
		if c.Action == "PutItem" {
			return wire.Refuse(400, "AccessDeniedException", "")
		}
		return wire.Pass()
	})
	if asked := b.run(); len(asked) != 0 || slices.Contains(b.cloud.Calls(), "kms:Decrypt") {
		t.Errorf("asked %q; calls %v", asked, b.cloud.Calls())
	}
	b.want(made.Ref, secret.ValidationUnspecified, "")
}

func TestAProviderThatIsDownIsAskedAgainAfterPausesThatGrow(t *testing.T) {
	b := start(t)
	made := b.store(secret.HCloud, "token-a")
	b.run()
	b.now = b.now.Add(24 * time.Hour)
	b.answers(false, "", errDown)
	full := []time.Duration{1, 2, 4, 8, 16, 32, 64, 128, 256, 360, 360, 360}
	for i, minutes := range full {
		if asked := b.run(); len(asked) != 1 {
			t.Fatalf("failure %d: asked %d times", i, len(asked))
		}
		b.want(made.Ref, secret.ValidationUnspecified, "")
		longest := minutes * time.Minute
		pause := b.next(made.Ref)
		if pause > longest || pause < longest*3/4 {
			t.Errorf("failure %d: a pause of %s, want up to %s", i, pause, longest)
		}
		b.now = b.now.Add(pause - time.Second)
		if asked := b.run(); len(asked) != 0 {
			t.Errorf("failure %d: asked within the pause", i)
		}
		b.now = b.now.Add(time.Second)
	}
	b.answers(true, "", nil)
	b.run()
	b.want(made.Ref, secret.ValidationValid, "")
	b.now = b.now.Add(24 * time.Hour)
	b.answers(false, "", errDown)
	b.run()
	if pause := b.next(made.Ref); pause > time.Minute {
		t.Errorf("an answer does not end the row of failures: %s", pause)
	}
}

func TestALaterChangeWinsOverALateResult(t *testing.T) {
	b := start(t)
	made := b.store(secret.HCloud, "token-a")
	b.answersBy(func(string) (bool, string, error) {
		etag := b.remove(made, b.now.Add(time.Hour))
		_, err := b.secretsOf("undelete-secret").UndeleteSecret(context.Background(), made.Ref, etag, "", b.stamp("undelete-secret"), b.clock)
		return true, "", err
	})
	b.run()
	b.want(made.Ref, secret.ValidationUnspecified, "")
	if found := b.get(made.Ref); found.Etag != made.Etag+2 {
		t.Errorf("etag %s", found.Etag)
	}
	b.answers(true, "", nil)
	if asked := b.run(); len(asked) != 1 {
		t.Errorf("asked %d times about what was changed", len(asked))
	}
	b.want(made.Ref, secret.ValidationValid, "")
}

func TestOfTwoRunsAtTheSameTimeOneResultStands(t *testing.T) {
	b := start(t)
	made := b.store(secret.HCloud, "token-a")
	first := true
	b.answersBy(func(string) (bool, string, error) {
		if !first {
			return true, "", nil
		}
		first = false
		return false, "", errors.Join(errDown, b.job(context.Background(), job.Event{}))
	})
	b.run()
	b.want(made.Ref, secret.ValidationValid, "")
	if next := b.next(made.Ref); next != 24*time.Hour {
		t.Errorf("due again in %s", next)
	}
}

func TestADeletedSecretIsLeftAloneUntilItIsUndeleted(t *testing.T) {
	b := start(t)
	made := b.store(secret.HCloud, "token-a")
	purgeAt := b.now.Add(30 * 24 * time.Hour)
	etag := b.remove(made, purgeAt)
	if asked := b.run(); len(asked) != 0 || len(b.rows("AuditTable")) != 0 {
		t.Errorf("asked about %q", asked)
	}
	if next := b.next(made.Ref); !b.now.Add(next).Equal(purgeAt) {
		t.Errorf("due again in %s", next)
	}
	b.now = b.now.Add(time.Hour)
	if _, err := b.secretsOf("undelete-secret").UndeleteSecret(t.Context(), made.Ref, etag, "", b.stamp("undelete-secret"), b.clock); err != nil {
		t.Fatal(err)
	}
	if asked := b.run(); len(asked) != 1 {
		t.Errorf("asked %d times after the undelete", len(asked))
	}
	b.want(made.Ref, secret.ValidationValid, "")
}

func TestADeletedSecretPastItsPurgeIsNotLookedAtEveryMinute(t *testing.T) {
	b := start(t)
	made := b.store(secret.HCloud, "token-a")
	b.remove(made, b.now.Add(time.Second))
	b.now = b.now.Add(time.Minute)
	b.run()
	if next := b.next(made.Ref); next != 24*time.Hour {
		t.Errorf("due again in %s", next)
	}
}

func TestWithoutAnEnabledVersionNothingIsKnown(t *testing.T) {
	b := start(t)
	made := b.store(secret.HCloud, "token-a")
	b.run()
	b.setVersion(made.Ref, "SET version_state = :state, version_order = :order", map[string]types.AttributeValue{
		":state": &types.AttributeValueMemberS{Value: "disabled"},
		":order": &types.AttributeValueMemberS{Value: "disabled#0000000001"},
	})
	b.now = b.now.Add(24 * time.Hour)
	if asked := b.run(); len(asked) != 0 {
		t.Errorf("asked about %q", asked)
	}
	b.want(made.Ref, secret.ValidationUnspecified, "")
	if next := b.next(made.Ref); next != 24*time.Hour {
		t.Errorf("due again in %s", next)
	}
}

func TestOnlyTheProvidersCredentialsAreOpened(t *testing.T) {
	b := start(t)
	for _, kind := range secret.Kinds {
		if kind != secret.HCloud {
			b.store(kind, "a value of another kind")
		}
	}
	b.store(secret.HCloud, "token-a")
	if asked := b.run(); !slices.Equal(asked, []string{"token-a"}) {
		t.Errorf("asked about %q", asked)
	}
	if lines := b.rows("AuditTable"); len(lines) != 1 {
		t.Errorf("%d lines", len(lines))
	}
}

func TestAReadForValidationThatTheTrailRefusedIsAnAuditFailure(t *testing.T) {
	b := start(t)
	b.store(secret.HCloud, "token-a")
	b.cloud.Hook(func(c wire.Call) wire.Verdict {
		if c.Action == "PutItem" {
			return wire.Refuse(400, "AccessDeniedException", "")
		}
		return wire.Pass()
	})
	if asked := b.run(); len(asked) != 0 {
		t.Errorf("asked about %q", asked)
	}
	b.wantLine("job", map[string]any{"AuditFailures": 1.0, "unanswered": 1.0})
}
