package auth_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"keepsake/shared/auth"
	"keepsake/shared/fault"
)

const worn = "sk_akua_worn"

// shelf is a table with one token's row. A read takes what is there when it begins, and may be held.
type shelf struct {
	reads   int
	revoked bool
	fails   func() error  // nil: it does not
	held    chan struct{} // nil: reads return at once
}

func (s *shelf) GetItem(context.Context, *dynamodb.GetItemInput, ...func(*dynamodb.Options)) (*dynamodb.GetItemOutput, error) {
	s.reads++
	row := map[string]types.AttributeValue{
		"token_hash":   &types.AttributeValueMemberS{Value: "h"},
		"workspace_id": &types.AttributeValueMemberS{Value: "ws_a"},
	}
	if s.revoked {
		row["revoked_at"] = &types.AttributeValueMemberN{Value: "1"}
	}
	fails := s.fails
	if s.held != nil {
		<-s.held
	}
	if fails != nil {
		return nil, fails()
	}
	return &dynamodb.GetItemOutput{Item: row}, nil
}

// inUse is a container that has read a token at start. use authenticates the token so many seconds later:
// it returns "" or the error's kind, and the number of reads so far, once nothing goes on any more.
func inUse(t *testing.T, test func(t *testing.T, s *shelf, use func(seconds int) (string, int))) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		s := &shelf{}
		tokens := auth.NewTokens(s, "tokens")
		use := func(seconds int) (string, int) {
			_, err := tokens.Authenticate(t.Context(), "Bearer "+worn, start.Add(time.Duration(seconds)*time.Second))
			synctest.Wait()
			if err != nil {
				return string(fault.KindOf(err)), s.reads
			}
			return "", s.reads
		}
		if refused, reads := use(0); refused != "" || reads != 1 {
			t.Fatalf("at first: %q, %d reads", refused, reads)
		}
		test(t, s, use)
	})
}

func TestATokenInUseIsReadAgainWhileItsRequestGoesOn(t *testing.T) {
	inUse(t, func(t *testing.T, s *shelf, use func(int) (string, int)) {
		s.held = make(chan struct{}) // a request that waited for the read would stop here
		for _, c := range []struct{ at, reads int }{{44, 1}, {45, 2}, {46, 2}} {
			if refused, reads := use(c.at); refused != "" || reads != c.reads {
				t.Errorf("after %d s: %q, %d reads, want %d", c.at, refused, reads, c.reads)
			}
		}
		close(s.held)
		synctest.Wait()
		s.held = nil
		if refused, reads := use(89); refused != "" || reads != 2 {
			t.Errorf("44 s after the second read: %q, %d reads", refused, reads)
		}
	})
}

func TestARevocationThatARefreshFindsIsEffectiveFromThenOn(t *testing.T) {
	inUse(t, func(t *testing.T, s *shelf, use func(int) (string, int)) {
		s.revoked = true
		if refused, _ := use(45); refused != "" {
			t.Errorf("the request that found it: %q", refused)
		}
		if refused, _ := use(46); refused != string(fault.Unauthenticated) {
			t.Errorf("the next request: %q", refused)
		}
	})
}

func TestARefreshThatEndsLateCountsFromItsBeginning(t *testing.T) {
	inUse(t, func(t *testing.T, s *shelf, use func(int) (string, int)) {
		s.held = make(chan struct{})
		use(50)
		s.revoked = true // after the read
		close(s.held)
		synctest.Wait()
		s.held = nil
		if refused, _ := use(94); refused != "" {
			t.Errorf("44 s after the read: %q", refused)
		}
		if refused, _ := use(110); refused != string(fault.Unauthenticated) {
			t.Errorf("a minute after the read began: %q", refused)
		}
	})
}

func TestARefreshDoesNotBringATokenBack(t *testing.T) {
	inUse(t, func(t *testing.T, s *shelf, use func(int) (string, int)) {
		held := make(chan struct{})
		s.held = held
		use(59) // the read finds it good
		s.held, s.revoked = nil, true
		if refused, _ := use(60); refused != string(fault.Unauthenticated) {
			t.Fatalf("its minute is over: %q", refused)
		}
		close(held)
		synctest.Wait()
		if refused, _ := use(61); refused != string(fault.Unauthenticated) {
			t.Errorf("once the old read has ended: %q", refused)
		}
	})
}

func TestARefreshThatFailsIsTriedAgainAndEndsNothing(t *testing.T) {
	for name, fails := range map[string]func() error{
		"error": func() error { return errors.New("no answer") },
		"panic": func() error { panic("no answer") },
	} {
		inUse(t, func(t *testing.T, s *shelf, use func(int) (string, int)) {
			s.fails = fails
			if refused, reads := use(45); refused != "" || reads != 2 {
				t.Errorf("%s: %q, %d reads", name, refused, reads)
			}
			if refused, reads := use(46); refused != "" || reads != 3 {
				t.Errorf("%s: %q, %d reads at the next request", name, refused, reads)
			}
			s.fails = nil
			if refused, reads := use(47); refused != "" || reads != 4 {
				t.Errorf("%s: %q, %d reads once it answers", name, refused, reads)
			}
			if refused, reads := use(91); refused != "" || reads != 4 {
				t.Errorf("%s: %q, %d reads within the next 45 s", name, refused, reads)
			}
		})
	}
}
