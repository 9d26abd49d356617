package envelope_test

import (
	"bytes"
	"context"
	"errors"
	"maps"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"

	"keepsake/shared/envelope"
	"keepsake/shared/secret"
)

// listener is a careless key service that records its inputs.
type listener struct {
	careless
	made   *kms.GenerateDataKeyInput
	opened *kms.DecryptInput
	macs   []*kms.GenerateMacInput
}

func (l *listener) GenerateDataKey(ctx context.Context, in *kms.GenerateDataKeyInput, _ ...func(*kms.Options)) (*kms.GenerateDataKeyOutput, error) {
	l.made = in
	return l.careless.GenerateDataKey(ctx, in)
}

func (l *listener) Decrypt(ctx context.Context, in *kms.DecryptInput, _ ...func(*kms.Options)) (*kms.DecryptOutput, error) {
	l.opened = in
	return l.careless.Decrypt(ctx, in)
}

func (l *listener) GenerateMac(_ context.Context, in *kms.GenerateMacInput, _ ...func(*kms.Options)) (*kms.GenerateMacOutput, error) {
	l.macs = append(l.macs, in)
	return &kms.GenerateMacOutput{Mac: in.Message}, nil
}

func TestKMSIsToldWhatAPayloadIsBoundToAndUnderWhichKey(t *testing.T) {
	credential := binding
	credential.Kind = secret.HCloud
	all := map[string]string{"workspace": "ws_a", "secret": "sec_a", "version": "1", "kind": "generic"}
	for name, c := range map[string]struct {
		seal func(testing.TB, envelope.SealAPI, string, secret.Binding) secret.Sealed
		of   secret.Binding
		want map[string]string
	}{
		"the first format":                       {sealOne, binding, all},
		"the second format":                      {seal, binding, map[string]string{"workspace": "ws_a", "secret": "sec_a"}},
		"the second format, opened by a job too": {seal, credential, map[string]string{"workspace": "ws_a", "secret": "sec_a", "kind": "cloud_provider/hcloud"}},
	} {
		service := &listener{}
		sealed := c.seal(t, service, "the key", c.of)
		if _, err := (envelope.Opener{KMS: service, KeyID: "the key"}).Open(t.Context(), c.of, sealed); err != nil {
			t.Fatal(err)
		}
		if !maps.Equal(service.made.EncryptionContext, c.want) || !maps.Equal(service.opened.EncryptionContext, c.want) {
			t.Errorf("%s: sealed for %v, opened for %v", name, service.made.EncryptionContext, service.opened.EncryptionContext)
		}
		if aws.ToString(service.made.KeyId) != "the key" || service.made.KeySpec != types.DataKeySpecAes256 {
			t.Errorf("%s: sealed under %s, by %s", name, aws.ToString(service.made.KeyId), service.made.KeySpec)
		}
		// Without it KMS would open what any key of the account sealed.
		if aws.ToString(service.opened.KeyId) != "the key" || !bytes.Equal(service.opened.CiphertextBlob, []byte("wrapped")) {
			t.Errorf("%s: opened under %q: %q", name, aws.ToString(service.opened.KeyId), service.opened.CiphertextBlob)
		}
	}
}

func TestASealedPayloadHasNothingOfItsPlaintext(t *testing.T) {
	sealed := seal(t, &careless{}, "", binding)
	for name, part := range map[string][]byte{"ciphertext": sealed.Ciphertext, "wrapped key": sealed.WrappedKey} {
		if bytes.Contains(part, []byte("plaintext")) || bytes.Contains(part, bytes.Repeat([]byte{7}, 32)) {
			t.Errorf("the plaintext or its key is in the %s", name)
		}
	}
}

func TestSealingLeavesItsPayloadAndItsKeyToTheCaller(t *testing.T) {
	p := payload()
	sealer := envelope.Sealer{KMS: &careless{}}
	key, _ := sealer.NewKey(t.Context(), binding.Ref, binding.Kind)
	if _, err := sealer.Seal(key, binding, p); err != nil {
		t.Fatal(err)
	}
	// A version whose number is taken is sealed again.
	if string(p.Value.Bytes()) != "plaintext" || !bytes.Equal(key.Plain.Bytes(), bytes.Repeat([]byte{7}, 32)) {
		t.Error("the value or the key was wiped")
	}
}

// refusing is a key service that refuses every call.
type refusing struct{}

var errRefused = errors.New("refused")

func (refusing) GenerateDataKey(context.Context, *kms.GenerateDataKeyInput, ...func(*kms.Options)) (*kms.GenerateDataKeyOutput, error) {
	return nil, errRefused
}

func (refusing) Decrypt(context.Context, *kms.DecryptInput, ...func(*kms.Options)) (*kms.DecryptOutput, error) {
	return nil, errRefused
}

func (refusing) GenerateMac(context.Context, *kms.GenerateMacInput, ...func(*kms.Options)) (*kms.GenerateMacOutput, error) {
	return nil, errRefused
}

func TestWithoutTheKeyServiceNothingIsSealedOpenedOrPrinted(t *testing.T) {
	_, sealed := envelope.Sealer{KMS: refusing{}}.NewKey(t.Context(), binding.Ref, binding.Kind)
	_, opened := envelope.Opener{KMS: refusing{}}.Open(t.Context(), binding, secret.Sealed{})
	_, printed := envelope.Fingerprinter{KMS: refusing{}}.Fingerprint(t.Context(), []byte("r"))
	for _, err := range []error{sealed, opened, printed} {
		if !errors.Is(err, errRefused) {
			t.Error(err)
		}
	}
}

func TestAFingerprintIsKeyedAndKMSDoesNotSeeTheRequest(t *testing.T) {
	service := &listener{}
	prints := envelope.Fingerprinter{KMS: service, KeyID: "the key"}
	for _, request := range []string{"plaintext", "plaintexu"} {
		if _, err := prints.Fingerprint(t.Context(), []byte(request)); err != nil {
			t.Fatal(err)
		}
	}
	for _, in := range service.macs {
		if aws.ToString(in.KeyId) != "the key" || in.MacAlgorithm != types.MacAlgorithmSpecHmacSha256 ||
			len(in.Message) != 32 || bytes.Contains(in.Message, []byte("plaintex")) {
			t.Errorf("KMS is asked %+v", in)
		}
	}
	if len(service.macs) != 2 || bytes.Equal(service.macs[0].Message, service.macs[1].Message) {
		t.Errorf("asked %d times, and not about two requests", len(service.macs))
	}
}
