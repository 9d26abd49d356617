package store_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"keepsake/infra/cloud/wire"
	"keepsake/shared/fault"
	"keepsake/shared/secret"
	"keepsake/shared/store"
)

// The conditions of the writes, tried through the store's methods one after the other, and with
// another writer between a read and its write.

var sealed = secret.Sealed{WrappedKey: []byte("wrapped"), Ciphertext: []byte("ciphertext")}

// make stores a new secret of a kind that nobody is asked about.
func (s table) make(t *testing.T) secret.Secret {
	t.Helper()
	made, err := s.CreateSecret(t.Context(), secret.Secret{
		Ref: secret.NewRef("ws_test", noon), Name: "n", Kind: secret.Generic, State: secret.Active,
		VersionCount: 1, EnabledVersionCount: 1, CreatedAt: noon, UpdatedAt: noon, Etag: secret.FirstEtag,
	}, sealed, nil, by(noon))
	if err != nil {
		t.Fatal(err)
	}
	return made
}

// remove deletes a secret until an hour after noon.
func (s table) remove(t *testing.T, ref secret.Ref, etag secret.Etag) secret.Etag {
	t.Helper()
	next, err := s.DeleteSecret(t.Context(), ref, etag, noon.Add(time.Hour), by(noon))
	if err != nil {
		t.Fatal(err)
	}
	return next
}

func (s table) change(t *testing.T, v secret.VersionRef, to secret.VersionState, etag secret.Etag) (secret.Version, error) {
	t.Helper()
	return s.ChangeVersion(t.Context(), store.ChangeVersion{Version: v, To: to, IfMatch: etag}, by(noon))
}

// row is a row as it lies in the table; nil if it is not there.
func (s table) row(t *testing.T, ref secret.Ref, sort string) map[string]types.AttributeValue {
	t.Helper()
	out, err := dynamodb.NewFromConfig(s.cloud.Config()).GetItem(t.Context(), &dynamodb.GetItemInput{
		TableName: aws.String("SecretsTable"), ConsistentRead: aws.Bool(true),
		Key: map[string]types.AttributeValue{
			"pk": &types.AttributeValueMemberS{Value: ref.Workspace + "#" + ref.ID}, "sk": &types.AttributeValueMemberS{Value: sort},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return out.Item
}

const firstVersion = "v#0000000001"

func seconds(v types.AttributeValue) string {
	n, _ := v.(*types.AttributeValueMemberN)
	if n == nil {
		return ""
	}
	return n.Value
}

// wantAttributes checks which of a row's attributes are there.
func wantAttributes(t *testing.T, row map[string]types.AttributeValue, there bool, names ...string) {
	t.Helper()
	for _, name := range names {
		if _, is := row[name]; is != there {
			t.Errorf("%s is there: %v", name, is)
		}
	}
}

// before has f done when the first call of this action has been sent and is not carried out yet.
func (s table) before(action string, f func()) {
	var done atomic.Bool
	s.cloud.Hook(func(c wire.Call) wire.Verdict {
		if c.Action == action && done.CompareAndSwap(false, true) {
			f()
		}
		return wire.Pass()
	})
}

func at(t time.Time) store.Clock { return func() time.Time { return t } }

func code(err error) fault.Kind {
	var e *fault.Error
	if !errors.As(err, &e) {
		return ""
	}
	return e.Kind
}

func TestASecretDeletedSinceItWasReadTakesNoVersion(t *testing.T) {
	s := startStore(t)
	read := s.make(t)
	s.remove(t, read.Ref, read.Etag)
	if v, err := s.CreateVersion(t.Context(), store.NewVersion{Of: read, Sealed: sealed}, by(noon)); code(err) != fault.NotFound {
		t.Errorf("%+v, %v", v, err)
	}
	if s.row(t, read.Ref, "v#0000000002") != nil {
		t.Error("the version is there")
	}
}

func TestANumberIsGivenToOneVersion(t *testing.T) {
	s := startStore(t)
	read := s.make(t)
	if _, err := s.CreateVersion(t.Context(), store.NewVersion{Of: read, Sealed: sealed, Comment: "first"}, by(noon)); err != nil {
		t.Fatal(err)
	}
	_, err := s.CreateVersion(t.Context(), store.NewVersion{Of: read, Sealed: sealed, Comment: "second"}, by(noon))
	taken := new(store.NumberTakenError)
	if !errors.As(err, &taken) || taken.Now.VersionCount != 2 {
		t.Errorf("%v", err)
	}
	if v, err := s.GetVersion(t.Context(), read.Version(2)); err != nil || v.Comment != "first" {
		t.Errorf("version 2 is %+v, %v", v, err)
	}
}

func TestAVersionDestroyedSinceItWasReadStaysDestroyed(t *testing.T) {
	s := startStore(t)
	made := s.make(t)
	v := made.Version(1)
	s.before("TransactWriteItems", func() {
		if _, err := s.change(t, v, secret.Destroyed, v.FirstEtag()); err != nil {
			t.Error(err)
		}
	})
	if _, err := s.change(t, v, secret.Disabled, v.FirstEtag()); code(err) != fault.Conflict {
		t.Errorf("%v", err)
	}
	found, err := s.GetVersion(t.Context(), v)
	if err != nil || found.State != secret.Destroyed || found.Etag != v.FirstEtag()+1 {
		t.Errorf("the version is %+v, %v", found, err)
	}
	if now, err := s.GetSecret(t.Context(), made.Ref, noon); err != nil || now.EnabledVersionCount != 0 {
		t.Errorf("the secret is %+v, %v", now, err)
	}
}

func TestASecretDeletedSinceItWasReadKeepsItsVersionsAsTheyAre(t *testing.T) {
	s := startStore(t)
	for _, disabled := range []bool{false, true} {
		made := s.make(t)
		v, etag, state := made.Version(1), made.Version(1).FirstEtag(), secret.Enabled
		if disabled { // then a destroy does not move the secret's counts
			if _, err := s.change(t, v, secret.Disabled, etag); err != nil {
				t.Fatal(err)
			}
			etag, made.Etag, state = etag+1, made.Etag+1, secret.Disabled
		}
		s.before("TransactWriteItems", func() { s.remove(t, made.Ref, made.Etag) })
		if _, err := s.change(t, v, secret.Destroyed, etag); code(err) != fault.NotFound {
			t.Errorf("disabled %v: %v", disabled, err)
		}
		if found, err := s.GetVersion(t.Context(), v); err != nil || found.State != state || found.Etag != etag {
			t.Errorf("disabled %v: the version is %+v, %v", disabled, found, err)
		}
	}
}

func TestAnUndeleteLeavesNothingOfTheDelete(t *testing.T) {
	s := startStore(t)
	for _, key := range []string{"", "k"} {
		made := s.make(t)
		etag := s.remove(t, made.Ref, made.Etag)
		of := []string{"deleted_at", "deleted_by", "purge_at", "purge_shard", "ttl"}
		wantAttributes(t, s.row(t, made.Ref, "meta"), true, of...)
		if _, err := s.UndeleteSecret(t.Context(), made.Ref, etag, key, by(noon), at(noon)); err != nil {
			t.Fatal(err)
		}
		wantAttributes(t, s.row(t, made.Ref, "meta"), false, of...)
	}
}

func TestAMarkTakesASecretOutOfEveryListAndKeepsItForThePurge(t *testing.T) {
	s := startStore(t)
	forced, due := credential(t, s, noon), credential(t, s, noon)
	if err := s.MarkForce(t.Context(), forced.Ref, forced.Etag, by(noon), at(noon)); err != nil {
		t.Fatal(err)
	}
	s.remove(t, due.Ref, due.Etag)
	if _, err := s.MarkDue(t.Context(), due.Ref, noon.Add(time.Hour), by(noon)); err != nil {
		t.Fatal(err)
	}
	for _, ref := range []secret.Ref{forced.Ref, due.Ref} {
		row := s.row(t, ref, "meta")
		wantAttributes(t, row, false, "list_pk", "list_sk", "validate_shard")
		wantAttributes(t, row, true, "purge_shard", "purge_at", "ttl", "deleted_at", "deleted_by", "purged_by")
	}
}

func TestADestroyedVersionHasNoPayloadAndNoKey(t *testing.T) {
	s := startStore(t)
	v := s.make(t).Version(1)
	wantAttributes(t, s.row(t, v.Ref, firstVersion), true, "wrapped_key", "ciphertext")
	if _, err := s.change(t, v, secret.Disabled, v.FirstEtag()); err != nil {
		t.Fatal(err)
	}
	wantAttributes(t, s.row(t, v.Ref, firstVersion), true, "wrapped_key", "ciphertext")
	if _, err := s.change(t, v, secret.Destroyed, v.FirstEtag()+1); err != nil {
		t.Fatal(err)
	}
	row := s.row(t, v.Ref, firstVersion)
	wantAttributes(t, row, false, "wrapped_key", "ciphertext")
	wantAttributes(t, row, true, "version_destroyed_at")
}

func TestOnlyADeletedSecretIsUndeletedAndOnlyBeforeItsDeadline(t *testing.T) {
	s := startStore(t)
	deadline := noon.Add(time.Hour)
	for name, c := range map[string]struct {
		marked bool
		now    time.Time
		want   fault.Kind
	}{
		"a second before":      {false, deadline.Add(-time.Second), ""},
		"at the deadline":      {false, deadline, fault.NotFound},
		"marked, by any clock": {true, noon.Add(-time.Hour), fault.NotFound},
	} {
		for _, key := range []string{"", "key of " + name} {
			made := s.make(t)
			etag := s.remove(t, made.Ref, made.Etag)
			if c.marked {
				if err := s.MarkForce(t.Context(), made.Ref, etag, by(noon), at(noon)); err != nil {
					t.Fatal(err)
				}
				etag++
			}
			if _, err := s.UndeleteSecret(t.Context(), made.Ref, etag, key, by(noon), at(c.now)); code(err) != c.want {
				t.Errorf("%s, key %q: %v", name, key, err)
			}
		}
	}
}

func TestASecondDeleteDoesNotMoveTheDeadlineAndNoUpdateComesThrough(t *testing.T) {
	s := startStore(t)
	made := s.make(t)
	etag := s.remove(t, made.Ref, made.Etag)
	if _, err := s.DeleteSecret(t.Context(), made.Ref, etag, noon.Add(2*time.Hour), by(noon)); code(err) != fault.NotFound {
		t.Errorf("a second delete: %v", err)
	}
	name := "another"
	if _, err := s.UpdateSecret(t.Context(), made.Ref, etag, store.Patch{Name: &name}, by(noon)); code(err) != fault.NotFound {
		t.Errorf("an update: %v", err)
	}
	found, err := s.GetSecret(t.Context(), made.Ref, noon)
	if err != nil || !found.PurgeAt.Equal(noon.Add(time.Hour)) || found.Name != "n" || found.Etag != etag {
		t.Errorf("the secret is %+v, %v", found, err)
	}
}

func TestAHardDeleteEndsADeletedSecretUntilItsDeadline(t *testing.T) {
	s := startStore(t)
	for now, want := range map[time.Time]fault.Kind{noon.Add(time.Hour - time.Second): "", noon.Add(time.Hour): fault.NotFound} {
		made := s.make(t)
		etag := s.remove(t, made.Ref, made.Etag)
		if err := s.MarkForce(t.Context(), made.Ref, etag, by(noon), at(now)); code(err) != want {
			t.Errorf("at %s: %v", now, err)
		}
	}
}

func TestOnlyWhatIsDueIsMarkedAndOnlyWhatIsMarkedIsRemoved(t *testing.T) {
	s := startStore(t)
	active, deleted := s.make(t), s.make(t)
	s.remove(t, deleted.Ref, deleted.Etag)
	for name, c := range map[string]struct {
		ref    secret.Ref
		passed time.Time
	}{
		"an active one":      {active.Ref, noon.Add(24 * time.Hour)},
		"a second too early": {deleted.Ref, noon.Add(time.Hour - time.Second)},
	} {
		if _, err := s.MarkDue(t.Context(), c.ref, c.passed, by(noon)); !errors.Is(err, store.ErrNotDue) {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := s.Purge(t.Context(), c.ref); err != nil {
			t.Fatal(err)
		}
		if s.row(t, c.ref, "meta") == nil {
			t.Errorf("%s: its row is gone", name)
		}
	}
	if _, err := s.MarkDue(t.Context(), deleted.Ref, noon.Add(time.Hour), by(noon)); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Purge(t.Context(), deleted.Ref); err != nil || s.row(t, deleted.Ref, "meta") != nil {
		t.Errorf("it was due, and its row is there: %v", err)
	}
}

func TestAPurgeOfWhatIsGoneIsDone(t *testing.T) {
	s := startStore(t)
	made := s.make(t)
	if err := s.MarkForce(t.Context(), made.Ref, made.Etag, by(noon), at(noon)); err != nil {
		t.Fatal(err)
	}
	for want := 1; want >= 0; want-- { // the second time another run was faster
		if n, err := s.Purge(t.Context(), made.Ref); n != want || err != nil {
			t.Errorf("%d versions, want %d; %v", n, want, err)
		}
	}
}

func TestDynamoDBsOwnExpiryComesAfterTheDeadlineAndItsGrace(t *testing.T) {
	s := startStore(t)
	made := s.make(t)
	deadline := noon.Add(30 * 24 * time.Hour)
	if _, err := s.DeleteSecret(t.Context(), made.Ref, made.Etag, deadline, by(noon)); err != nil {
		t.Fatal(err)
	}
	row := s.row(t, made.Ref, "meta")
	if seconds(row["purge_at"]) != fmt.Sprint(deadline.Unix()) || seconds(row["ttl"]) != fmt.Sprint(deadline.Add(2*time.Minute).Unix()) {
		t.Errorf("purge at %s, ttl %s, the deadline is %d", seconds(row["purge_at"]), seconds(row["ttl"]), deadline.Unix())
	}
}

func TestACreateTakesNoOtherSecretsPlace(t *testing.T) {
	s := startStore(t)
	made := s.make(t)
	name := "renamed"
	if _, err := s.UpdateSecret(t.Context(), made.Ref, made.Etag, store.Patch{Name: &name}, by(noon)); err != nil {
		t.Fatal(err)
	}
	again := made
	_, _ = s.CreateSecret(t.Context(), again, secret.Sealed{WrappedKey: []byte("other")}, nil, by(noon.Add(time.Second)))
	if found, err := s.GetSecret(t.Context(), made.Ref, noon); err != nil || found.Name != "renamed" || found.Etag != made.Etag+1 {
		t.Errorf("the secret is %+v, %v", found, err)
	}
	if read, err := s.ReadVersion(t.Context(), made.Version(1)); err != nil || string(read.Sealed.WrappedKey) != "wrapped" {
		t.Errorf("its version is %+v, %v", read, err)
	}
}

func TestAnAliasNamesNoVersionThatIsNotThere(t *testing.T) {
	s := startStore(t)
	made := s.make(t)
	if _, err := s.UpdateSecret(t.Context(), made.Ref, made.Etag, store.Patch{VersionAliases: map[string]int{"a": 2}}, by(noon)); err == nil {
		t.Error("it was taken")
	}
	if _, err := s.UpdateSecret(t.Context(), made.Ref, made.Etag, store.Patch{VersionAliases: map[string]int{"a": 1}}, by(noon)); err != nil {
		t.Error(err)
	}
}

func TestANewValueOfACredentialIsNotValidBeforeItsProviderSaysSo(t *testing.T) {
	s := startStore(t)
	found := credential(t, s, noon)
	valid := secret.Validation{State: secret.ValidationValid, ValidatedAt: noon}
	written, err := s.RecordValidation(t.Context(), store.DueSecret{Ref: found.Ref, At: noon}, found, store.ValidationResult{Verdict: &valid, Next: noon.Add(24 * time.Hour)})
	if err != nil || !written {
		t.Fatal(written, err)
	}
	later := noon.Add(time.Minute)
	if _, err := s.CreateVersion(t.Context(), store.NewVersion{Of: found, Sealed: sealed}, by(later)); err != nil {
		t.Fatal(err)
	}
	now, err := s.GetSecret(t.Context(), found.Ref, noon)
	if err != nil || now.Validation.State != secret.ValidationUnspecified || now.EnabledVersionCount != 2 || now.Etag != found.Etag+1 {
		t.Errorf("the secret is %+v, %v", now, err)
	}
	if seconds(s.row(t, found.Ref, "meta")["validate_at"]) != fmt.Sprint(later.Unix()) {
		t.Error("its provider is not to be asked")
	}
}

func TestTheLatestOfManyVersionsIsTheNewest(t *testing.T) {
	s := startStore(t)
	of := s.make(t)
	for range 10 {
		v, err := s.CreateVersion(t.Context(), store.NewVersion{Of: of, Sealed: sealed}, by(noon))
		if err != nil {
			t.Fatal(err)
		}
		of.VersionCount = v.Number
	}
	if read, err := s.ReadLatestVersion(t.Context(), of.Ref); err != nil || read.Version.Number != 11 {
		t.Errorf("the latest is %d, %v", read.Version.Number, err)
	}
}

// TestWhatJobsAskOfTheTableIsTrue looks at the reads that decide what is destroyed.
func TestWhatJobsAskOfTheTableIsTrue(t *testing.T) {
	s := startStore(t)
	found := credential(t, s, noon)
	var mu sync.Mutex
	reads := map[string]bool{}
	s.cloud.Hook(func(c wire.Call) wire.Verdict {
		if c.Action == "GetItem" || c.Action == "BatchGetItem" || c.Action == "Query" {
			mu.Lock()
			defer mu.Unlock()
			reads[c.Action] = true
			if !strings.Contains(string(c.Body), `"ConsistentRead":true`) {
				t.Errorf("%s %s", c.Action, c.Body)
			}
		}
		return wire.Pass()
	})
	if there, err := s.Exists(t.Context(), found.Ref); err != nil || !there {
		t.Error(there, err)
	}
	if _, err := s.ValidationFailures(t.Context(), found.Ref); err != nil {
		t.Error(err)
	}
	if n, err := s.DestroyVersions(t.Context(), found.Ref); err != nil || n != 1 {
		t.Error(n, err)
	}
	if len(reads) < 2 {
		t.Errorf("only %v were made", reads)
	}
}
