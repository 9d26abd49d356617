package page

import (
	"encoding/xml"
	"errors"
	"flag"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"
)

var update = flag.Bool("update", false, "write the golden files anew")

// golden compares text with a file.
func golden(t *testing.T, name, text string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if text != string(want) {
		t.Errorf("%s is now\n%s\nRun `go test -update` if that is right.", name, text)
	}
}

func figures() Figures {
	mb := func(n int) Memory { return Memory{Fresh: n * 1e6, Warm: 3 * n * 1e6} }
	return Figures{
		Commit: "0123456789", Date: "2026-11-26", Machine: "2 cores (amd64), load 0.10 before and 1.90 after",
		Warm: []Warm{
			{"get", 1.22, 1.17, 1.26, 1.39, 427, [3]Memory{mb(10), mb(9), mb(6)}},
			{"list, 50", 1.68, 1.42, 1.75, 1.82, 1450, [3]Memory{mb(10), mb(9), mb(6)}},
			{"delete", 1.21, 1.15, 1.5, 1.3, 500, [3]Memory{mb(10), mb(9), mb(6)}},
		},
		Cold: []Cold{{"get", 5.7, 3.2, 0.068, 1.7, 3.3}, {"delete", 5.5, 3.1, 0, 0, 0}},
		Counted: []Counted{
			{"get", [][]string{{"dynamodb:GetItem"}}, 1, 0, [][]string{{"dynamodb:GetItem"}}, 1, 0, 563},
			{"access, latest", [][]string{{"dynamodb:Query"}, {"dynamodb:PutItem", "kms:Decrypt"}}, 2.5, 1, [][]string{{"dynamodb:Query"}}, 2, 1, 658},
			{"purge-due", [][]string{{"dynamodb:Query"}, {"dynamodb:Query"}}, 1, 0, [][]string{{"dynamodb:Query"}, {"dynamodb:Query"}}, 1, 0, 470},
			{"validate token", nil, 0, 0, nil, 0, 0, 490},
		},
		Growth: []Growth{
			{"get", 100, 0, 1, 1, 0, 1, 1}, {"get", 1000000, 0.9, 1, 1, 0, 1, 1.04}, {"get", 10000, 0, 10000, 3, 0, 2, 1.1},
		},
		Beside: []Beside{{"setec", map[Deed]float64{Delete: 600}, 22e6}},
		Notes:  []string{"OpenBao is left out: it cannot be installed from PyPI."},
	}
}

func TestThePageShowsAllFigures(t *testing.T) {
	golden(t, "page.golden", Markdown(Figures{}, figures()))
}

func TestTheChartsShowTheFiguresOfBeforeToo(t *testing.T) {
	before := figures()
	before.Warm[0].Ratio = 1.5
	for name, chart := range Charts(before, figures()) {
		golden(t, name, chart)
		for decoder := xml.NewDecoder(strings.NewReader(chart)); ; {
			if _, err := decoder.Token(); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
		}
	}
}

func TestWhatIsMoreThan15PercentWorseIsSaidInWords(t *testing.T) {
	before, now := figures(), figures()
	if got := Worse(before, now); got != nil {
		t.Errorf("the same figures are worse: %q", got)
	}
	before.Warm[0].Ratio = 1.07 // 14 % more now
	before.Warm[1].Ratio = 1.4  // 20 %
	before.Cold[0].FirstToBare = 0.05
	before.Counted[1].ReadUnits = 2
	before.Growth[1].Ratio = 0.5
	want := []string{
		"The processor time of a warm list, 50, to a bare function's: 1.68; it was 1.40 (20 % worse).",
		"The first call of get, to a bare function's: 0.07; it was 0.05 (36 % worse).",
		"The read units of access, latest: 2.50; it was 2 (25 % worse).",
		"The processor time of get with 1,000,000 rows, 90 % deleted, to a small table's: 1.04; it was 0.50 (108 % worse).",
	}
	if got := Worse(before, now); !reflect.DeepEqual(got, want) {
		t.Errorf("it says %q, want %q", got, want)
	}
	text := Markdown(before, now)
	for _, sentence := range want {
		if at := strings.Index(text, "- "+sentence+"\n"); at < 0 || at > strings.Index(text, "## A warm call") {
			t.Errorf("the page does not begin with %q", sentence)
		}
	}
}

func TestWhatWasNotMeasuredBeforeOrIsNotNowIsNotWorse(t *testing.T) {
	for _, pair := range [][2]Figures{{{}, figures()}, {figures(), {}}} {
		if got := Worse(pair[0], pair[1]); got != nil {
			t.Errorf("it says %q", got)
		}
	}
}

func TestRatiosAreOfPairsAndTheirMiddleCounts(t *testing.T) {
	ms := func(all ...int) (out []time.Duration) {
		for _, n := range all {
			out = append(out, time.Duration(n)*time.Millisecond)
		}
		return out
	}
	over, under := ms(2, 40, 3, 100, 5), ms(1, 10, 1, 20, 0) // ratios 2, 4, 3, 5; the last pair has none
	if got := MedianRatio(over, under); got != 3 {
		t.Errorf("the median is %v", got)
	}
	if low, high := Quartiles(over, under); low != 2 || high != 4 {
		t.Errorf("the quartiles are %v and %v", low, high)
	}
	if got := MedianRatio(nil, nil); got != 0 {
		t.Errorf("no pairs have the median %v", got)
	}
	if got := Least(ms(9, 1, 5)); got != time.Millisecond {
		t.Errorf("the least is %v", got)
	}
	if got := Median(ms(9, 1, 5)); got != 5*time.Millisecond {
		t.Errorf("the median is %v", got)
	}
}

func TestASequenceSaysWhatComesTogetherAndWhatOften(t *testing.T) {
	for want, steps := range map[string][][]string{
		"no call":                     nil,
		"Query":                       {{"dynamodb:Query"}},
		"2 × Query, then Put + Open":  {{"d:Query"}, {"d:Query"}, {"d:Put", "k:Open"}},
		"Query, then Put, then Query": {{"d:Query"}, {"d:Put"}, {"d:Query"}},
	} {
		if got := sequence(steps); got != want {
			t.Errorf("%v is %q, want %q", steps, got, want)
		}
	}
}
