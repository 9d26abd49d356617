package bus_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"

	"keepsake/infra/cloudtest/bustest"
	"keepsake/shared/bus"
	"keepsake/shared/secret"
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// onWire returns a bus that is played, and a client of it that does not wait.
func onWire(t *testing.T) (*bustest.Bus, *bus.Bus) {
	t.Helper()
	played := bustest.Start(t)
	client := eventbridge.New(eventbridge.Options{
		Region: "us-east-1", BaseEndpoint: &played.URL, Credentials: credentials.NewStaticCredentialsProvider("a", "b", ""),
		Retryer: aws.NopRetryer{},
	})
	return played, &bus.Bus{API: client, ARN: bustest.ARN, Pause: func(context.Context, time.Duration) {}}
}

func numbered(n int) []secret.Event {
	var all []secret.Event
	for i := range n {
		all = append(all, secret.Event{
			EventID: fmt.Sprint("e", i), Kind: secret.Created, Ref: secret.Ref{Workspace: "ws_1", ID: "sec_1"}, At: noon,
		})
	}
	return all
}

func ids(entries []bustest.Entry) string {
	var all []string
	for _, e := range entries {
		all = append(all, fmt.Sprint(e.Field("id")))
	}
	return strings.Join(all, " ")
}

func TestAnEventSaysWhatHappenedToWhichSecretAndNoMore(t *testing.T) {
	played, b := onWire(t)
	events := []secret.Event{
		{
			EventID: "e1", Kind: secret.Deleted, Ref: secret.Ref{Workspace: "ws_1", ID: "sec_1"}, Principal: "tok_x",
			At: noon.Add(500 * time.Millisecond), PurgeAt: noon.Add(time.Hour),
		},
		{EventID: "e2", Kind: secret.VersionCreated, Ref: secret.Ref{Workspace: "ws_1", ID: "sec_1"}, Version: 3, Principal: "tok_x", At: noon},
		{EventID: "e3", Kind: secret.Purged, Ref: secret.Ref{Workspace: "ws_1", ID: "sec_1"}, At: noon, Mechanism: secret.ByTTL},
	}
	if untold, err := b.Tell(t.Context(), events); len(untold) > 0 || err != nil {
		t.Fatal(untold, err)
	}
	entry := func(kind, detail string) bustest.Entry {
		return bustest.Entry{EventBusName: bustest.ARN, Source: "keepsake", DetailType: kind, Detail: detail, Time: float64(noon.Unix())}
	}
	want := []bustest.Entry{
		entry("Secret Deleted", `{"id":"e1","workspace_id":"ws_1","secret_id":"sec_1","principal":"tok_x","at":1795435200,"purge_at":1795438800}`),
		entry("Secret Version Created", `{"id":"e2","workspace_id":"ws_1","secret_id":"sec_1","version_id":"secv_1_3","principal":"tok_x","at":1795435200}`),
		entry("Secret Purged", `{"id":"e3","workspace_id":"ws_1","secret_id":"sec_1","at":1795435200,"mechanism":"ttl"}`),
	}
	for i, got := range played.Taken() {
		got.Time = float64(int64(got.Time))
		if got != want[i] {
			t.Errorf("the bus was told\n%+v, want\n%+v", got, want[i])
		}
	}
}

func TestEventsArePutInTheirOrderTenInACall(t *testing.T) {
	played, b := onWire(t)
	if untold, err := b.Tell(t.Context(), numbered(23)); len(untold) > 0 || err != nil {
		t.Fatal(untold, err)
	}
	var sizes []int
	for _, call := range played.Calls() {
		sizes = append(sizes, len(call))
	}
	if fmt.Sprint(sizes) != "[10 10 3]" || !strings.HasPrefix(ids(played.Taken()), "e0 e1 e2 ") || !strings.HasSuffix(ids(played.Taken()), " e22") {
		t.Errorf("calls of %v: %s", sizes, ids(played.Taken()))
	}
}

func TestWhatTheBusRefusedIsPutAgainAndNothingElse(t *testing.T) {
	played, b := onWire(t)
	asked := 0
	played.Refuse(func(e bustest.Entry) bool { asked++; return asked <= 3 && e.Field("id") != "e1" })
	if untold, err := b.Tell(t.Context(), numbered(3)); len(untold) > 0 || err != nil {
		t.Fatal(untold, err)
	}
	if got := ids(played.Taken()); got != "e1 e0 e2" || len(played.Calls()) != 2 {
		t.Errorf("the bus has %s after %d calls", got, len(played.Calls()))
	}
}

func TestAnEventThatIsRefusedThreeTimesIsGivenBackAndStopsNoOther(t *testing.T) {
	played, b := onWire(t)
	played.Refuse(func(e bustest.Entry) bool { return e.Field("id") == "e4" })
	untold, err := b.Tell(t.Context(), numbered(12))
	if len(untold) != 1 || untold[0].EventID != "e4" || err == nil || !strings.Contains(err.Error(), "ThrottlingException") {
		t.Errorf("given back are %v, %v", untold, err)
	}
	if len(played.Taken()) != 11 || len(played.Calls()) != 4 {
		t.Errorf("%d events after %d calls", len(played.Taken()), len(played.Calls()))
	}
}

func TestIfTheBusDoesNotAnswerAllEventsAreGivenBack(t *testing.T) {
	played, b := onWire(t)
	played.Fail(500)
	if untold, err := b.Tell(t.Context(), numbered(12)); len(untold) != 12 || err == nil {
		t.Errorf("%d events are given back, %v", len(untold), err)
	}
}

func TestOnceTheTimeIsUpTheRestIsGivenBackAtOnce(t *testing.T) {
	played, b := onWire(t)
	ctx, cancel := context.WithCancel(t.Context())
	played.Refuse(func(bustest.Entry) bool { cancel(); return true })
	untold, err := b.Tell(ctx, numbered(30))
	if len(untold) != 30 || err == nil || len(played.Calls()) > 1 {
		t.Errorf("%d events are given back after %d calls, %v", len(untold), len(played.Calls()), err)
	}
}

func TestThePageAboutEventsNamesEachKindAndEachField(t *testing.T) {
	page, err := os.ReadFile("../../infra/docs/events.md")
	if err != nil {
		t.Fatal(err)
	}
	played, b := onWire(t)
	all := secret.Event{EventID: "e", Ref: secret.Ref{Workspace: "ws_1", ID: "sec_1"}, Version: 1, Principal: "p", At: noon, PurgeAt: noon, Mechanism: secret.ByForce}
	for _, kind := range []secret.EventKind{
		secret.Created, secret.VersionCreated, secret.Deleted, secret.Undeleted, secret.NearPurge, secret.Purged, secret.DeletedRead,
	} {
		all.Kind = kind
		if _, err := b.Tell(t.Context(), []secret.Event{all}); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(page), "| `"+string(kind)+"` |") {
			t.Errorf("the page does not describe %s", kind)
		}
	}
	var fields map[string]any
	if err := json.Unmarshal([]byte(played.Taken()[0].Detail), &fields); err != nil || len(fields) != 8 {
		t.Fatal(fields, err)
	}
	for field := range fields {
		if !strings.Contains(string(page), "`"+field+"`") {
			t.Errorf("the page does not describe the field %s", field)
		}
	}
}
