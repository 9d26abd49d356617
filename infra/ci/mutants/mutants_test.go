package main

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"keepsake/infra/cloud/host"
)

// TestEveryFaultFitsTheCodeAndItsTestsAreThere keeps the lists from going stale: the text that a fault
// replaces occurs in the code exactly once, and each test that must find it exists.
func TestEveryFaultFitsTheCodeAndItsTestsAreThere(t *testing.T) {
	root, err := host.FindUp("go.mod")
	if err != nil {
		t.Fatal(err)
	}
	var faults []fault
	for folder, least := range map[string]int{".": 200, "../judge/faults": 10} {
		listed, err := readLists(folder)
		if err != nil {
			t.Fatal(err)
		}
		if len(listed) < least {
			t.Errorf("%s has only %d faults", folder, len(listed))
		}
		faults = append(faults, listed...)
	}
	for _, f := range faults {
		if _, err := f.apply(root); err != nil {
			t.Error(err)
		}
		known := testsOf(t, filepath.Join(root, f.testsIn))
		for name := range strings.SplitSeq(f.tests, "|") {
			if !known[name] {
				t.Errorf("%s: %q: %s has no test %s", f.list, f.name, f.testsIn, name)
			}
		}
	}
}

var testName = regexp.MustCompile(`(?m)^func (Test\w+)\(t \*testing\.T\)`)

// testsOf returns the names of a package's tests.
func testsOf(t *testing.T, folder string) map[string]bool {
	t.Helper()
	files, _ := filepath.Glob(filepath.Join(folder, "*_test.go"))
	names := map[string]bool{}
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, found := range testName.FindAllStringSubmatch(string(content), -1) {
			names[found[1]] = true
		}
	}
	return names
}

const good = "it is broken\nin p: func f\nby q: TestA|TestB\n- old\n-  older\n+ new\n"

func TestAListIsReadAsItIsWritten(t *testing.T) {
	faults, err := parse("l.txt", "# a remark\n\n"+good+"\nanother\nin p/f.go\nby q: TestA\n- x\n")
	if err != nil || len(faults) != 2 {
		t.Fatal(faults, err)
	}
	want := fault{"it is broken", "p", "func f", "old\n older", "new", "q", "TestA|TestB", "l.txt:3"}
	if faults[0] != want || faults[1].new != "" || faults[1].within != "" {
		t.Errorf("read %+v", faults)
	}
}

func TestAFaultThatLacksALineIsRefused(t *testing.T) {
	for _, line := range []string{"in p: func f\n", "by q: TestA|TestB\n", "- old\n-  older\n"} {
		if _, err := parse("l.txt", strings.Replace(good, line, "", 1)); err == nil {
			t.Errorf("without %q it is taken", line)
		}
	}
	for _, text := range []string{good + "? what\n", strings.Replace(good, ": TestA|TestB", "", 1)} {
		if _, err := parse("l.txt", text); err == nil {
			t.Errorf("taken: %s", text)
		}
	}
}

func TestOneNameIsOneFault(t *testing.T) {
	folder := t.TempDir()
	write(t, folder, "a.txt", good)
	write(t, folder, "b.txt", good)
	if _, err := readLists(folder); err == nil || !strings.Contains(err.Error(), "a.txt") {
		t.Error(err)
	}
}

func write(t *testing.T, folder, name, content string) {
	t.Helper()
	if err := os.MkdirAll(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, name), []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

// planted plants f in a repository of two files.
func planted(t *testing.T, f fault) (edited, error) {
	t.Helper()
	root := t.TempDir()
	write(t, filepath.Join(root, "p"), "a.go", "func f() {\n\tx = 1\n}\n\nfunc g() {\n\tx = 1\n\ty = 2\n}\n")
	write(t, filepath.Join(root, "p"), "b.go", "const z = 3\n")
	write(t, filepath.Join(root, "p"), "b_test.go", "const z = 3\n")
	return f.apply(root)
}

func TestAFaultIsPlantedWhereItsTextStandsOnce(t *testing.T) {
	for want, f := range map[edited]fault{
		{"p/a.go", "func f() {\n\tx = 1\n}\n\nfunc g() {\n\tx = 1\n\ty = 5\n}\n"}: {in: "p", old: "y = 2", new: "y = 5"},
		{"p/a.go", "func f() {\n\tx = 1\n}\n\nfunc g() {\n\tx = 5\n\ty = 2\n}\n"}: {in: "p", within: "func g", old: "x = 1", new: "x = 5"},
		{"p/a.go", "func f() {\n\n}\n\nfunc g() {\n\tx = 1\n\ty = 2\n}\n"}:        {in: "p/a.go", within: "func f", old: "\tx = 1"},
		{"p/b.go", "const z = 4\n"}: {in: "p", old: "z = 3", new: "z = 4"},
	} {
		if got, err := planted(t, f); err != nil || got != want {
			t.Errorf("%+v: %q, %v", f, got, err)
		}
	}
}

func TestAFaultThatFitsNowhereOrTwiceIsRefused(t *testing.T) {
	for _, f := range []fault{
		{in: "p", old: "x = 1"}, {in: "p", old: "x = 2"}, {in: "p", within: "func f", old: "y = 2"},
		{in: "p", within: "func h", old: "y = 2"}, {in: "p/b.go", old: "y = 2"}, {in: "q", old: "y = 2"},
	} {
		if got, err := planted(t, f); err == nil {
			t.Errorf("%+v: %q", f, got)
		}
	}
}

func TestWhatATestRunSaysIsJudged(t *testing.T) {
	failed := errors.New("exit status 1")
	for _, c := range []struct {
		out    string
		err    error
		want   verdict
		detail string
	}{
		{"PASS\n", nil, survived, ""},
		{"testing: warning: no tests to run\nPASS\n", nil, absent, "there are no such tests"},
		{"--- FAIL: TestA (0.1s)\n    --- FAIL: TestA/b\nFAIL\n", failed, killed, "TestA"},
		{"panic: nil map\n\ngoroutine 1\n", failed, killed, "panic: nil map"},
	} {
		if got := judge(c.out, c.err); got.verdict != c.want || got.detail != c.detail {
			t.Errorf("%q: %s (%s)", c.out, got.verdict, got.detail)
		}
	}
}

func TestOnlyARunInWhichEachFaultIsFoundIsGood(t *testing.T) {
	for _, v := range []verdict{killed, survived, broken, absent} {
		var out strings.Builder
		r := report{out: &out}
		r.add(result{fault: fault{name: "it is broken"}, verdict: v})
		if err := r.end(2, 0); (err == nil) != (v == killed) {
			t.Errorf("%s: %v", v, err)
		}
		if !strings.Contains(out.String(), "1 faults planted") || !strings.Contains(out.String(), "1 left out") {
			t.Errorf("%s: %s", v, out.String())
		}
	}
}

func TestASampleIsTheSameForTheSameSeed(t *testing.T) {
	var faults []fault
	for _, name := range strings.Fields("a b c d e f g h") {
		faults = append(faults, fault{name: name})
	}
	draw := func(seed uint64) (names string) {
		picked, err := choice{sample: 4, seed: seed}.pick("", append([]fault(nil), faults...), &strings.Builder{})
		if err != nil || len(picked) != 4 {
			t.Fatal(picked, err)
		}
		for _, f := range picked {
			names += f.name
		}
		return names
	}
	first, again, other := draw(1), draw(1), draw(2)
	if first != again || first == other {
		t.Errorf("drawn: %s, %s, %s", first, again, other)
	}
}

func TestOfManyFaultsThatAChangeTouchesThoseInChangedFilesAreFirst(t *testing.T) {
	root := t.TempDir()
	write := func(name, text string) {
		t.Helper()
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	git := func(args ...string) {
		t.Helper()
		command := exec.Command("git", append([]string{"-c", "user.name=t", "-c", "user.email=t@example.com"}, args...)...)
		command.Dir = root
		if out, err := command.CombinedOutput(); err != nil {
			t.Fatalf("git %v: %v: %s", args, err, out)
		}
	}
	write("a/same.go", "package a\n\nfunc same() int { return 1 }\n")
	write("b/far.go", "package b\n\nfunc far() int { return 1 }\n")
	git("init", "-q")
	git("add", "-A")
	git("commit", "-q", "-m", "first")
	write("a/new.go", "package a\n\nfunc fresh() int { return 1 }\n")
	at := func(name, in, code string) fault {
		return fault{name: name, list: "x.txt:1", in: in, within: code, old: "return 1", new: "return 2", testsIn: in}
	}
	faults := []fault{at("far", "b", "func far"), at("same", "a", "func same"), at("new", "a", "func fresh")}
	for most, want := range map[int]string{0: "new same far", 1: "new far", 2: "new same far"} {
		picked, err := choice{changed: "HEAD", most: most, sample: 1, seed: 1}.pick(root, slices.Clone(faults), &strings.Builder{})
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, f := range picked {
			names = append(names, f.name)
		}
		if got := strings.Join(names, " "); got != want {
			t.Errorf("at most %d: %s, want %s", most, got, want)
		}
	}
}

func TestAChangeTouchesItsPackagesFaultsItsTestsAndItsLists(t *testing.T) {
	f := fault{in: "shared/store/keys.go", testsIn: "shared/api", list: "store.txt:7"}
	for file, want := range map[string]bool{
		"shared/store/list.go": true, "shared/api/x_test.go": true, "infra/ci/mutants/store.txt": true,
		"shared/store/x/y.go": false, "shared/job/job.go": false, "infra/ci/mutants/auth.txt": false, "README.md": false,
	} {
		if f.touchedBy(file) != want {
			t.Errorf("%s: %v", file, !want)
		}
	}
}
