package job_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"keepsake/infra/cloud/wire"
	"keepsake/shared/job"
	"keepsake/shared/secret"
)

func TestASecretThatCannotBeReadStopsNoOther(t *testing.T) {
	b := start(t)
	var all []secret.Secret
	for i := range 12 {
		all = append(all, b.store(secret.HCloud, fmt.Sprint("token-", i)))
	}
	broken := &types.AttributeValueMemberB{Value: []byte("no ciphertext of ours at all, whatever its length")}
	b.setVersion(all[0].Ref, "SET ciphertext = :b", map[string]types.AttributeValue{":b": broken})
	b.setVersion(all[1].Ref, "SET wrapped_key = :b", map[string]types.AttributeValue{":b": broken})
	b.setVersion(all[2].Ref, "REMOVE ciphertext, wrapped_key", nil)
	b.setVersion(all[4].Ref, "SET sealing_format = :f", map[string]types.AttributeValue{":f": &types.AttributeValueMemberN{Value: "3"}})
	b.answersBy(func(token string) (bool, string, error) {
		if token == "token-3" {
			panic("token-3 of the provider")
		}
		return true, "", nil
	})
	b.run()
	for i, made := range all {
		if i < 5 {
			b.want(made.Ref, secret.ValidationUnspecified, "")
			if pause := b.next(made.Ref); pause <= 0 || pause > time.Minute {
				t.Errorf("the broken secret %d is due again in %s", i, pause)
			}
			continue
		}
		b.want(made.Ref, secret.ValidationValid, "")
	}
	if log := b.log.String(); !strings.Contains(log, all[0].ID) || !strings.Contains(log, "panic: a string") || !strings.Contains(log, "format 3") {
		t.Errorf("log %s", log)
	}
}

func TestNothingOfAValueIsLogged(t *testing.T) {
	b := start(t)
	for i := range 4 {
		b.store(secret.HCloud, fmt.Sprint("hunter2-", i))
	}
	b.answersBy(func(token string) (bool, string, error) {
		switch token {
		case "hunter2-0":
			return true, "", nil
		case "hunter2-1":
			return false, "refused", nil
		case "hunter2-2":
			panic(token)
		}
		return false, "", errDown
	})
	b.run()
	if log := b.log.String(); strings.Contains(log, "hunter2") || !strings.Contains(log, `"valid":1`) || !strings.Contains(log, `"unanswered":2`) {
		t.Errorf("log %s", log)
	}
}

func TestARunThatIsKilledLeavesNothingHalfDoneAndTheNextGoesOn(t *testing.T) {
	b := start(t)
	made := b.store(secret.HCloud, "token-a")
	before := b.next(made.Ref)
	ctx, kill := context.WithCancel(t.Context())
	b.answersBy(func(string) (bool, string, error) {
		kill()
		return true, "", ctx.Err()
	})
	b.cloud.Settle()
	_ = b.job(ctx, job.Event{})
	b.want(made.Ref, secret.ValidationUnspecified, "")
	if next := b.next(made.Ref); next != before {
		t.Errorf("due again in %s", next)
	}
	b.answers(true, "", nil)
	b.run()
	b.want(made.Ref, secret.ValidationValid, "")
	if lines := b.rows("AuditTable"); len(lines) != 2 {
		t.Errorf("%d audit lines for two reads", len(lines))
	}
}

func TestWithTooLittleTimeLeftNothingIsBegun(t *testing.T) {
	b := start(t)
	b.store(secret.HCloud, "token-a")
	ctx, cancel := context.WithTimeout(t.Context(), 9*time.Second)
	defer cancel()
	b.cloud.Settle()
	b.cloud.ResetCalls()
	if err := b.job(ctx, job.Event{}); err != nil || len(b.cloud.Calls()) != 0 {
		t.Errorf("%v, calls %v", err, b.cloud.Calls())
	}
	if asked := b.run(); len(asked) != 1 {
		t.Errorf("the next run asked %d times", len(asked))
	}
}

func TestAResultWhoseAnswerIsLostStands(t *testing.T) {
	b := start(t)
	made := b.store(secret.HCloud, "token-a")
	lost := false
	b.cloud.Hook(func(c wire.Call) wire.Verdict {
		if c.Action == "UpdateItem" && !lost {
			lost = true
			return wire.LoseAnswer()
		}
		return wire.Pass()
	})
	b.run()
	b.want(made.Ref, secret.ValidationValid, "")
	if asked := b.run(); len(asked) != 0 {
		t.Errorf("asked again: %q", asked)
	}
}

func TestATableThatDoesNotAnswerEndsTheRunWithAnError(t *testing.T) {
	b := start(t)
	b.store(secret.HCloud, "token-a")
	b.cloud.Hook(func(c wire.Call) wire.Verdict {
		if c.Service == "dynamodb" {
			return wire.Refuse(400, "AccessDeniedException", "")
		}
		return wire.Pass()
	})
	b.cloud.Settle()
	if err := b.job(t.Context(), job.Event{}); err == nil {
		t.Error("no error")
	}
	b.cloud.Hook(nil)
	if asked := b.run(); len(asked) != 1 {
		t.Errorf("the next run asked %d times", len(asked))
	}
}

func TestWithoutKMSTheSecretIsAskedAboutLater(t *testing.T) {
	b := start(t)
	made := b.store(secret.HCloud, "token-a")
	b.cloud.Hook(func(c wire.Call) wire.Verdict {
		if c.Service == "kms" {
			return wire.Refuse(400, "DisabledException", "")
		}
		return wire.Pass()
	})
	if asked := b.run(); len(asked) != 0 {
		t.Errorf("asked about %q", asked)
	}
	b.want(made.Ref, secret.ValidationUnspecified, "")
	b.cloud.Hook(nil)
	b.now = b.now.Add(time.Minute)
	b.run()
	b.want(made.Ref, secret.ValidationValid, "")
}

func TestOneRunWorksOffManySecretsEachOnce(t *testing.T) {
	b := start(t)
	var want []string
	for i := range 60 {
		token := fmt.Sprintf("token-%02d", i)
		want = append(want, token)
		b.store(secret.HCloud, token)
	}
	b.answersBy(func(token string) (bool, string, error) {
		if token < "token-30" { // due again at once, were it not for the pause
			return false, "", errors.New("down")
		}
		return true, "", nil
	})
	asked := b.run()
	slices.Sort(asked)
	if !slices.Equal(asked, want) {
		t.Errorf("asked about %d: %q", len(asked), asked)
	}
}
