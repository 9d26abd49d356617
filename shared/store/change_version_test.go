package store_test

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"keepsake/shared/fault"
	"keepsake/shared/secret"
	"keepsake/shared/store"
)

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

func TestAVersionThatIsInItsStateAlreadyIsReturnedWhateverTheEtag(t *testing.T) {
	s := startStore(t)
	made := s.make(t)
	v := made.Version(1)
	for _, etag := range []secret.Etag{secret.NoEtag, v.FirstEtag()} {
		if found, err := s.change(t, v, secret.Enabled, etag); err != nil || found.Etag != v.FirstEtag() {
			t.Errorf("%+v, %v", found, err)
		}
	}
	if _, err := s.change(t, v, secret.Disabled, v.FirstEtag()+1); code(err) != fault.Conflict {
		t.Errorf("another state with a stale etag: %v", err)
	}
	if _, err := s.change(t, made.Version(2), secret.Disabled, v.FirstEtag()); code(err) != fault.NotFound {
		t.Errorf("a version that was never made: %v", err)
	}
	if now, err := s.GetSecret(t.Context(), made.Ref, noon); err != nil || now.Etag != made.Etag || now.EnabledVersionCount != 1 {
		t.Errorf("the secret is %+v, %v", now, err)
	}
}

// set changes an attribute of a version's row behind the store's back.
func (s table) set(t *testing.T, v secret.VersionRef, attribute string, value types.AttributeValue) {
	t.Helper()
	row := s.row(t, v.Ref, firstVersion)
	row[attribute] = value
	_, err := dynamodb.NewFromConfig(s.cloud.Config()).PutItem(t.Context(), &dynamodb.PutItemInput{TableName: aws.String("SecretsTable"), Item: row})
	if err != nil {
		t.Fatal(err)
	}
}

// The etag of a version says whether it is enabled, if every change was made by this code.
func TestAnEtagThatMisleadsAboutAVersionsStateDoesNoHarm(t *testing.T) {
	s := startStore(t)
	for _, disabled := range []bool{false, true} {
		made := s.make(t)
		v, etag, left := made.Version(1), made.Version(1).FirstEtag()+5, made.Etag+1
		if disabled {
			if _, err := s.change(t, v, secret.Disabled, v.FirstEtag()); err != nil {
				t.Fatal(err)
			}
			etag++
		}
		s.set(t, v, "version_revision", &types.AttributeValueMemberN{Value: etag.String()})
		if changed, err := s.change(t, v, secret.Destroyed, etag); err != nil || changed.State != secret.Destroyed || changed.Etag != etag+1 || !changed.CreatedAt.Equal(noon) {
			t.Errorf("disabled %v: %+v, %v", disabled, changed, err)
		}
		if now, err := s.GetSecret(t.Context(), made.Ref, noon); err != nil || now.EnabledVersionCount != 0 || now.Etag != left {
			t.Errorf("disabled %v: the secret is %+v, %v", disabled, now, err)
		}
	}
}

func TestAKeyThatAnEarlierReleaseKeptOnTheVersionIsKnownThoughTheEtagIsCurrent(t *testing.T) {
	s := startStore(t)
	v := s.make(t).Version(1)
	if _, err := s.change(t, v, secret.Disabled, v.FirstEtag()); err != nil {
		t.Fatal(err)
	}
	etag := v.FirstEtag() + 1
	hash := sha256.Sum256([]byte("k1"))
	s.set(t, v, "enable_receipt", &types.AttributeValueMemberM{Value: map[string]types.AttributeValue{
		"key_hash":  &types.AttributeValueMemberS{Value: hex.EncodeToString(hash[:])},
		"if_match":  &types.AttributeValueMemberN{Value: etag.String()},
		"forget_at": &types.AttributeValueMemberN{Value: strconv.FormatInt(noon.Add(time.Hour).Unix(), 10)},
	}})
	enable := func(key string, at time.Time) secret.Version {
		t.Helper()
		found, err := s.ChangeVersion(t.Context(), store.ChangeVersion{Version: v, To: secret.Enabled, IfMatch: etag, Key: key}, by(at))
		if err != nil {
			t.Fatal(err)
		}
		return found
	}
	if again := enable("k1", noon); again.State != secret.Disabled || again.Etag != etag {
		t.Errorf("again %+v", again)
	}
	if other := enable("k2", noon); other.State != secret.Enabled {
		t.Errorf("another key: %+v", other)
	}
	if _, err := s.change(t, v, secret.Disabled, etag+1); err != nil {
		t.Fatal(err)
	}
	etag += 2
	if later := enable("k1", noon.Add(time.Hour)); later.State != secret.Enabled {
		t.Errorf("when it is forgotten: %+v", later)
	}
}
