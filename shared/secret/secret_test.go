package secret_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"keepsake/shared/fault"
	"keepsake/shared/secret"
)

const plaintext = "hunter2-hunter2"

func TestAValueNeverPrints(t *testing.T) {
	v := secret.NewValue([]byte(plaintext))
	payload := secret.Payload{Value: v}
	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "value", v, "payload", payload)
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "value", v, "payload", payload)
	encoded, err := json.Marshal(payload)
	if err == nil {
		t.Error("a payload was marshalled")
	}
	printed := fmt.Sprintf("%v %+v %#v %s %q %x %d", v, v, v, v, v, v, v) +
		fmt.Sprintf("%v %+v %#v", payload, payload, &payload) + log.String() + string(encoded)
	for _, spelling := range []string{plaintext, fmt.Sprintf("%x", plaintext), fmt.Sprint([]byte(plaintext))} {
		if strings.Contains(printed, spelling) {
			t.Errorf("printed as %s", spelling)
		}
	}
	if !strings.Contains(printed, "[redacted]") {
		t.Error("nothing was printed at all")
	}
}

func TestAWipedValueIsZero(t *testing.T) {
	b := []byte(plaintext)
	secret.NewValue(b).Wipe()
	if !bytes.Equal(b, make([]byte, len(b))) {
		t.Error("the bytes are still there")
	}
}

func TestAPayloadIsDecodedAsItWasEncoded(t *testing.T) {
	for _, p := range []secret.Payload{
		{Value: secret.NewValue([]byte("v"))},
		{Value: secret.NewValue(bytes.Repeat([]byte{0}, secret.MaxValueBytes)), AWSAccessKeyID: "AKIA", Username: "é"},
	} {
		got, err := secret.DecodePayload(p.Encode())
		if err != nil || !bytes.Equal(got.Value.Bytes(), p.Value.Bytes()) ||
			got.AWSAccessKeyID != p.AWSAccessKeyID || got.Username != p.Username {
			t.Errorf("another payload came back (%v)", err)
		}
	}
}

func TestAPayloadCutShortIsRefusedWhereverItIsCut(t *testing.T) {
	whole := secret.Payload{Value: secret.NewValue([]byte("value")), Username: "u"}.Encode()
	for n := range len(whole) {
		if _, err := secret.DecodePayload(whole[:n]); err == nil {
			t.Errorf("cut after %d bytes it was taken", n)
		}
	}
	if _, err := secret.DecodePayload(bytes.Repeat([]byte{0xff}, 20)); err == nil {
		t.Error("an absurd length was taken")
	}
}

func TestIDsSortByTimeAndFitTheContract(t *testing.T) {
	start := time.UnixMilli(1_795_000_000_123)
	var ids []string
	for i := range 100 {
		ids = append(ids, secret.NewRef("ws_a", start.Add(time.Duration(i)*time.Millisecond)).ID)
	}
	if !slices.IsSorted(ids) {
		t.Error("later ids do not sort behind earlier ones")
	}
	ref := secret.Ref{Workspace: "ws_a", ID: ids[0]}
	if !ref.Plausible() || len(ref.ID) > 54 || len(ref.Version(1_000_000_000).ID()) > 55 {
		t.Errorf("%s, %s", ref.ID, ref.Version(1_000_000_000).ID())
	}
}

func TestAVersionIDNamesItsNumberAndNoOtherSecrets(t *testing.T) {
	ref := secret.Ref{Workspace: "ws_a", ID: "sec_abc"}
	if v, ok := ref.ParseVersionID("secv_abc_12"); !ok || v.Number != 12 || v.ID() != "secv_abc_12" {
		t.Errorf("%v, %v", v, ok)
	}
	for _, id := range []string{"", "secv_abc_", "secv_abc_0", "secv_abc_-1", "secv_abc_01", "secv_abc_+1", "secv_abd_1", "sec_abc", "secv_abc_99999999999999999999", "latest"} {
		if _, ok := ref.ParseVersionID(id); ok {
			t.Errorf("%q was taken for a version's id", id)
		}
	}
}

func TestOnlyAnEtagAsWeWriteItMatches(t *testing.T) {
	for _, e := range []secret.Etag{1, 7, 1 << 40} {
		if secret.ParseEtag(e.String()) != e {
			t.Errorf("%d is not read as it is written", e)
		}
	}
	for _, text := range []string{"", "0", "-1", "01", "+1", " 1", "1 ", "1.0", "x", "99999999999999999999"} {
		if got := secret.ParseEtag(text); got != secret.NoEtag {
			t.Errorf("%q is %d", text, got)
		}
	}
}

func TestWhatAVersionsStateAllows(t *testing.T) {
	now := time.Unix(1_795_000_000, 0)
	active, deleted := secret.Secret{State: secret.Active}, secret.Secret{State: secret.SoftDeleted, PurgeAt: now.Add(time.Hour)}
	cases := []struct {
		name string
		of   secret.Secret
		in   secret.VersionState
		want fault.Kind
	}{
		{"enabled", active, secret.Enabled, ""},
		{"disabled", active, secret.Disabled, fault.Conflict},
		{"destroyed", active, secret.Destroyed, fault.Gone},
		{"enabled, of a deleted secret", deleted, secret.Enabled, fault.NotFound},
		{"destroyed, of a deleted secret", deleted, secret.Destroyed, fault.NotFound},
	}
	for _, c := range cases {
		err := c.of.RefuseAccess(secret.Version{State: c.in}, now)
		if got := fault.KindOf(err); got != c.want {
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
	}
}
