package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

const program = `package main

import "fmt"

const word = "good"

const (
	half  = "x"
	whole = half + "y"
	size  = 3
)

var list [size]int

type thing struct{ n int }

// get has a comment.
func (t thing) get() int { return t.n }

func (thing) nameless() int { return 1 }

func sum(all ...int) (total int) {
	for _, n := range all {
		total += n
	}
	return total
}

func first[A any](a A, _ int) A { return a }

func same[A any](a A) A { return a }

func say(text string) { fmt.Print(text, " ") }

func main() {
	say(word)
	say(whole)
	say(fmt.Sprint(thing{7}.get(), thing{}.nameless(), sum(1, 2), first(5, 0), same(4), len(list)))
}
`

// edits are faults of the program, and what it prints with each; empty: the fault must be compiled alone.
var edits = []struct{ old, new, want string }{
	{`word = "good"`, `word = "bad"`, "bad xy 7 1 3 5 4 3"},
	{`half  = "x"`, `half  = "z"`, "good zy 7 1 3 5 4 3"},
	{`return t.n }`, `return -t.n }`, "good xy -7 1 3 5 4 3"},
	{`total += n`, `total -= n`, "good xy 7 1 -3 5 4 3"},
	{`func same[A any](a A) A { return a }`, `func same[A any](a A) A { var b A; return b }`, "good xy 7 1 3 5 0 3"},
	{`fmt.Print(text, " ")`, `fmt.Print("no ")`, "no no no"},
	{`return 1 }`, `return 2 }`, ""},
	{`first[A any](a A, _ int) A { return a }`, `first[A any](a A, _ int) A { var b A; return b }`, ""},
	{`struct{ n int }`, `struct{ n, m int }`, ""},
}

func TestEachFaultIsAVariantThatTheVariableSwitchesOn(t *testing.T) {
	s, err := readSource("main.go", program)
	if err != nil {
		t.Fatal(err)
	}
	for i, e := range edits {
		if taken := s.add(i+1, strings.Replace(program, e.old, e.new, 1), true); taken != (e.want != "") {
			t.Errorf("%s: woven in %v", e.new, taken)
		}
	}
	folder := t.TempDir()
	write(t, folder, "main.go", s.woven())
	write(t, folder, "planted_fault.go", switchFile("main"))
	write(t, folder, "go.mod", "module x\n\ngo 1.26\n")
	build := exec.Command("go", "build", "-o", "program")
	build.Dir = folder
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%s\n%s", out, s.woven())
	}
	say := func(fault string) string {
		run := exec.Command(filepath.Join(folder, "program"))
		run.Env = append(os.Environ(), switchName+"="+fault)
		out, _ := run.CombinedOutput()
		return strings.TrimSpace(string(out))
	}
	for i, e := range edits {
		if e.want != "" && say(string(rune('1'+i))) != e.want {
			t.Errorf("%s: it says %q, want %q", e.new, say(string(rune('1'+i))), e.want)
		}
	}
	if got := say(""); got != "good xy 7 1 3 5 4 3" {
		t.Errorf("without a fault it says %q", got)
	}
}
