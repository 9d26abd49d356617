package secret_test

import (
	"bytes"
	"testing"
	"unicode/utf8"

	"keepsake/shared/secret"
)

// FuzzEtag: what is read is spelled one way only, so that no two spellings name one revision.
func FuzzEtag(f *testing.F) {
	for _, seed := range []string{"1", "0", "-1", "01", "+1", " 1", "1000000001", "9223372036854775807", "9223372036854775808", `"1"`, "1e3", "१"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		etag := secret.ParseEtag(text)
		if etag != secret.NoEtag && (etag.String() != text || etag < secret.FirstEtag) {
			t.Errorf("%q is read as %d", text, etag)
		}
	})
}

// FuzzIDs: an id that can name a secret has no character that means something in a key, and a
// version's id names one version of one secret.
func FuzzIDs(f *testing.F) {
	f.Add("sec_06h0ghr1x1jw52w7xyth48tgrg", "secv_06h0ghr1x1jw52w7xyth48tgrg_1")
	f.Add("sec_a", "secv_a_01")
	f.Add("sec_a", "secv_a_1_1")
	f.Add("sec_a#meta", "secv_a#meta_1")
	f.Add("sec_a\n", "secv_a\n_1")
	f.Add("sec_", "secv__9223372036854775808")
	f.Fuzz(func(t *testing.T, id, vid string) {
		ref := secret.Ref{Workspace: "ws_a", ID: id}
		if ref.Plausible() && (len(id) > 54 || bytes.ContainsAny([]byte(id), "#~ \n/%:") || !utf8.ValidString(id)) {
			t.Errorf("%q is taken for an id", id)
		}
		if v, ok := ref.ParseVersionID(vid); ok && (v.ID() != vid || v.Number < 1 || v.Ref != ref) {
			t.Errorf("%q is taken for version %d of %q", vid, v.Number, id)
		}
	})
}

// FuzzPayload: what is sealed comes back as it was, and what is read of any bytes is a part of them.
func FuzzPayload(f *testing.F) {
	f.Add([]byte("value"), "AKIA0000", "robot")
	f.Add([]byte{}, "", "")
	f.Add([]byte("\x05value\x00\x00 and more"), "", "")
	f.Add([]byte("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"), "", "")
	f.Fuzz(func(t *testing.T, value []byte, key, user string) {
		p := secret.Payload{Value: secret.NewValue(value), AWSAccessKeyID: key, Username: user}
		encoded := p.Encode()
		got, err := secret.DecodePayload(append(encoded, "of later code"...))
		if err != nil || !bytes.Equal(got.Value.Bytes(), value) || got.AWSAccessKeyID != key || got.Username != user {
			t.Errorf("another payload comes back (%v)", err)
		}
		for cut := range encoded {
			if _, err := secret.DecodePayload(encoded[:cut]); err == nil {
				t.Errorf("a payload of %d bytes is read from %d", len(encoded), cut)
			}
		}
		if got, err := secret.DecodePayload(value); err == nil && len(got.Value.Bytes())+len(got.AWSAccessKeyID)+len(got.Username) > len(value) {
			t.Errorf("more than the %d bytes there are", len(value))
		}
	})
}
