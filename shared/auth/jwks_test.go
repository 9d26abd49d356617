package auth_test

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"fmt"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"keepsake/shared/fault"
)

func TestKeysAreFetchedOnFirstNeedAndThenOnceAnHour(t *testing.T) {
	i := newIssuer(t)
	c := i.verifier()
	token := i.good(map[string]any{"exp": start.Add(24 * time.Hour).Unix()})
	if n := i.fetched(); n != 0 {
		t.Errorf("%d fetches before the first token", n)
	}
	for _, step := range []struct {
		after time.Duration
		want  int
	}{{0, 1}, {59 * time.Minute, 1}, {time.Hour, 2}, {119 * time.Minute, 2}, {2 * time.Hour, 3}} {
		if _, err := ask(c, token, start.Add(step.after)); err != nil {
			t.Errorf("after %s: %v", step.after, err)
		}
		if n := i.fetched(); n != step.want {
			t.Errorf("after %s: %d fetches, want %d", step.after, n, step.want)
		}
	}
}

func TestANewKeyIsFoundAndAFloodOfUnknownOnesCostsOneFetchAMinute(t *testing.T) {
	i := newIssuer(t)
	c := i.verifier()
	if _, err := ask(c, i.good(nil), start); err != nil {
		t.Fatal(err)
	}
	_, next, _ := ed25519.GenerateKey(rand.Reader)
	i.publish("next", next)
	token := i.sign("next", jose.EdDSA, claims(nil))
	if _, err := ask(c, token, start.Add(59*time.Second)); fault.KindOf(err) != fault.Unauthenticated {
		t.Errorf("within the floor: %v", err)
	}
	if _, err := ask(c, token, start.Add(time.Minute)); err != nil {
		t.Errorf("a minute after the last fetch: %v", err)
	}
	for n := range 100 {
		bad := signWith(t, next, fmt.Sprint("bad-", n), jose.EdDSA, claims(nil))
		if _, err := ask(c, bad, start.Add(2*time.Minute)); fault.KindOf(err) != fault.Unauthenticated {
			t.Fatalf("an unknown key: %v", err)
		}
	}
	if n := i.fetched(); n != 3 {
		t.Errorf("%d fetches, want 3", n)
	}
}

func TestAWithdrawnKeyIsRefusedAfterTheNextFetch(t *testing.T) {
	i := newIssuer(t)
	c := i.verifier()
	token := i.good(nil)
	if _, err := ask(c, token, start); err != nil {
		t.Fatal(err)
	}
	i.mu.Lock()
	i.public = []jose.JSONWebKey{}
	i.mu.Unlock()
	if _, err := ask(c, token, start.Add(time.Hour)); fault.KindOf(err) != fault.Unauthenticated {
		t.Errorf("%v", err)
	}
}

func TestWithoutKeysTheAnswerIsUnavailableNotUnauthorized(t *testing.T) {
	i := newIssuer(t)
	for name, answer := range map[string]http.HandlerFunc{
		"an error":      func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(500) },
		"not found":     func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(404) },
		"a redirect":    func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/elsewhere", http.StatusFound) },
		"no JSON":       func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("<html>")) },
		"another JSON":  func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(`{"issuer":"x"}`)) },
		"a dead server": func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
	} {
		i.answers(answer)
		if _, err := ask(i.verifier(), i.good(nil), start); fault.KindOf(err) != fault.Unavailable {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestAMomentsFaultOfTheIssuerIsNotAMinutesOutage(t *testing.T) {
	i := newIssuer(t)
	c := i.verifier()
	i.answers(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(502) })
	if _, err := ask(c, i.good(nil), start); fault.KindOf(err) != fault.Unavailable {
		t.Fatal(err)
	}
	i.answers(nil)
	if _, err := ask(c, i.good(nil), start.Add(4*time.Second)); fault.KindOf(err) != fault.Unavailable {
		t.Errorf("within the floor: %v", err)
	}
	if _, err := ask(c, i.good(nil), start.Add(5*time.Second)); err != nil {
		t.Errorf("after it: %v", err)
	}
	if n := i.fetched(); n != 2 {
		t.Errorf("%d fetches, want 2", n)
	}
}

func TestKnownKeysAreUsedForADayWhileTheIssuerDoesNotAnswer(t *testing.T) {
	i := newIssuer(t)
	c := i.verifier()
	token := i.good(map[string]any{"exp": start.Add(48 * time.Hour).Unix()})
	if _, err := ask(c, token, start); err != nil {
		t.Fatal(err)
	}
	i.answers(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(500) })
	if _, err := ask(c, token, start.Add(23*time.Hour)); err != nil {
		t.Errorf("after 23 hours: %v", err)
	}
	_, other, _ := ed25519.GenerateKey(rand.Reader)
	unknown := signWith(t, other, "unknown", jose.EdDSA, claims(map[string]any{"exp": start.Add(48 * time.Hour).Unix()}))
	if _, err := ask(c, unknown, start.Add(23*time.Hour)); fault.KindOf(err) != fault.Unavailable {
		t.Errorf("a key that might be new: %v", err)
	}
	if _, err := ask(c, token, start.Add(24*time.Hour)); fault.KindOf(err) != fault.Unavailable {
		t.Errorf("after a day: %v", err)
	}
}

func TestCallersWhoWaitForKeysShareOneFetch(t *testing.T) {
	i := newIssuer(t)
	c := i.verifier()
	token := i.good(nil)
	release := make(chan struct{})
	i.answers(func(w http.ResponseWriter, r *http.Request) {
		<-release
		i.answers(nil)
		i.ServeHTTP(w, r) // counts once more
	})
	var begun, done sync.WaitGroup
	errs := make(chan error, 20)
	for range cap(errs) {
		begun.Add(1)
		done.Go(func() {
			begun.Done()
			_, err := ask(c, token, start)
			errs <- err
		})
	}
	begun.Wait()
	close(release)
	done.Wait()
	for range cap(errs) {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
	if n := i.fetched(); n != 2 {
		t.Errorf("%d fetches, want 1", n-1)
	}
}

func TestACallerThatGivesUpDoesNotTakeTheFetchFromTheOthers(t *testing.T) {
	i := newIssuer(t)
	c := i.verifier()
	token := i.good(nil)
	ctx, cancel := context.WithCancel(t.Context())
	release := make(chan struct{})
	i.answers(func(w http.ResponseWriter, r *http.Request) {
		cancel()
		<-release
		i.answers(nil)
		i.ServeHTTP(w, r)
	})
	if _, err := c.Authenticate(ctx, "Bearer "+token, start); fault.KindOf(err) != fault.Unavailable {
		t.Errorf("who gave up: %v", err)
	}
	close(release)
	if _, err := ask(c, token, start); err != nil {
		t.Errorf("who waits: %v", err)
	}
}

func TestAnIssuerThatHangsIsGivenUpAfterTwoSeconds(t *testing.T) {
	t.Parallel()
	i := newIssuer(t)
	i.answers(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	begin := time.Now()
	if _, err := ask(i.verifier(), i.good(nil), start); fault.KindOf(err) != fault.Unavailable {
		t.Error(err)
	}
	if took := time.Since(begin); took > 4*time.Second {
		t.Errorf("after %s", took)
	}
}
