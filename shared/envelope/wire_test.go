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
	service := &listener{}
	sealed, err := envelope.Sealer{KMS: service, KeyID: "the key"}.Seal(t.Context(), binding, payload())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := (envelope.Opener{KMS: service, KeyID: "the key"}).Open(t.Context(), binding, sealed); err != nil {
		t.Fatal(err)
	}
	want := map[string]string{"workspace": "ws_a", "secret": "sec_a", "version": "1", "kind": "generic"}
	if !maps.Equal(service.made.EncryptionContext, want) || !maps.Equal(service.opened.EncryptionContext, want) {
		t.Errorf("sealed for %v, opened for %v", service.made.EncryptionContext, service.opened.EncryptionContext)
	}
	if aws.ToString(service.made.KeyId) != "the key" || service.made.KeySpec != types.DataKeySpecAes256 {
		t.Errorf("sealed under %s, by %s", aws.ToString(service.made.KeyId), service.made.KeySpec)
	}
	// Without it KMS would open what any key of the account sealed.
	if aws.ToString(service.opened.KeyId) != "the key" || !bytes.Equal(service.opened.CiphertextBlob, []byte("wrapped")) {
		t.Errorf("opened under %q: %q", aws.ToString(service.opened.KeyId), service.opened.CiphertextBlob)
	}
}

func TestASealedPayloadHasNothingOfItsPlaintext(t *testing.T) {
	sealed, err := envelope.Sealer{KMS: &careless{}}.Seal(t.Context(), binding, payload())
	if err != nil {
		t.Fatal(err)
	}
	for name, part := range map[string][]byte{"ciphertext": sealed.Ciphertext, "wrapped key": sealed.WrappedKey} {
		if bytes.Contains(part, []byte("plaintext")) || bytes.Contains(part, bytes.Repeat([]byte{7}, 32)) {
			t.Errorf("the plaintext or its key is in the %s", name)
		}
	}
}

func TestSealingLeavesItsPayloadToTheCaller(t *testing.T) {
	p := payload()
	if _, err := (envelope.Sealer{KMS: &careless{}}).Seal(t.Context(), binding, p); err != nil {
		t.Fatal(err)
	}
	if string(p.Value.Bytes()) != "plaintext" { // a version whose number is taken is sealed again
		t.Error("the value was wiped")
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
	_, sealed := envelope.Sealer{KMS: refusing{}}.Seal(t.Context(), binding, payload())
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
