package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"keepsake/shared/auth"
)

// write FILE TEXT: so that only the owner may read it.
func write(ts *testscript.TestScript, _ bool, args []string) {
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(args[1]+"\n"), 0o600))
}

// large FILE N: N letters.
func large(ts *testscript.TestScript, _ bool, args []string) {
	n, err := strconv.Atoi(args[1])
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), bytes.Repeat([]byte("x"), n), 0o600))
}

// binary FILE: four bytes that are not text.
func binary(ts *testscript.TestScript, _ bool, args []string) {
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte{0, 0xff, 0xfe, 1}, 0o600))
}

// broad: from now on the story's token is for the workspaces ws_one and ws_two.
func (s *stack) broad(ts *testscript.TestScript, _ bool, _ []string) {
	token, err := auth.Mint(context.Background(), s.db, os.Getenv("TOKENS_TABLE"), auth.Grant{Workspaces: []string{"ws_one", "ws_two"}, Scopes: auth.Scopes})
	ts.Check(err)
	ts.Setenv("KEEPSAKE_TOKEN", token)
}

// api WHAT …: what somebody else does, who does not use this program.
func (s *stack) api(ts *testscript.TestScript, _ bool, args []string) {
	switch args[0] {
	case "create":
		value, err := strconv.Unquote(`"` + args[2] + `"`)
		ts.Check(err)
		s.call(ts, "POST", "/v1/secrets", "", map[string]any{"name": args[1], "kind": "generic", "value": value})
	case "alias":
		n, err := strconv.Atoi(args[3])
		ts.Check(err)
		path := "/v1/secrets/" + args[1]
		s.call(ts, "PATCH", path, s.etag(ts, path), map[string]any{"version_aliases": map[string]int{args[2]: n, "stable": 1}})
	case "destroy", "disable":
		path := "/v1/secrets/" + args[1] + "/versions/" + strings.Replace(args[1], "sec_", "secv_", 1) + "_" + args[2]
		s.call(ts, "POST", path+":"+args[0], s.etag(ts, path), nil)
	default:
		ts.Fatalf("the api has no %s", args[0])
	}
}

func (s *stack) etag(ts *testscript.TestScript, path string) string {
	return s.call(ts, "GET", path, "", nil)["etag"].(string)
}

func (s *stack) call(ts *testscript.TestScript, method, path, etag string, body any) map[string]any {
	var text []byte
	if body != nil {
		var err error
		text, err = json.Marshal(body)
		ts.Check(err)
	}
	r, err := http.NewRequestWithContext(context.Background(), method, s.url+path, bytes.NewReader(text))
	ts.Check(err)
	r.Header.Set("Authorization", "Bearer "+ts.Getenv("KEEPSAKE_TOKEN"))
	r.Header.Set("If-Match", etag)
	if etag == "" {
		r.Header.Del("If-Match")
	}
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	response, err := http.DefaultClient.Do(r)
	ts.Check(err)
	defer response.Body.Close()
	var answer map[string]any
	ts.Check(json.NewDecoder(response.Body).Decode(&answer))
	if response.StatusCode >= 300 {
		ts.Fatalf("%s %s: %s", method, path, fmt.Sprint(answer))
	}
	return answer
}

// private FILE: only its owner may read it.
func private(ts *testscript.TestScript, _ bool, args []string) {
	info, err := os.Stat(ts.MkAbs(args[0]))
	ts.Check(err)
	if runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		ts.Fatalf("%s has the rights %v", args[0], info.Mode())
	}
}

// until FILE TEXT: waits for a program that runs beside the story to have written the text.
func until(ts *testscript.TestScript, _ bool, args []string) {
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(5 * time.Millisecond) {
		text, err := os.ReadFile(ts.MkAbs(args[0]))
		if err == nil && strings.Contains(string(text), args[1]) {
			return
		}
		if time.Now().After(deadline) {
			ts.Fatalf("%s does not have %q: %s", args[0], args[1], text)
		}
	}
}

// polls N: waits until the story's token has made so many more requests.
func (s *stack) polls(ts *testscript.TestScript, _ bool, args []string) {
	n, err := strconv.Atoi(args[0])
	ts.Check(err)
	count := func() int {
		s.mu.Lock()
		defer s.mu.Unlock()
		return s.asked[ts.Getenv("KEEPSAKE_TOKEN")]
	}
	for want, deadline := count()+n, time.Now().Add(time.Minute); count() < want; time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			ts.Fatalf("nobody polls")
		}
	}
}
