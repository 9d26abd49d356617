package job_test

import (
	"slices"
	"testing"
	"time"

	"keepsake/shared/secret"
	"keepsake/shared/store"
)

// TestEachOperationThatChangesSomethingLeavesItsLine goes through those that change a secret that is there.
func TestEachOperationThatChangesSomethingLeavesItsLine(t *testing.T) {
	b := start(t)
	tape := b.tape()
	made := b.keep(1)
	v := made.Version(1)
	tick := func() { tape.note(nil); b.now = b.now.Add(time.Second) }
	tick()
	name := "new"
	if _, err := b.secretsOf("update-secret").UpdateSecret(t.Context(), made.Ref, made.Etag, store.Patch{Name: &name}, b.stamp("update-secret")); err != nil {
		t.Fatal(err)
	}
	tick()
	etag := v.FirstEtag()
	for _, step := range []struct {
		operation string
		to        secret.VersionState
	}{
		{"disable-secret-version", secret.Disabled}, {"enable-secret-version", secret.Enabled}, {"destroy-secret-version", secret.Destroyed},
	} {
		change := store.ChangeVersion{Version: v, To: step.to, IfMatch: etag}
		changed, err := b.secretsOf(step.operation).ChangeVersion(t.Context(), change, b.stamp(step.operation))
		if err != nil {
			t.Fatal(err)
		}
		etag = changed.Etag
		tick()
	}
	b.recordChanges(tape.records)
	want := []string{
		"create-secret", "update-secret", "disable-secret-version version=1",
		"enable-secret-version version=1", "destroy-secret-version version=1",
	}
	if got := b.trail(made.Ref); !slices.Equal(got, want) {
		t.Errorf("the trail is %q, want %q", got, want)
	}
}
