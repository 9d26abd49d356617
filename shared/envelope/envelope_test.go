package envelope_test

import (
	"bytes"
	"context"
	"fmt"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/kms"

	"keepsake/infra/cloudtest"
	"keepsake/shared/envelope"
	"keepsake/shared/secret"
)

var binding = secret.Binding{
	VersionRef: secret.Ref{Workspace: "ws_a", ID: "sec_a"}.Version(1), Kind: secret.Generic,
}

// others are bindings that differ from binding in one part each.
func others() map[string]secret.Binding {
	workspace, id, number, kind := binding, binding, binding, binding
	workspace.Workspace = "ws_b"
	id.Ref.ID = "sec_b"
	number.Number = 2
	kind.Kind = secret.HCloud
	return map[string]secret.Binding{"workspace": workspace, "secret": id, "version": number, "kind": kind}
}

func payload() secret.Payload {
	return secret.Payload{Value: secret.NewValue([]byte("plaintext")), Username: "robot"}
}

// seal seals payload() for b as Sealer does, with a key of its own.
func seal(t testing.TB, service envelope.SealAPI, keyID string, b secret.Binding) secret.Sealed {
	t.Helper()
	sealer := envelope.Sealer{KMS: service, KeyID: keyID}
	key, err := sealer.NewKey(t.Context(), b.Ref, b.Kind)
	if err != nil {
		t.Fatal(err)
	}
	defer key.Wipe()
	sealed, err := sealer.Seal(key, b, payload())
	if err != nil {
		t.Fatal(err)
	}
	return sealed
}

// formats seal payload() for a binding, as releases have sealed.
var formats = map[string]func(testing.TB, envelope.SealAPI, string, secret.Binding) secret.Sealed{
	"the first format": sealOne, "the second format": seal,
}

func TestWhatWasSealedOpensForItsOwnVersionAlone(t *testing.T) {
	cloud := cloudtest.Start(t)
	key := cloud.Function("create-secret").Environment["ENCRYPTION_KEY"]
	as := func(function string) *kms.Client { return kms.NewFromConfig(cloud.ConfigOf(function)) }
	opener := envelope.Opener{KMS: as("access-secret-version"), KeyID: key}
	for format, seal := range formats {
		sealed := seal(t, as("create-secret"), key, binding)
		got, err := opener.Open(t.Context(), binding, sealed)
		if err != nil || string(got.Value.Bytes()) != "plaintext" || got.Username != "robot" {
			t.Errorf("%s: another payload came back (%v)", format, err)
		}
		for name, other := range others() {
			if _, err := opener.Open(t.Context(), other, sealed); err == nil {
				t.Errorf("%s: it opens for another %s", format, name)
			}
		}
	}
}

func TestTheBindingHoldsEvenIfTheKeyServiceDoesNotCheckIt(t *testing.T) {
	service := &careless{}
	opener := envelope.Opener{KMS: service}
	for format, seal := range formats {
		sealed := seal(t, service, "", binding)
		if _, err := opener.Open(t.Context(), binding, sealed); err != nil {
			t.Fatal(format, err)
		}
		for name, other := range others() {
			if _, err := opener.Open(t.Context(), other, sealed); err == nil {
				t.Errorf("%s: it opens for another %s", format, name)
			}
		}
	}
}

func TestAnAlteredCiphertextDoesNotOpen(t *testing.T) {
	service := &careless{}
	sealed := seal(t, service, "", binding)
	for i := range sealed.Ciphertext {
		altered := secret.Sealed{Format: sealed.Format, WrappedKey: sealed.WrappedKey, Ciphertext: bytes.Clone(sealed.Ciphertext)}
		altered.Ciphertext[i] ^= 1
		if _, err := (envelope.Opener{KMS: service}).Open(t.Context(), binding, altered); err == nil {
			t.Errorf("it opens with byte %d altered", i)
		}
		altered.Ciphertext = sealed.Ciphertext[:i]
		if _, err := (envelope.Opener{KMS: service}).Open(t.Context(), binding, altered); err == nil {
			t.Errorf("it opens cut after %d bytes", i)
		}
	}
}

func TestDataKeysAreWipedAfterUse(t *testing.T) {
	service := &careless{}
	sealed := seal(t, service, "", binding)
	if _, err := (envelope.Opener{KMS: service}).Open(t.Context(), binding, sealed); err != nil {
		t.Fatal(err)
	}
	if len(service.handedOut) != 2 {
		t.Fatalf("%d keys were handed out", len(service.handedOut))
	}
	for i, key := range service.handedOut {
		if !bytes.Equal(key, make([]byte, 32)) {
			t.Errorf("key %d is still in memory", i)
		}
	}
}

func TestSealingTwiceUnderOneKeyUsesTwoNonces(t *testing.T) {
	sealer := envelope.Sealer{KMS: &careless{}}
	key, err := sealer.NewKey(t.Context(), binding.Ref, binding.Kind)
	if err != nil {
		t.Fatal(err)
	}
	nonces := map[string]bool{}
	for range 1000 {
		sealed, err := sealer.Seal(key, binding, payload())
		if err != nil {
			t.Fatal(err)
		}
		nonces[string(sealed.Ciphertext[:12])] = true
	}
	if len(nonces) != 1000 {
		t.Errorf("%d nonces for 1000 ciphertexts", len(nonces))
	}
}

func TestFingerprintsAreEqualForEqualRequestsOnly(t *testing.T) {
	cloud := cloudtest.Start(t)
	prints := envelope.Fingerprinter{
		KMS:   kms.NewFromConfig(cloud.ConfigOf("create-secret")),
		KeyID: cloud.Function("create-secret").Environment["FINGERPRINT_KEY"],
	}
	a, err1 := prints.Fingerprint(t.Context(), bytes.Repeat([]byte("a"), 100_000))
	again, err2 := prints.Fingerprint(t.Context(), bytes.Repeat([]byte("a"), 100_000))
	other, err3 := prints.Fingerprint(t.Context(), bytes.Repeat([]byte("a"), 99_999))
	if err1 != nil || err2 != nil || err3 != nil || len(a) != 32 {
		t.Fatal(err1, err2, err3, len(a))
	}
	if !bytes.Equal(a, again) || bytes.Equal(a, other) {
		t.Error("fingerprints do not tell requests apart")
	}
}

// careless is a key service that returns the same key in every context.
type careless struct{ handedOut [][]byte }

func (c *careless) key() []byte {
	key := bytes.Repeat([]byte{7}, 32)
	c.handedOut = append(c.handedOut, key)
	return key
}

func (c *careless) GenerateDataKey(context.Context, *kms.GenerateDataKeyInput, ...func(*kms.Options)) (*kms.GenerateDataKeyOutput, error) {
	return &kms.GenerateDataKeyOutput{Plaintext: c.key(), CiphertextBlob: []byte("wrapped")}, nil
}

func (c *careless) Decrypt(context.Context, *kms.DecryptInput, ...func(*kms.Options)) (*kms.DecryptOutput, error) {
	return &kms.DecryptOutput{Plaintext: c.key()}, nil
}

func BenchmarkSealAndOpen(b *testing.B) {
	for _, size := range []int{64, 65_536} {
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			service := &careless{}
			value := bytes.Repeat([]byte("x"), size)
			b.SetBytes(int64(size))
			for b.Loop() {
				sealer := envelope.Sealer{KMS: service}
				key, _ := sealer.NewKey(b.Context(), binding.Ref, binding.Kind)
				sealed, err := sealer.Seal(key, binding, secret.Payload{Value: secret.NewValue(value)})
				if err != nil {
					b.Fatal(err)
				}
				if _, err := (envelope.Opener{KMS: service}).Open(b.Context(), binding, sealed); err != nil {
					b.Fatal(err)
				}
				service.handedOut = nil
			}
		})
	}
}
