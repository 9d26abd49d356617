package envelope_test

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"

	"keepsake/infra/cloudtest"
	"keepsake/shared/envelope"
	"keepsake/shared/secret"
)

// sealOne seals payload() for b as release 0.2.0 did, in the first format.
func sealOne(t testing.TB, service envelope.SealAPI, keyID string, b secret.Binding) secret.Sealed {
	t.Helper()
	key, err := service.GenerateDataKey(t.Context(), &kms.GenerateDataKeyInput{
		KeyId:   &keyID,
		KeySpec: types.DataKeySpecAes256,
		EncryptionContext: map[string]string{
			"workspace": b.Workspace,
			"secret":    b.Ref.ID,
			"version":   strconv.Itoa(b.Number),
			"kind":      string(b.Kind),
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	block, err1 := aes.NewCipher(key.Plaintext)
	aead, err2 := cipher.NewGCM(block)
	if err1 != nil || err2 != nil {
		t.Fatal(err1, err2)
	}
	nonce := make([]byte, aead.NonceSize())
	rand.Read(nonce)
	data := []byte(b.Workspace + "#" + b.Ref.ID + "#" + strconv.Itoa(b.Number) + "#" + string(b.Kind))
	return secret.Sealed{WrappedKey: key.CiphertextBlob, Ciphertext: aead.Seal(nonce, nonce, payload().Encode(), data)}
}

func TestAPayloadDoesNotOpenInAnotherFormatThanItsOwn(t *testing.T) {
	service := &careless{} // it would unwrap the key in any format
	for format, seal := range formats {
		sealed := seal(t, service, "", binding)
		for _, other := range []secret.Format{secret.FormatOne, secret.FormatTwo} {
			_, err := envelope.Opener{KMS: service}.Open(t.Context(), binding, secret.Sealed{
				Format: other, WrappedKey: sealed.WrappedKey, Ciphertext: sealed.Ciphertext,
			})
			if opens := err == nil; opens != (other == sealed.Format) {
				t.Errorf("sealed in %s, it opens as format %d: %v", format, other, opens)
			}
		}
	}
}

func TestAFormatThatThisReleaseDoesNotKnowIsNamedInTheErrorAndKMSIsNotAsked(t *testing.T) {
	sealed := seal(t, &careless{}, "", binding)
	for _, format := range []secret.Format{-1, 1, 3, 1 << 40} {
		service := &listener{}
		sealed.Format = format
		_, err := envelope.Opener{KMS: service}.Open(t.Context(), binding, sealed)
		if err == nil || !strings.Contains(err.Error(), "format "+strconv.Itoa(int(format))) || service.opened != nil {
			t.Errorf("format %d: %v; asked: %v", format, err, service.opened != nil)
		}
	}
}

func TestAKeyOfOneSecretSealsForAllItsVersionsAndForNoOther(t *testing.T) {
	sealer := envelope.Sealer{KMS: &careless{}}
	key, err := sealer.NewKey(t.Context(), binding.Ref, "")
	if err != nil {
		t.Fatal(err)
	}
	others := others()
	want := map[string]bool{"workspace": false, "secret": false, "version": true, "kind": false} // the kind is hcloud
	for name, b := range others {
		if _, err := sealer.Seal(key, b, payload()); (err == nil) != want[name] {
			t.Errorf("another %s: %v", name, err)
		}
	}
	credential, err := sealer.NewKey(t.Context(), binding.Ref, secret.HCloud)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := sealer.Seal(credential, others["kind"], payload()); err != nil {
		t.Error(err)
	}
	if _, err := sealer.Seal(credential, binding, payload()); err == nil {
		t.Error("a key for credentials sealed a secret of no provider")
	}
}

func TestTheJobThatOpensCredentialsCanOpenNothingElseInEitherFormat(t *testing.T) {
	cloud := cloudtest.Start(t)
	keyID := cloud.Function("create-secret").Environment["ENCRYPTION_KEY"]
	as := func(function string) *kms.Client { return kms.NewFromConfig(cloud.ConfigOf(function)) }
	job := envelope.Opener{KMS: as("validate-credentials"), KeyID: keyID}
	for _, kind := range append(slices.Clone(secret.Kinds), secret.CloudCredential) {
		b := binding
		b.Kind = kind
		for format, seal := range formats {
			_, err := job.Open(t.Context(), b, seal(t, as("create-secret"), keyID, b))
			if may := kind == secret.HCloud; (err == nil) != may {
				t.Errorf("%s, sealed in %s: %v", kind, format, err)
			}
		}
	}
}

func TestAWipedKeyIsZero(t *testing.T) {
	key, err := envelope.Sealer{KMS: &careless{}}.NewKey(t.Context(), binding.Ref, binding.Kind)
	if err != nil {
		t.Fatal(err)
	}
	key.Wipe()
	if slices.ContainsFunc(key.Plain.Bytes(), func(b byte) bool { return b != 0 }) {
		t.Error("the key is still in memory")
	}
	secret.DataKey{}.Wipe() // no key was made
}

func TestKMSIsToldTheIdOfASecretThatNobodyHasReadYet(t *testing.T) {
	service := &listener{}
	if _, err := (envelope.Sealer{KMS: service}).NewKey(t.Context(), binding.Ref, ""); err != nil {
		t.Fatal(err)
	}
	if want := map[string]string{"workspace": "ws_a", "secret": "sec_a"}; !maps.Equal(service.made.EncryptionContext, want) {
		t.Errorf("%v", service.made.EncryptionContext)
	}
}
