package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"

	"keepsake/infra/bench/count"
	"keepsake/infra/bench/replay"
	"keepsake/infra/bench/stage"
	"keepsake/infra/bench/tape"
	"keepsake/infra/cloud/wire"
	"keepsake/shared/boot"
	"keepsake/shared/boot/boottest"
)

// TestMain lets the test binary play bare, and the functions as their mains do.
func TestMain(m *testing.M) {
	switch name := os.Getenv("AWS_LAMBDA_FUNCTION_NAME"); {
	case name == "":
		os.Exit(m.Run())
	case strings.HasPrefix(name, stage.Bare+"-"):
		main()
	default:
		env := boot.Environment()
		env.Serve(boottest.Build(name, env.Edge(), env))
	}
}

func TestBareMakesTheSameCallsAsEachFunctionAndReturnsTheSame(t *testing.T) {
	s, err := stage.Open(t.Context(), stage.PlayedBy(os.Args[0], "PLANTED_FAULT"))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for _, c := range count.Cases {
		if !c.Plain {
			continue
		}
		if _, err := s.Call(c.Function, stage.Request{ID: "sec_none", Vid: "latest"}); err != nil { // looks up the token
			t.Fatal(err)
		}
		r, err := replay.Record(s, c)
		if err != nil {
			t.Fatal(err)
		}
		want, response := read(t, r.Tape)
		bare, err := s.StartAs(stage.Bare, c.Function, "TAPE="+r.Tape)
		if err != nil {
			t.Fatal(err)
		}
		replay.Play(s, []*replay.Recording{r})
		for range 3 { // as often as one likes
			sent := listen(s)
			result, err := bare.Invoke(r.Event)
			if err != nil || !strings.Contains(string(result), fmt.Sprintf(`"statusCode":%d`, response)) {
				t.Errorf("%s: %v: %s", c.Name, err, result)
			}
			if got := sent(); !reflect.DeepEqual(got, want) {
				t.Errorf("%s: bare sends %v, the function sent %v", c.Name, got, want)
			}
			sent = listen(s)
			if again, err := s.Process(c.Function); err != nil {
				t.Error(err)
			} else if result, err := again.Invoke(r.Event); err != nil || !strings.Contains(string(result), fmt.Sprintf(`"statusCode":%d`, c.Status)) {
				t.Errorf("%s: the function is not repeated: %v: %s", c.Name, err, result)
			}
			if got := sent(); !reflect.DeepEqual(got.counts(), want.counts()) {
				t.Errorf("%s: repeated, the function makes the calls %v, it made %v", c.Name, got.counts(), want.counts())
			}
		}
		bare.Kill()
		anew, err := s.Start(c.Function)
		if err != nil {
			t.Fatal(err)
		}
		if result, err := anew.Invoke(r.Event); err != nil || !strings.Contains(string(result), fmt.Sprintf(`"statusCode":%d`, c.Status)) {
			t.Errorf("%s: a new container is not repeated: %v: %s", c.Name, err, result)
		}
		anew.Kill()
		s.Around(nil)
	}
}

// calls are the inputs of calls, by name, in one order whatever came first.
type calls map[string][]string

// read returns the calls of a tape, and its status.
func read(t *testing.T, path string) (calls, int) {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var of tape.Tape
	if err := json.Unmarshal(content, &of); err != nil {
		t.Fatal(err)
	}
	all := calls{}
	for _, step := range of.Steps {
		for _, one := range step {
			all.add(one.Name, one.Body)
		}
	}
	return all, of.Response.StatusCode
}

func (c calls) add(name string, body []byte) {
	var input any
	_ = json.Unmarshal(body, &input)
	canonical, _ := json.Marshal(input)
	c[name] = append(c[name], string(canonical))
	slices.Sort(c[name])
}

// counts returns how many calls there are, by name.
func (c calls) counts() map[string]int {
	n := map[string]int{}
	for name, inputs := range c {
		n[name] = len(inputs)
	}
	return n
}

// listen notes the calls that reach the stage's player until the returned function is called.
func listen(s *stage.Stage) func() calls {
	var mu sync.Mutex
	all := calls{}
	player := s.Player()
	s.Around(func(ctx context.Context, call wire.Call, perform wire.Perform) (wire.Response, error) {
		mu.Lock()
		all.add(call.Name(), call.Body)
		mu.Unlock()
		return player(ctx, call, perform)
	})
	return func() calls {
		s.Around(player)
		return all
	}
}
