package kms_test

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	sdk "github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"
	"github.com/aws/smithy-go"

	"keepsake/infra/cloud/kms"
)

const prefix = "arn:aws:kms:us-east-1:000000000000:key/"

var (
	sealing     = kms.Key{ARN: prefix + "sealing", Secret: kms.NewSecret()}
	other       = kms.Key{ARN: prefix + "other", Secret: kms.NewSecret()}
	fingerprint = kms.Key{ARN: prefix + "fingerprint", MAC: true, Secret: kms.NewSecret()}

	vault = map[string]string{"workspace": "ws_a", "secret": "s1", "empty": ""}
)

func TestADataKeyComesBackForItsContext(t *testing.T) {
	client := newClient(t, sealing)
	made := dataKey(t, client, vault)
	if len(made.Plaintext) != 32 || *made.KeyId != sealing.ARN {
		t.Fatalf("a data key of %d bytes under %s", len(made.Plaintext), *made.KeyId)
	}
	for name, key := range map[string]*string{"the ARN": aws.String(sealing.ARN), "the key id": aws.String("sealing")} {
		opened, err := client.Decrypt(t.Context(), &sdk.DecryptInput{CiphertextBlob: made.CiphertextBlob, KeyId: key, EncryptionContext: vault})
		if err != nil {
			t.Errorf("naming %s: %v", name, err)
			continue
		}
		if !bytes.Equal(opened.Plaintext, made.Plaintext) || *opened.KeyId != sealing.ARN {
			t.Errorf("naming %s: another data key came back", name)
		}
	}
}

func TestADataKeyStaysClosedForAnyOtherContext(t *testing.T) {
	client := newClient(t, sealing)
	made := dataKey(t, client, vault)
	for name, wrong := range map[string]map[string]string{
		"none":          nil,
		"a part":        {"workspace": "ws_a", "secret": "s1"},
		"more":          {"workspace": "ws_a", "secret": "s1", "empty": "", "more": ""},
		"another value": {"workspace": "ws_b", "secret": "s1", "empty": ""},
		"moved letters": {"workspace": "ws_as", "ecret": "s1", "empty": ""},
		"run together":  {"empty": "secrets1", "workspace": "ws_a"},
		"swapped":       {"workspace": "s1", "secret": "ws_a", "empty": ""},
	} {
		_, err := client.Decrypt(t.Context(), &sdk.DecryptInput{KeyId: aws.String(sealing.ARN), CiphertextBlob: made.CiphertextBlob, EncryptionContext: wrong})
		var refused *types.InvalidCiphertextException
		if !errors.As(err, &refused) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestNoContextAndAnEmptyContextAreTheSame(t *testing.T) {
	client := newClient(t, sealing)
	made := dataKey(t, client, nil)
	if _, err := client.Decrypt(t.Context(), &sdk.DecryptInput{KeyId: aws.String(sealing.ARN), CiphertextBlob: made.CiphertextBlob, EncryptionContext: map[string]string{}}); err != nil {
		t.Error(err)
	}
}

func TestNoBitOfACiphertextCanBeChanged(t *testing.T) {
	client := newClient(t, sealing)
	blob := dataKey(t, client, vault).CiphertextBlob
	for i := range blob {
		changed := bytes.Clone(blob)
		changed[i] ^= 1
		_, err := client.Decrypt(t.Context(), &sdk.DecryptInput{KeyId: aws.String(sealing.ARN), CiphertextBlob: changed, EncryptionContext: vault})
		var refused *types.InvalidCiphertextException
		if !errors.As(err, &refused) {
			t.Errorf("byte %d changed: %v", i, err)
		}
	}
	for _, length := range []int{1, 2, 9, len(blob) - 1} {
		_, err := client.Decrypt(t.Context(), &sdk.DecryptInput{KeyId: aws.String(sealing.ARN), CiphertextBlob: blob[:length], EncryptionContext: vault})
		var refused *types.InvalidCiphertextException
		if !errors.As(err, &refused) {
			t.Errorf("cut to %d bytes: %v", length, err)
		}
	}
}

func TestEveryDataKeyIsAnother(t *testing.T) {
	client := newClient(t, sealing)
	one, two := dataKey(t, client, vault), dataKey(t, client, vault)
	if bytes.Equal(one.Plaintext, two.Plaintext) || bytes.Equal(one.CiphertextBlob, two.CiphertextBlob) {
		t.Error("two data keys are the same")
	}
}

func TestAMacIsTheKeysHMACOfTheMessage(t *testing.T) {
	client := newClient(t, fingerprint)
	for _, length := range []int{1, 4096} {
		message := bytes.Repeat([]byte("m"), length)
		made, err := client.GenerateMac(t.Context(), macOf(message))
		if err != nil {
			t.Fatal(err)
		}
		want := hmac.New(sha256.New, fingerprint.Secret)
		want.Write(message)
		if !bytes.Equal(made.Mac, want.Sum(nil)) || made.MacAlgorithm != types.MacAlgorithmSpecHmacSha256 || *made.KeyId != fingerprint.ARN {
			t.Errorf("of %d bytes: %+v", length, made)
		}
	}
}

func TestWhatKMSRefusesIsRefusedByName(t *testing.T) {
	client := newClient(t, sealing, other, fingerprint)
	blob := dataKey(t, client, vault).CiphertextBlob
	generate := func(in sdk.GenerateDataKeyInput) error {
		_, err := client.GenerateDataKey(t.Context(), &in)
		return err
	}
	decrypt := func(in sdk.DecryptInput) error {
		_, err := client.Decrypt(t.Context(), &in)
		return err
	}
	mac := func(in *sdk.GenerateMacInput) error {
		_, err := client.GenerateMac(t.Context(), in)
		return err
	}
	_, unknownAction := client.ListKeys(t.Context(), &sdk.ListKeysInput{})
	otherAlgorithm := macOf([]byte("m"))
	otherAlgorithm.MacAlgorithm = types.MacAlgorithmSpecHmacSha512
	sealingMac := macOf([]byte("m"))
	sealingMac.KeyId = aws.String("sealing")
	for name, c := range map[string]struct {
		err  error
		code string
	}{
		"a data key of an unknown key":   {generate(sdk.GenerateDataKeyInput{KeyId: aws.String("nobody"), KeySpec: "AES_256"}), "NotFoundException"},
		"a data key of a MAC key":        {generate(sdk.GenerateDataKeyInput{KeyId: aws.String("fingerprint"), KeySpec: "AES_256"}), "InvalidKeyUsageException"},
		"a data key of no spec":          {generate(sdk.GenerateDataKeyInput{KeyId: aws.String("sealing")}), "ValidationException"},
		"a data key of another spec":     {generate(sdk.GenerateDataKeyInput{KeyId: aws.String("sealing"), KeySpec: "AES_128"}), "ValidationException"},
		"a data key of 64 bytes":         {generate(sdk.GenerateDataKeyInput{KeyId: aws.String("sealing"), NumberOfBytes: aws.Int32(64)}), "SerializationException"},
		"a decryption with no key":       {decrypt(sdk.DecryptInput{CiphertextBlob: blob, EncryptionContext: vault}), "ValidationException"},
		"a decryption by RSA":            {decrypt(sdk.DecryptInput{CiphertextBlob: blob, KeyId: aws.String("sealing"), EncryptionAlgorithm: "RSAES_OAEP_SHA_256"}), "SerializationException"},
		"a decryption with another key":  {decrypt(sdk.DecryptInput{CiphertextBlob: blob, KeyId: aws.String("other"), EncryptionContext: vault}), "IncorrectKeyException"},
		"a decryption with a MAC key":    {decrypt(sdk.DecryptInput{CiphertextBlob: blob, KeyId: aws.String("fingerprint")}), "InvalidKeyUsageException"},
		"a decryption of nothing":        {decrypt(sdk.DecryptInput{KeyId: aws.String("sealing"), CiphertextBlob: []byte{}}), "ValidationException"},
		"a decryption of something else": {decrypt(sdk.DecryptInput{KeyId: aws.String("sealing"), CiphertextBlob: []byte("something else")}), "InvalidCiphertextException"},
		"a MAC of a data key's key":      {mac(sealingMac), "InvalidKeyUsageException"},
		"a MAC of another algorithm":     {mac(otherAlgorithm), "InvalidKeyUsageException"},
		"a MAC of nothing":               {mac(macOf(nil)), "ValidationException"},
		"a MAC of 4097 bytes":            {mac(macOf(make([]byte, 4097))), "ValidationException"},
		"an unknown action":              {unknownAction, "UnknownOperationException"},
	} {
		var refusal smithy.APIError
		if !errors.As(c.err, &refusal) || refusal.ErrorCode() != c.code {
			t.Errorf("%s: %v, want %s", name, c.err, c.code)
		}
	}
}

func TestARequestThatTheLocalKMSWouldReadOtherwiseIsRefused(t *testing.T) {
	for more, want := range map[string]string{
		`"EncryptionContext":{"version":3}`: "cannot unmarshal number",
		`"NumberOfBytes":64`:                `unknown field \"NumberOfBytes\"`,
	} {
		request := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(`{"KeyId":"sealing","KeySpec":"AES_256",`+more+`}`))
		request.Header.Set("X-Amz-Target", "TrentService.GenerateDataKey")
		response := httptest.NewRecorder()
		kms.New(sealing).ServeHTTP(response, request)
		if text := response.Body.String(); response.Code != http.StatusBadRequest || !strings.Contains(text, "SerializationException") || !strings.Contains(text, want) {
			t.Errorf("%s gets %d %s", more, response.Code, text)
		}
	}
}

func newClient(t *testing.T, keys ...kms.Key) *sdk.Client {
	t.Helper()
	server := httptest.NewServer(kms.New(keys...))
	t.Cleanup(server.Close)
	return sdk.NewFromConfig(aws.Config{
		Region:       "us-east-1",
		Credentials:  credentials.NewStaticCredentialsProvider("test", "test", ""),
		BaseEndpoint: aws.String(server.URL),
	})
}

func dataKey(t *testing.T, client *sdk.Client, context map[string]string) *sdk.GenerateDataKeyOutput {
	t.Helper()
	made, err := client.GenerateDataKey(t.Context(), &sdk.GenerateDataKeyInput{
		KeyId: aws.String(sealing.ARN), KeySpec: types.DataKeySpecAes256, EncryptionContext: context,
	})
	if err != nil {
		t.Fatal(err)
	}
	return made
}

func macOf(message []byte) *sdk.GenerateMacInput {
	if message == nil {
		message = []byte{} // the client refuses to send none
	}
	return &sdk.GenerateMacInput{KeyId: aws.String("fingerprint"), MacAlgorithm: types.MacAlgorithmSpecHmacSha256, Message: message}
}
