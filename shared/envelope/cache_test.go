package envelope_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/kms"

	"keepsake/shared/envelope"
	"keepsake/shared/secret"
)

// vault is a key service whose keys differ, with a cache in front of it and a clock.
type vault struct {
	t      testing.TB
	opener envelope.Opener
	cache  *envelope.KeyCache
	now    time.Time
	made   uint16
	asked  atomic.Int64
	down   atomic.Bool
}

const keyAge = time.Minute

func newVault(t testing.TB) *vault {
	v := &vault{t: t, now: time.Now()} // with the monotonic reading that a real clock has
	v.cache = envelope.NewKeyCache(keyAge, func() time.Time { return v.now })
	v.opener = envelope.Opener{KMS: v, KeyID: "the key", Cache: v.cache}
	return v
}

// GenerateDataKey makes a key whose wrapped form is the key itself, turned over.
func (v *vault) GenerateDataKey(context.Context, *kms.GenerateDataKeyInput, ...func(*kms.Options)) (*kms.GenerateDataKeyOutput, error) {
	v.made++
	plain := bytes.Repeat([]byte{byte(v.made), byte(v.made >> 8)}, 16)
	return &kms.GenerateDataKeyOutput{Plaintext: plain, CiphertextBlob: turn(plain)}, nil
}

func (v *vault) Decrypt(_ context.Context, in *kms.DecryptInput, _ ...func(*kms.Options)) (*kms.DecryptOutput, error) {
	v.asked.Add(1)
	if v.down.Load() {
		return nil, errRefused
	}
	return &kms.DecryptOutput{Plaintext: turn(in.CiphertextBlob)}, nil
}

func turn(key []byte) []byte {
	out := make([]byte, len(key))
	for i, b := range key {
		out[i] = ^b
	}
	return out
}

func (v *vault) seal(number int) secret.Sealed { return seal(v.t, v, "the key", numbered(number)) }

func numbered(number int) secret.Binding {
	b := binding
	b.Number = number
	return b
}

// opens opens a version, which must succeed, and returns how often KMS was asked.
func (v *vault) opens(number int, sealed secret.Sealed) int64 {
	v.t.Helper()
	before := v.asked.Load()
	got, err := v.opener.Open(v.t.Context(), numbered(number), sealed)
	if err != nil || string(got.Value.Bytes()) != "plaintext" {
		v.t.Errorf("another payload came back (%v)", err)
	}
	return v.asked.Load() - before
}

func TestAVersionReadAgainDoesNotAskKMS(t *testing.T) {
	for format, seal := range formats {
		v := newVault(t)
		sealed := seal(t, v, "the key", binding)
		if first, again := v.opens(1, sealed), v.opens(1, sealed); first != 1 || again != 0 {
			t.Errorf("%s: asked %d times, then %d", format, first, again)
		}
	}
}

func TestAKeyIsKeptForItsTimeAndNotAMomentLonger(t *testing.T) {
	v := newVault(t)
	sealed := v.seal(1)
	v.opens(1, sealed)
	v.now = v.now.Add(keyAge - 1)
	if v.opens(1, sealed) != 0 {
		t.Error("a key is dropped before its time")
	}
	key := v.cache.Memory()[0]
	v.now = v.now.Add(1)
	if v.opens(1, sealed) != 1 {
		t.Error("a key is kept beyond its time")
	}
	if !bytes.Equal(key, make([]byte, 32)) {
		t.Error("an expired key is still in memory")
	}
}

// TestAFrozenContainersKeyExpiresToo: between requests the monotonic clock stood still, the wall clock
// did not.
func TestAFrozenContainersKeyExpiresToo(t *testing.T) {
	v := newVault(t)
	sealed := v.seal(1)
	v.opens(1, sealed)
	since := v.now
	v.now = since.Round(0).Add(2 * keyAge) // as Lambda wakes it up: compare by the wall
	if v.opens(1, sealed) != 1 {
		t.Error("a key outlived a freeze")
	}
	frozen := newVault(t)
	frozen.now = since
	frozen.opens(1, sealed)
	if kept := frozen.cache.Since()[0]; kept != kept.Round(0) {
		t.Error("a key's time has a monotonic reading")
	}
}

func TestAKeyFromTheFutureIsExpired(t *testing.T) {
	v := newVault(t)
	sealed := v.seal(1)
	v.opens(1, sealed)
	v.now = v.now.Add(-1)
	if v.opens(1, sealed) != 1 {
		t.Error("a clock that was set back makes a key last longer")
	}
}

func TestAKeyFromTheFutureIsExpiredThoughAnOlderOneIsNot(t *testing.T) {
	v := newVault(t)
	older, newer := v.seal(1), v.seal(2)
	v.opens(1, older)
	v.now = v.now.Add(keyAge / 2)
	v.opens(2, newer)
	v.now = v.now.Add(-keyAge / 4)
	if v.opens(1, older) != 0 || v.opens(2, newer) != 1 {
		t.Error("a key from the future was used, or dropped another one")
	}
}

func TestTheTimeOfAKeyBeginsWhenKMSIsAskedNotWhenItAnswers(t *testing.T) {
	v := newVault(t)
	sealed := v.seal(1)
	v.opener.KMS = slow{v, keyAge / 2}
	v.opens(1, sealed)
	v.now = v.now.Add(keyAge / 2)
	if v.opens(1, sealed) != 1 {
		t.Error("a key is kept for longer since KMS was slow")
	}
}

// slow lets time pass before KMS answers.
type slow struct {
	*vault
	by time.Duration
}

func (s slow) Decrypt(ctx context.Context, in *kms.DecryptInput, _ ...func(*kms.Options)) (*kms.DecryptOutput, error) {
	s.now = s.now.Add(s.by)
	return s.vault.Decrypt(ctx, in)
}

func TestAKeyOpensAThousandTimesThenKMSIsAskedAgain(t *testing.T) {
	v := newVault(t)
	sealed := v.seal(1)
	for range 3 {
		if v.opens(1, sealed) != 1 {
			t.Fatal("KMS was not asked for the first of a thousand")
		}
		key := v.cache.Memory()[0]
		for range envelope.MaxKeyUses - 1 {
			if v.opens(1, sealed) != 0 {
				t.Fatal("KMS was asked within the thousand")
			}
		}
		if !bytes.Equal(key, make([]byte, 32)) {
			t.Error("a used-up key is still in memory")
		}
	}
}

func TestAFullCacheDropsAndWipesTheOldestKey(t *testing.T) {
	v := newVault(t)
	all := make([]secret.Sealed, envelope.MaxKeys+2)
	for i := range all {
		all[i] = v.seal(i)
		if v.opens(i, all[i]) != 1 {
			t.Fatal("KMS was not asked")
		}
		if n := len(v.cache.Memory()); n > envelope.MaxKeys {
			t.Fatalf("%d keys are kept", n)
		}
	}
	oldest := v.cache.Memory()[0]
	if v.opens(2, all[2]) != 0 || v.opens(0, all[0]) != 1 {
		t.Error("another key than the oldest was dropped")
	}
	if !bytes.Equal(oldest, make([]byte, 32)) {
		t.Error("a dropped key is still in memory")
	}
}

func TestWithoutKMSAKeptKeyOpensWithinItsTimeAndOthersDoNot(t *testing.T) {
	v := newVault(t)
	warm, cold := v.seal(1), v.seal(2)
	v.opens(1, warm)
	v.down.Store(true)
	for range 2 {
		if _, err := v.opener.Open(t.Context(), numbered(2), cold); !errors.Is(err, errRefused) {
			t.Errorf("a version that KMS refuses: %v", err)
		}
		v.opens(1, warm) // the refusal has dropped nothing
	}
	if n := len(v.cache.Memory()); n != 1 {
		t.Errorf("%d keys are kept: one was refused", n)
	}
	v.now = v.now.Add(keyAge)
	if _, err := v.opener.Open(t.Context(), numbered(1), warm); !errors.Is(err, errRefused) {
		t.Errorf("beyond its time: %v", err)
	}
}

func TestAKeyThatHasOpenedNothingIsNotKept(t *testing.T) {
	v := newVault(t)
	sealed := v.seal(1)
	sealed.Ciphertext[20] ^= 1
	if _, err := v.opener.Open(t.Context(), binding, sealed); err == nil || len(v.cache.Memory()) != 0 {
		t.Errorf("%v; %d keys are kept", err, len(v.cache.Memory()))
	}
}

func TestAKeptKeyIsForItsOwnVersionSecretAndKMSKeyAlone(t *testing.T) {
	for format, seal := range formats {
		v := newVault(t)
		sealed := seal(t, v, "the key", binding)
		v.opens(1, sealed)
		v.down.Store(true)
		for name, other := range others() {
			if _, err := v.opener.Open(t.Context(), other, sealed); !errors.Is(err, errRefused) {
				t.Errorf("%s: for another %s KMS is not asked: %v", format, name, err)
			}
		}
		elsewhere := v.opener
		elsewhere.KeyID = "another key"
		if _, err := elsewhere.Open(t.Context(), binding, sealed); !errors.Is(err, errRefused) {
			t.Errorf("%s: under another KMS key: %v", format, err)
		}
		wrapped := sealed
		wrapped.WrappedKey = append(bytes.Clone(sealed.WrappedKey), 0)
		if _, err := v.opener.Open(t.Context(), binding, wrapped); !errors.Is(err, errRefused) {
			t.Errorf("%s: for another wrapped key: %v", format, err)
		}
	}
}

func TestACallersKeyIsWipedAndTheCachesIsNot(t *testing.T) {
	service := &listener{}
	sealed := seal(t, service, "", binding)
	opener := envelope.Opener{KMS: service, Cache: envelope.NewKeyCache(keyAge, time.Now)}
	for range 2 {
		if _, err := opener.Open(t.Context(), binding, sealed); err != nil {
			t.Fatal(err)
		}
	}
	for i, key := range service.handedOut {
		if !bytes.Equal(key, make([]byte, 32)) {
			t.Errorf("key %d is still in memory", i)
		}
	}
	if !bytes.Equal(opener.Cache.Memory()[0], bytes.Repeat([]byte{7}, 32)) {
		t.Error("the kept key was wiped")
	}
}

func TestNoAgeIsNoCache(t *testing.T) {
	v := newVault(t)
	v.opener.Cache = envelope.NewKeyCache(0, nil)
	sealed := v.seal(1)
	for range 2 {
		if v.opens(1, sealed) != 1 {
			t.Error("a key was kept")
		}
	}
}

// TestReadersAtTheSameTimeGetTheirOwnValues has many goroutines read more versions than the cache keeps,
// while keys expire and are used up. Run it with -race.
func TestReadersAtTheSameTimeGetTheirOwnValues(t *testing.T) {
	v := newVault(t)
	var clock atomic.Int64
	v.opener.Cache = envelope.NewKeyCache(keyAge, func() time.Time { return time.Unix(clock.Add(1), 0) })
	all := make([]secret.Sealed, 40)
	for i := range all {
		all[i] = v.seal(i)
	}
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	var wg sync.WaitGroup
	for reader := range 8 {
		wg.Go(func() {
			draw := rand.New(rand.NewPCG(seed, uint64(reader)))
			for range 500 {
				i := draw.IntN(len(all))
				got, err := v.opener.Open(t.Context(), numbered(i), all[i])
				if err != nil || string(got.Value.Bytes()) != "plaintext" {
					t.Errorf("version %d: %v", i, err)
				}
				got.Value.Wipe()
			}
		})
	}
	wg.Wait()
	if asked := v.asked.Load(); asked >= 8*500 {
		t.Errorf("KMS was asked %d times: nothing was ever kept", asked)
	}
	for i, key := range v.opener.Cache.Memory() {
		if bytes.Equal(key, make([]byte, 32)) {
			t.Errorf("key %d is kept and wiped", i)
		}
	}
}

func BenchmarkOpenWithAKeptKey(b *testing.B) {
	v := newVault(b)
	for _, n := range []int{1, envelope.MaxKeys} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			v.opener.Cache = envelope.NewKeyCache(keyAge, time.Now)
			all := make([]secret.Sealed, n)
			for i := range all {
				all[i] = v.seal(i)
			}
			for i := 0; b.Loop(); i++ {
				if _, err := v.opener.Open(b.Context(), numbered(i%n), all[i%n]); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
