package stream

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"keepsake/infra/template"
)

func TestARecordReachesTheFunctionInLambdasForm(t *testing.T) {
	w := newWatch(t, "")
	w.put("a", "meta", row{
		"bytes": &types.AttributeValueMemberB{Value: []byte{0, 1, 2}}, "set": &types.AttributeValueMemberSS{Value: []string{"x<y"}},
		"inner": &types.AttributeValueMemberM{Value: row{"no": &types.AttributeValueMemberNULL{Value: true}}},
	})
	w.put("a", "meta", past)
	w.remove("a", "meta")
	w.start()
	w.until("three records", func() bool { return len(w.names()) == 3 })

	all := w.records()
	for i, name := range []string{"INSERT", "MODIFY", "REMOVE"} {
		r := all[i]
		if r.EventName != name || r.EventSource != "aws:dynamodb" || r.EventID == "" || r.EventVersion == "" || r.AWSRegion != template.Region ||
			r.EventSourceArn != template.TableARN("ThingsTable")+"/stream/local" || r.UserIdentity != nil {
			t.Errorf("record %d is %+v", i, r)
		}
		c := r.Change
		if c.Keys["pk"].String() != "a" || c.SequenceNumber == "" || c.SizeBytes == 0 || c.StreamViewType != "NEW_AND_OLD_IMAGES" ||
			time.Since(c.ApproximateCreationDateTime.Time).Abs() > time.Hour {
			t.Errorf("its change is %+v", c)
		}
	}
	old := all[1].Change.OldImage
	if !slices.Equal(old["bytes"].Binary(), []byte{0, 1, 2}) || !slices.Equal(old["set"].StringSet(), []string{"x<y"}) || !old["inner"].Map()["no"].IsNull() {
		t.Errorf("the old image is %v", old)
	}
	if len(all[0].Change.OldImage) > 0 || all[1].Change.NewImage["ttl"].Number() != "1700000000" || len(all[2].Change.NewImage) > 0 {
		t.Errorf("the images are those of %v", all)
	}
	if strings.Contains(string(w.got[0]), "userIdentity") || strings.Contains(string(w.got[0]), `DateTime":1.`) {
		t.Errorf("the event is %s", w.got[0])
	}
}

func TestOnlyARowThatExpiresReachesAFunctionThatFiltersForIt(t *testing.T) {
	w := newWatch(t, onlyExpired)
	w.start()
	w.put("expires", "meta", past)
	w.put("is deleted", "meta", past)
	w.put("expires", "v#1", past) // another kind of row
	w.remove("is deleted", "meta")
	if err := w.engine.SweepTTL(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.put("comes later", "meta", past)
	if err := w.engine.SweepTTL(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.until("two records", func() bool { return len(w.names()) >= 2 })
	all := w.records()
	for i, pk := range []string{"expires", "comes later"} {
		who := all[i].UserIdentity
		if all[i].EventName != "REMOVE" || all[i].Change.Keys["pk"].String() != pk || who == nil || who.Type != "Service" || who.PrincipalID != "dynamodb.amazonaws.com" {
			t.Errorf("record %d is %+v by %v", i, all[i], who)
		}
	}
	if len(all) != 2 {
		t.Errorf("the function was given %d records, want 2", len(all))
	}
}

func TestBatchesAreNoLargerThanTheTemplateSays(t *testing.T) {
	w := newWatch(t, "            BatchSize: 3\n")
	for i := range 8 {
		w.put(fmt.Sprint(i), "meta", nil)
	}
	w.start()
	w.until("eight records", func() bool { return len(w.names()) == 8 })
	var sizes []int
	for _, event := range w.got {
		sizes = append(sizes, len(numbersIn(event)))
	}
	if !slices.Equal(sizes, []int{3, 3, 2}) {
		t.Errorf("the batches have %v records", sizes)
	}
}

func TestAfterARestartNothingIsLostAndWhatWasDoneStaysDone(t *testing.T) {
	w := newWatch(t, "")
	for i := range 4 {
		w.put(fmt.Sprint(i+1), "meta", nil)
	}
	w.respond = poisoned("3") // for as long as this stack runs
	stop := w.start()
	w.until("a retry of the third", func() bool { return len(w.names()) > 4 })
	stop()
	before := len(w.names())
	w.put("5", "meta", nil)

	w.respond = nil
	stop = w.start()
	w.until("the last", func() bool { return slices.Contains(w.names(), "5") })
	if again := w.names()[before:]; !slices.Equal(again, []string{"3", "4", "5"}) {
		t.Errorf("after the restart the function was given %q", again)
	}
	stop()
	w.put("6", "meta", nil)
	w.start()
	w.until("another", func() bool { return slices.Contains(w.names(), "6") })
	if all := w.names(); all[len(all)-2] != "5" {
		t.Errorf("the last of %q came twice", all)
	}
}

func TestAPositionInAnotherDatabaseCountsForNothing(t *testing.T) {
	w := newWatch(t, "")
	w.put("a", "meta", nil)
	stop := w.start()
	w.until("a record", func() bool { return len(w.names()) == 1 })
	stop()
	other := newWatch(t, "")
	other.folder = w.folder
	other.put("b", "meta", nil)
	other.start()
	other.until("its record", func() bool { return len(other.names()) == 1 })
}

func TestAPositionThatCannotBeReadIsTheBeginning(t *testing.T) {
	w := newWatch(t, "")
	w.put("a", "meta", nil)
	if err := os.MkdirAll(filepath.Join(w.folder, "streams"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(w.folder, "streams", "watch-things.json"), []byte(`{"stream":"arn:`), 0o600); err != nil {
		t.Fatal(err)
	}
	w.start()
	w.until("a record", func() bool { return len(w.names()) == 1 })
}

func TestWhatIsGivenUpIsSentToTheQueueAndTheNextGoOn(t *testing.T) {
	w := newWatch(t, "            MaximumRetryAttempts: 2\n            BisectBatchOnFunctionError: true\n")
	for i := range 3 {
		w.put(fmt.Sprint(i+1), "meta", nil)
	}
	w.respond = poisoned("2")
	stop := w.start()
	w.put("4", "meta", nil)
	w.until("the last", func() bool {
		at, err := bookmark{path: filepath.Join(w.folder, "streams", "watch-things.json")}.load()
		w.mu.Lock()
		defer w.mu.Unlock()
		return err == nil && at.Sequence != "" && at.Sequence == w.number["4"]
	})
	stop()

	content, err := os.ReadFile(filepath.Join(w.folder, "queues", "Lost.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	var m struct {
		RequestContext     map[string]any
		ResponseContext    map[string]any
		Version, Timestamp string
		DDBStreamBatchInfo map[string]any
	}
	if err := json.Unmarshal(content, &m); err != nil || strings.Count(string(content), "\n") != 1 {
		t.Fatalf("the queue has %s: %v", content, err)
	}
	want := map[string]any{
		"functionArn": template.FunctionARN("watch-things"), "condition": "RetryAttemptsExhausted", "approximateInvokeCount": 3.0,
		"startSequenceNumber": w.number["2"], "endSequenceNumber": w.number["2"], "batchSize": 1.0, "statusCode": 200.0, "executedVersion": "$LATEST",
	}
	for _, part := range []map[string]any{m.RequestContext, m.ResponseContext, m.DDBStreamBatchInfo} {
		for name, value := range part {
			if want[name] != nil && want[name] != value {
				t.Errorf("%s is %v, want %v", name, value, want[name])
			}
			delete(want, name)
		}
	}
	if len(want) > 0 || m.Version != "1.0" {
		t.Errorf("%s lacks %v", content, want)
	}
	for _, name := range []string{"approximateArrivalOfFirstRecord", "approximateArrivalOfLastRecord"} {
		if _, err := time.Parse(time.RFC3339, fmt.Sprint(m.DDBStreamBatchInfo[name])); err != nil {
			t.Error(err)
		}
	}
	if !strings.Contains(w.log.String(), "watch-things: gave up 1 records of ThingsTable") ||
		!strings.Contains(w.log.String(), "(RetryAttemptsExhausted after 3 attempts)") {
		t.Errorf("the log says %s", &w.log)
	}
}

func TestWhyRecordsWaitIsLoggedOnce(t *testing.T) {
	w := newWatch(t, "")
	w.put("a", "meta", nil)
	tries := 0
	w.respond = func([]string) (string, error) {
		if tries++; tries < 4 {
			return "", errors.New("no functions today")
		}
		return "", nil
	}
	stop := w.start()
	w.until("the fourth try", func() bool { return len(w.names()) == 4 })
	stop()
	if n := strings.Count(w.log.String(), "no functions today"); n != 1 {
		t.Errorf("the log says it %d times: %s", n, &w.log)
	}
}

func TestAStopLetsTheFunctionEndAndBeginsNothing(t *testing.T) {
	w := newWatch(t, "            BatchSize: 1\n")
	w.put("1", "meta", nil)
	w.put("2", "meta", nil)
	begun, goOn := make(chan struct{}), make(chan struct{})
	w.respond = func([]string) (string, error) {
		close(begun)
		<-goOn
		return "", nil
	}
	stop := w.start()
	w.await(begun)
	w.cancel()
	close(goOn)
	stop()
	w.respond = nil
	w.start()
	w.until("the second", func() bool { return slices.Contains(w.names(), "2") })
	if got := w.names(); !slices.Equal(got, []string{"1", "2"}) {
		t.Errorf("the function was given %q", got)
	}
}

func TestAStopWaitsNoLongerThanTheDrainTimeAndTheRecordsComeAgain(t *testing.T) {
	w := newWatch(t, "")
	w.put("a", "meta", nil)
	begun := make(chan struct{})
	c := w.config()
	c.Drain = time.Millisecond
	c.Invoke = func(ctx context.Context, _ string, _ []byte) ([]byte, error) {
		close(begun)
		<-ctx.Done()
		return nil, ctx.Err()
	}
	stop := w.startWith(c)
	w.await(begun)
	stop()
	w.start()
	w.until("the record", func() bool { return len(w.names()) == 1 })
	if w.log.Len() > 0 {
		t.Errorf("the log says %s", &w.log)
	}
}

func TestAFilterThatIsNotSupportedIsFoundBeforeAnythingStarts(t *testing.T) {
	w := newWatch(t, `            FilterCriteria: {Filters: [{Pattern: '{"eventName":[{"suffix":"E"}]}'}]}`+"\n")
	_, err := New(Config{Positions: t.TempDir(), Queues: t.TempDir()}, w.template.Functions)
	if err == nil || !strings.Contains(err.Error(), "WatchThingsFunction: the filter ") || !strings.Contains(err.Error(), `does not support {"suffix":"E"}`) {
		t.Errorf("error %v", err)
	}
}
