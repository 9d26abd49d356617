package main

import (
	"math"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"keepsake/infra/bench/count"
)

const root = "../.."

// logTolerance is by how much a line's length may differ: it has times and ids in it.
const logTolerance = 0.1

func readStored(t *testing.T) data {
	t.Helper()
	d, err := readData(root)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestThePageAndItsChartAreWhatTheDataGives(t *testing.T) {
	d := readStored(t)
	page, err := writePage(root, d)
	if err != nil {
		t.Fatal(err)
	}
	for file, want := range map[string]string{pageFile: string(page), chartFile: chart(newModel(d))} {
		got, err := os.ReadFile(filepath.Join(root, file))
		if err != nil {
			t.Fatal(err)
		}
		if string(got) != want {
			t.Errorf("%s is not what the data gives: run make cost", file)
		}
	}
}

func TestTheStoredCountsAreThoseOfTheCode(t *testing.T) {
	fresh, err := measure(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	stored := readStored(t).Counts
	if len(fresh) != len(stored) {
		t.Fatalf("%d cases are counted, %d are stored: run make cost", len(fresh), len(stored))
	}
	for i, got := range fresh {
		for _, fault := range differences(stored[i], got) {
			t.Errorf("%s: %s: run make cost", got.Case, fault)
		}
	}
}

// differences says how a fresh count differs from the stored one, if it differs by more than chance.
func differences(stored, fresh count.Count) (faults []string) {
	if !near(stored.LogBytes, fresh.LogBytes, logTolerance) {
		faults = append(faults, "the log's line has another length")
	}
	if !near(stored.ResponseBytes, fresh.ResponseBytes, logTolerance) {
		faults = append(faults, "the response has another length")
	}
	stored.LogBytes, stored.ResponseBytes = fresh.LogBytes, fresh.ResponseBytes
	if !reflect.DeepEqual(stored, fresh) {
		faults = append(faults, "the calls or the units are others")
	}
	return faults
}

func TestALengthStaysUntilItReallyChanges(t *testing.T) {
	for fresh, want := range map[int]int{600: 600, 605: 600, 595: 600, 630: 630, 500: 500} {
		got := settle([]count.Count{{Case: "a", LogBytes: 600, ResponseBytes: 600}}, []count.Count{{Case: "a", LogBytes: fresh, ResponseBytes: fresh}})
		if got[0].LogBytes != want || got[0].ResponseBytes != want {
			t.Errorf("%d bytes after 600: %d and %d are stored", fresh, got[0].LogBytes, got[0].ResponseBytes)
		}
	}
	if got := settle(nil, []count.Count{{Case: "b", LogBytes: 7}}); got[0].LogBytes != 7 {
		t.Errorf("a new case has %d bytes, want 7", got[0].LogBytes)
	}
}

func TestACountThatIsStaleIsFound(t *testing.T) {
	for _, was := range readStored(t).Counts {
		for name, spoil := range map[string]func(*count.Count){
			"a call more": func(c *count.Count) {
				c.Steps = append(c.Steps[:len(c.Steps):len(c.Steps)], []string{"dynamodb:GetItem"})
			},
			"a read unit more":  func(c *count.Count) { c.ReadUnits++ },
			"a write unit more": func(c *count.Count) { c.WriteUnits++ },
			"an index entry":    func(c *count.Count) { c.IndexUnits++ },
			"a longer line":     func(c *count.Count) { c.LogBytes += c.LogBytes/5 + 1 },
			"a longer response": func(c *count.Count) { c.ResponseBytes += c.ResponseBytes/5 + 1 },
		} {
			now := was
			spoil(&now)
			if len(differences(was, now)) == 0 {
				t.Errorf("%s: %s is not found", was.Case, name)
			}
		}
		if faults := differences(was, was); faults != nil {
			t.Errorf("%s differs from itself: %v", was.Case, faults)
		}
	}
}

func TestEachFunctionIsCounted(t *testing.T) {
	counted := map[string]bool{
		// What they do is on the page in other words, or costs what the gateway costs.
		"get-console": true, "get-openapi": true, "reject-unknown-route": true, "purge-expired": true,
	}
	for _, c := range readStored(t).Counts {
		counted[c.Function] = true
	}
	folders, err := os.ReadDir(filepath.Join(root, "functions"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range folders {
		if !counted[f.Name()] {
			t.Errorf("%s is not counted", f.Name())
		}
	}
}

func TestTheStackThatIsPaidForIsTheTemplates(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(root, "template.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	s := readStored(t).Stack
	ticks := map[string]float64{"rate(1 minute)": 30 * 24 * 60, "rate(15 minutes)": 30 * 24 * 4}
	want, got := 0.0, 0.0
	for _, m := range regexp.MustCompile(`ScheduleExpression: (.+)`).FindAllStringSubmatch(string(text), -1) {
		want += ticks[m[1]]
	}
	for _, n := range s.Ticks {
		got += n
	}
	for name, c := range map[string]struct{ got, want float64 }{
		"keys":   {s.Keys, float64(strings.Count(string(text), "Type: AWS::KMS::Key\n"))},
		"alarms": {s.Alarms, float64(strings.Count(string(text), "Type: AWS::CloudWatch::Alarm\n"))},
		"metrics that alarms watch": {s.AlarmMetrics, float64(strings.Count(string(text), "      MetricName: ") +
			strings.Count(string(text), "Metric: {Namespace"))},
		"ticks":  {got, want},
		"memory": {s.MemoryMB, 256 * float64(strings.Count(string(text), "MemorySize:\n    Type: Number\n    Default: 256\n"))},
	} {
		if c.got != c.want {
			t.Errorf("%s: the data says %v, the template %v", name, c.got, c.want)
		}
	}
}

func TestTheGatewaysLineIsAsLongAsItsFormatMakesIt(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(root, "template.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	format := regexp.MustCompile(`(?s)Format: >-\n( +\{"requestId".+?\})\n\n`).FindStringSubmatch(string(text))
	if format == nil {
		t.Fatal("the template has no format of the gateway's lines")
	}
	line := regexp.MustCompile(`\s*\n\s*`).ReplaceAllString(strings.TrimSpace(format[1]), " ")
	line = strings.NewReplacer(
		"$context.requestId", "JKJaXmPLvHcESHA=", "$context.requestTimeEpoch", "1795435200000",
		"$context.routeKey", "POST /v1/secrets/{id}/versions/{vid}/access", "$context.status", "200",
		"$context.identity.sourceIp", "2600:9000:2000:1000:abcd:abcd:abcd:abcd", "$context.responseLatency", "12",
		"$context.integrationLatency", "11", "$context.integrationErrorMessage", "-",
	).Replace(line)
	if assumed := readStored(t).Assumptions.GatewayLogBytes; strings.Contains(line, "$") || !near(int(assumed), len(line), logTolerance) {
		t.Errorf("the data says %v bytes, it has %d: %s", assumed, len(line), line)
	}
}

func TestEachPriceHasASourceAndADate(t *testing.T) {
	date := regexp.MustCompile(`^20\d\d-(0[1-9]|1[0-2])$`)
	for _, p := range readStored(t).Prices {
		if p.Source == "" || !date.MatchString(p.Date) || p.Per <= 0 {
			t.Errorf("%s: source %q, date %q, per %v", p.Key, p.Source, p.Date, p.Per)
		}
	}
}

func TestAllowancesAreTakenFromTheWholeMonth(t *testing.T) {
	m := newModel(data{Prices: []price{{Key: "a", Per: 10, Dollars: 1, Free: 20}}})
	for amount, want := range map[float64][2]float64{0: {0, 0}, 20: {2, 0}, 30: {3, 1}} {
		u := usage{"a": amount}
		if got := [2]float64{m.dollars(u), m.withFree(u)}; got != want {
			t.Errorf("%v: %v, want %v", amount, got, want)
		}
	}
}

func TestAnAccessWithCachedKeysIsCheaperThanSecretsManager(t *testing.T) {
	m := newModel(readStored(t))
	const goal = 3.90 // a million, at 99 % hits
	if got := m.perMillion("access, latest of two, keys cached, 99 % hits"); got > goal {
		t.Errorf("$%.2f a million, the goal is %.2f", got, goal)
	}
	if m.breakEven(withCache, 100e6) > 0 {
		t.Error("Secrets Manager is cheaper for many accesses")
	}
}

func TestTheBreakEvenIsWhereBothCostTheSame(t *testing.T) {
	m := newModel(readStored(t))
	for _, accesses := range []float64{0, 1e6, 1e8} {
		fixed, access := m.line(firstMonth)
		secrets := m.breakEven(firstMonth, accesses)
		ours, theirs := fixed+access*accesses, m.theirs(load{secrets: secrets, accesses: accesses})
		if math.Abs(ours-theirs) > 1e-6 {
			t.Errorf("%v accesses, %v secrets: %v and %v", accesses, secrets, ours, theirs)
		}
	}
}

func TestTheReadmeSaysWhatThePageSays(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(root, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	m := newModel(readStored(t))
	idle := together(m.idle())
	tens := func(d float64) string { return dollars(math.Round(10*d) / 10) }
	for _, want := range []string{tens(m.withFree(idle)) + " to " + tens(m.dollars(idle)) + " a month", tens(m.perMillion(latest)) + " a million reads"} {
		if !strings.Contains(string(text), want) {
			t.Errorf("the README does not say %q", want)
		}
	}
}
