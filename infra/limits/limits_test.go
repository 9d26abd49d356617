package main

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"keepsake/infra/bench/play"
	"keepsake/infra/bench/stage"
	"keepsake/infra/limits/partition"
	"keepsake/infra/limits/trace"
	"keepsake/shared/secret"
)

const root = "../.."

func TestMain(m *testing.M) {
	play.Function()
	os.Exit(m.Run())
}

// stored reads the stored data once.
var stored = sync.OnceValues(func() (data, error) { return readData(root) })

// played is what a test has played: the others need not do it again.
var played = map[string][2]partition.Limit{}

func readModel(t *testing.T) model {
	t.Helper()
	d, err := stored()
	if err != nil {
		t.Fatal(err)
	}
	m := newModel(d)
	m.played = played
	return m
}

func read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestThePageIsWhatTheDataGives(t *testing.T) {
	page, err := writePage(root, readModel(t))
	if err != nil {
		t.Fatal(err)
	}
	if read(t, pageFile) != string(page) {
		t.Errorf("%s is not what the data gives: run make limits", pageFile)
	}
}

func TestTheStoredKeysAreThoseThatTheCodeWrites(t *testing.T) {
	s, err := stage.Open(t.Context(), stage.PlayedBy(os.Args[0], "PLANTED_FAULT"))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	fresh, err := trace.All(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	before := readModel(t).traces
	if len(fresh) != len(before) {
		t.Errorf("%d cases are traced, %d are stored: run make limits", len(fresh), len(before))
	}
	for _, now := range fresh {
		was := before[now.Case]
		if now.KMS != was.KMS || len(now.Touches)+len(was.Touches) > 0 && !reflect.DeepEqual(now.Touches, was.Touches) {
			t.Errorf("%s touches other keys: run make limits\nnow    %s\nstored %s", now.Case, text(t, now), text(t, was))
		}
	}
}

func text(t *testing.T, v any) string {
	t.Helper()
	out, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

func TestTheKeysHaveAllUnitsThatThePageAboutCostCounts(t *testing.T) {
	m := readModel(t)
	for _, c := range m.Counts {
		if slices.Contains(trace.Untraced, c.Case) {
			continue
		}
		reads, writes, twice := 0.0, 0.0, 0.0
		for _, touch := range m.trace(c.Case).Touches {
			if !touch.Later {
				reads, writes, twice = reads+touch.Read, writes+touch.Write, twice+touch.Twice
			}
		}
		inTransaction := 0.0
		if strings.Contains(fmt.Sprint(c.Steps), "TransactWriteItems") {
			inTransaction = c.IndexUnits
		}
		if reads != c.ReadUnits || writes != c.WriteUnits || twice != inTransaction {
			t.Errorf("%s: %v read, %v written, %v twice; the page about cost has %v, %v and %v", c.Case, reads, writes, twice, c.ReadUnits, c.WriteUnits, inTransaction)
		}
		if got := m.trace(c.Case).KMS; got != c.Calls("kms") {
			t.Errorf("%s: %d calls of KMS, the page about cost has %d", c.Case, got, c.Calls("kms"))
		}
	}
}

// What one key takes by arithmetic, the play must give, too.
func TestThePlayFindsTheKeyThatArithmeticFinds(t *testing.T) {
	m := readModel(t)
	unit := func(name, place, key string) float64 {
		for _, touch := range m.trace(name).Touches {
			if touch.Place == place && touch.Key == key {
				return touch.Write + touch.Twice
			}
		}
		t.Fatalf("%s does not touch %s of %s", name, key, place)
		return 0
	}
	for name, c := range map[string]struct {
		world
		place, key string
	}{
		"create":         {oneWorkspace, "SecretsTable/list", "{workspace}#active"},
		"delete":         {oneWorkspace, "SecretsTable/trash", "{workspace}#soft_deleted"},
		"access, latest": {oneSecret, "AuditTable", "{workspace}#{secret}"},
	} {
		want := partition.WriteUnits / unit(name, c.place, c.key)
		if _, got := m.play(only(name, c.world), nil, 10_000); math.Abs(got.Rate-want) > want/100 {
			t.Errorf("%s: %v a second by the play, %v by arithmetic", name, got.Rate, want)
		}
	}
}

func TestTheLineOfAChangeTakesNoMoreThanTheChange(t *testing.T) {
	for _, trace := range readModel(t).Traces {
		now, later := 0.0, 0.0
		for _, touch := range trace.Touches {
			switch {
			case touch.Later:
				later += touch.Write
			case touch.Place == "SecretsTable":
				now += touch.Write + touch.Twice
			}
		}
		if later > now {
			t.Errorf("%s: %v units now, %v later", trace.Case, now, later)
		}
	}
}

func TestAReplayOfCreatesIsRefusedBeyondTheLimitOnly(t *testing.T) {
	m := readModel(t)
	sample := m.sample(oneWorkspace, m.parts(only("create", oneWorkspace), nil))
	cloud := partition.New()
	_, limit := cloud.Settle(10_000, func(round int) []partition.Request { return sample(round, sampled) })
	later := func(second, n int) []partition.Request { return sample(100+second, n) }
	if refused := cloud.Replay(int(limit.Rate), 3, later); refused > 0.01 {
		t.Errorf("%.3f are refused at the limit of %.0f a second", refused, limit.Rate)
	}
	if refused := cloud.Replay(int(2*limit.Rate), 3, later); math.Abs(refused-0.5) > 0.02 {
		t.Errorf("%.3f are refused at twice the limit", refused)
	}
}

func TestTheSmallestChangeOfAKeyLiftsCreatesByTen(t *testing.T) {
	m := readModel(t)
	l := lifts[0]
	_, now := m.play(l.load, nil, 10_000)
	if _, then := m.play(l.load, l.change, 10_000); then.Rate < 10*now.Rate {
		t.Errorf("%s: %.0f a second, then %.0f", l.what, now.Rate, then.Rate)
	}
}

func TestEachChangeOfAKeyChangesOneAndLifts(t *testing.T) {
	m := readModel(t)
	for _, l := range lifts {
		_, now := m.play(l.load, nil, 10_000)
		if _, then := m.play(l.load, l.change, 10_000); then.Rate < 2*now.Rate {
			t.Errorf("%s: %.0f a second, then %.0f", l.what, now.Rate, then.Rate)
		}
	}
}

func TestAnAccountEndsWhereItsFirstQuotaDoes(t *testing.T) {
	m := readModel(t)
	for key, want := range map[string]partition.Limit{
		"gateway": {Rate: 100, Key: "API Gateway"}, "kms": {Rate: 50, Key: "KMS"}, // create, with a key: two calls
		"concurrency": {Rate: 1000, Key: "Lambda"}, "table": {Rate: 100.0 / 16, Key: "SecretsTable"},
	} {
		was := m.quotas[key]
		m.quotas[key] = quota{Value: 100}
		if got := m.account(m.trace("create, with a key")); got != want {
			t.Errorf("%s: %v, want %v", key, got, want)
		}
		m.quotas[key] = was
	}
}

func TestIdsInThePlayAreLikeTheServicesAndGrowWithTime(t *testing.T) {
	form := regexp.MustCompile(`^sec_[0-9a-hjkmnp-tv-z]{26}$`)
	real, played := secret.NewRef("ws_x", epoch).ID, idOf(epoch, "seed")
	if !form.MatchString(real) || !form.MatchString(played) {
		t.Errorf("the service's id is %s, the play's %s", real, played)
	}
	for _, made := range []func(time.Time) string{
		func(at time.Time) string { return secret.NewRef("ws_x", at).ID },
		func(at time.Time) string { return idOf(at, "seed") },
	} {
		if made(epoch) >= made(epoch.Add(time.Second)) {
			t.Error("a later id does not come after an earlier one")
		}
	}
}

func TestTheSamePlayGivesTheSameFigures(t *testing.T) {
	first, last := readModel(t).play(loads[2].load, nil, 10_000)
	m := readModel(t)
	m.played = map[string][2]partition.Limit{}
	if f, l := m.play(loads[2].load, nil, 10_000); f != first || l != last {
		t.Errorf("%v and %v, then %v and %v", first, last, f, l)
	}
}

func TestEachQuotaSaysWhereAWSDocumentsIt(t *testing.T) {
	for _, q := range readModel(t).Quotas {
		if !strings.HasPrefix(q.Source, "https://docs.aws.amazon.com/") || q.Value <= 0 || q.Raise == "" {
			t.Errorf("%s: %v, raised %q, source %q", q.Key, q.Value, q.Raise, q.Source)
		}
	}
}

// quoted are the figures that other pages quote, as sentences or cells of tables.
func (m model) quoted() map[string][]string {
	secret := func(name string) string { return m.settled(only(name, oneSecret)) }
	workspace := func(name string) string { return m.settled(only(name, oneWorkspace)) }
	account := func(name string) string { return whole(m.account(m.trace(name)).Rate) }
	digits, trails, weak := m.then(0), m.then(3), m.then(4)
	return map[string][]string{
		"README.md": {"[" + secret(reading) + " times a"},
		"infra/decisions/0042-past-one-region.md": {
			whole(m.Throttle) + " requests a second; in many new accounts Lambda, " + whole(m.quota("new-account")*m.perEnvironment(reading)),
			"| reads of one secret | " + secret("access, latest") + " | its trail",
			"lift it to " + m.upTo(trails) + ", the rows' own limit. Weak reads of the rows would double that",
			"| the same, 64 KiB | " + secret(reading+trace.Large) + " | its rows",
			"| 304 | " + secret("access, 304") + " | its rows",
			"| creates in one workspace | " + workspace("create") + " | one key of `list`",
			m.upTo(digits) + " is full up to " + whole(m.quota("gateway")),
			"| deletes in one workspace | " + workspace("delete") + " | one key of `trash`",
			"| reads in one account | " + account(reading) + " |",
			"| creates in one account | " + account("create") + " |",
			"| erasures | " + whole(m.purgePace(m.PurgesAtOnce)) + " | four at a time",
			"as many as `trash` takes, " + whole(m.purgePace(40)),
			"shard of the stream | " + whole(m.linesPerShard()) + " |",
			fmt.Sprintf("costs $%.2f for the key", m.price("key")),
			fmt.Sprintf("$%.2f in all for a million reads, $%.2f\nfor ten million", m.secondRegion(months[1]), m.secondRegion(months[2])),
			map[bool]string{true: "would double that"}[math.Abs(weak.Rate-2*trails.Rate) < 1],
		},
	}
}

// then is the limit once a change of keys is made.
func (m model) then(n int) partition.Limit {
	_, settled := m.play(lifts[n].load, lifts[n].change, m.quota("gateway"))
	return settled
}

func TestOtherPagesQuoteTheseFigures(t *testing.T) {
	for name, sentences := range readModel(t).quoted() {
		page := read(t, name)
		for _, want := range sentences {
			if want == "" || !strings.Contains(page, want) {
				t.Errorf("%s does not say %q", name, want)
			}
		}
	}
}

func TestChangesOfOneSecretAreAboutAHundredASecond(t *testing.T) { // as decision 42 says
	m := readModel(t)
	for _, name := range []string{"create version", "enable", "disable", "destroy"} {
		if _, l := m.play(only(name, oneSecret), nil, 10_000); l.Rate < 90 || l.Rate > 130 {
			t.Errorf("%s: %.0f a second", name, l.Rate)
		}
	}
}
