package secret_test

import (
	"encoding/binary"
	"errors"
	"strings"
	"testing"
	"time"

	"keepsake/shared/fault"
	"keepsake/shared/secret"
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// said is what a refusal comes to: its code and, of a conflict, its reason and current etag.
func said(err error) string {
	var e *fault.Error
	if !errors.As(err, &e) {
		return ""
	}
	if e.Kind != fault.Conflict {
		return string(e.Kind)
	}
	return e.Metadata["reason"] + " " + e.Metadata["etag"]
}

// inStates are a secret of etag 7 in each of its states at noon.
func inStates() map[string]secret.Secret {
	return map[string]secret.Secret{
		"active":      {State: secret.Active, Etag: 7},
		"deleted":     {State: secret.SoftDeleted, PurgeAt: noon.Add(time.Second), Etag: 7},
		"at its end":  {State: secret.SoftDeleted, PurgeAt: noon, Etag: 7},
		"past it":     {State: secret.SoftDeleted, PurgeAt: noon.Add(-time.Hour), Etag: 7},
		"being ended": {State: secret.Purging, PurgeAt: noon.Add(time.Hour), Etag: 7},
	}
}

func TestASecretIsGoneFromItsDeadlineOnAndFromItsMarkOn(t *testing.T) {
	gone := map[string]bool{"at its end": true, "past it": true, "being ended": true}
	for name, s := range inStates() {
		if s.Purged(noon) != gone[name] {
			t.Errorf("%s: gone %v", name, !gone[name])
		}
	}
}

func TestARefusalSaysWhatStoodInTheWay(t *testing.T) {
	const stale, gone = "ABORTED 7", "not_found"
	want := map[string][3]string{ // of a delete, a hard delete, an undelete
		"active":      {stale, stale, "FAILED_PRECONDITION 7"},
		"deleted":     {gone, stale, stale},
		"at its end":  {gone, gone, gone},
		"past it":     {gone, gone, gone},
		"being ended": {gone, gone, gone},
	}
	for name, s := range inStates() {
		got := [3]string{said(s.RefuseWrite(noon)), said(s.RefuseHardDelete(noon)), said(s.RefuseUndelete(noon))}
		if got != want[name] {
			t.Errorf("%s: %q, want %q", name, got, want[name])
		}
	}
}

func TestAVersionChangesOnlyByItsOwnEtagAndUntilItIsDestroyed(t *testing.T) {
	for _, c := range []struct {
		state secret.VersionState
		etag  secret.Etag
		want  string
	}{
		{secret.Enabled, 7, ""}, {secret.Disabled, 7, ""}, {secret.Enabled, 6, "ABORTED 7"}, {secret.Disabled, 8, "ABORTED 7"},
		{secret.Destroyed, 7, "FAILED_PRECONDITION 7"}, {secret.Destroyed, 6, "FAILED_PRECONDITION 7"},
	} {
		if got := said(secret.Version{State: c.state, Etag: 7}.RefuseChange(c.etag)); got != c.want {
			t.Errorf("%s with the etag %d: %q, want %q", c.state, c.etag, got, c.want)
		}
	}
}

func TestNoTwoVersionsOfASecretHaveTheSameEtag(t *testing.T) {
	ref := secret.Ref{Workspace: "ws_a", ID: "sec_a"}
	const changes = 1000
	for number := 1; number < 100; number++ {
		if last, next := ref.Version(number).FirstEtag()+changes, ref.Version(number+1).FirstEtag(); last >= next {
			t.Fatalf("version %d comes to %d, where version %d begins with %d", number, last, number+1, next)
		}
	}
}

func TestOnlyProvidersCredentialsAreTheirsToJudgeAndOnlyHetznersAreAskedAbout(t *testing.T) {
	credentials := map[secret.Kind]bool{
		secret.HCloud: true, secret.AWS: true, secret.GCP: true, secret.Azure: true, secret.OCIRegistry: true, secret.CloudflareAPI: true,
	}
	for _, kind := range append(secret.Kinds, secret.CloudCredential) {
		if kind.IsCredential() != credentials[kind] || kind.Validated() != (kind == secret.HCloud) {
			t.Errorf("%s: a credential %v, validated %v", kind, kind.IsCredential(), kind.Validated())
		}
		if kind.Creatable() != (kind != secret.CloudCredential) {
			t.Errorf("%s can be created: %v", kind, kind.Creatable())
		}
	}
}

func TestWhatMeansSomethingInAKeyIsInNoID(t *testing.T) {
	for _, id := range []string{"", "sec_", "x", "sec_a#b", "sec_a/b", "sec_a\n", "sec_ä", "SEC_a", " sec_a", "sec_" + strings.Repeat("a", 51)} {
		if (secret.Ref{Workspace: "ws_a", ID: id}).Plausible() {
			t.Errorf("%q is taken for an id", id)
		}
	}
}

func TestTwoIDsOfOneMillisecondAreNotTheSame(t *testing.T) {
	seen := map[string]bool{}
	for range 1000 {
		seen[secret.Sortable(noon)] = true
	}
	if len(seen) != 1000 {
		t.Errorf("%d of 1000 are different", len(seen))
	}
}

func TestAnIDMadeFromASeedIsTheSameForTheSameAndSortsByTime(t *testing.T) {
	a := secret.SortableFrom(noon, "a")
	if a != secret.SortableFrom(noon, "a") || a == secret.SortableFrom(noon, "b") {
		t.Error("the seed does not tell them apart")
	}
	if later := secret.SortableFrom(noon.Add(time.Millisecond), "a"); later <= a || len(a) != 26 {
		t.Errorf("%s, and a millisecond later %s", a, later)
	}
}

func TestAVersionsIDLooksLikeOneAndAnAliasDoesNot(t *testing.T) {
	if !secret.IsVersionID("secv_abc_1") || secret.IsVersionID("stable") || secret.IsVersionID("sec_abc") {
		t.Error("they are not told apart")
	}
}

func TestALengthBeyondAllMemoryIsRefused(t *testing.T) {
	if _, err := secret.DecodePayload(binary.AppendUvarint(nil, 1<<63+5)); err == nil {
		t.Error("it was taken")
	}
}

func TestEncodingAPayloadLeavesNoCopyOfItBehind(t *testing.T) {
	p := secret.Payload{Value: secret.NewValue(make([]byte, 4096)), Username: "robot"}
	var out []byte
	// A slice that grows leaves what it held before: each growth is one more allocation.
	if n := testing.AllocsPerRun(10, func() { out = p.Encode() }); n > 1 || len(out) < 4096 {
		t.Errorf("%v allocations", n)
	}
}
