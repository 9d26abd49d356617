package audit_test

import (
	"context"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"keepsake/infra/cloudtest"
	"keepsake/shared/audit"
	"keepsake/shared/secret"
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// table is a test's own audit table: as a function that appends to it, and as the stack's
// owner, who alone can read it.
func table(t *testing.T) (function, owner *dynamodb.Client, name string) {
	t.Helper()
	const writer = "access-secret-version"
	cloud := cloudtest.Start(t)
	return dynamodb.NewFromConfig(cloud.ConfigOf(writer)), dynamodb.NewFromConfig(cloud.Config()), cloud.Function(writer).Environment["AUDIT_TABLE"]
}

// small ends every page after two lines.
type small struct{ *dynamodb.Client }

func (s small) Query(ctx context.Context, in *dynamodb.QueryInput, options ...func(*dynamodb.Options)) (*dynamodb.QueryOutput, error) {
	in.Limit = aws.Int32(2)
	return s.Client.Query(ctx, in, options...)
}

func TestATrailIsReadAsItWasWrittenOldestFirst(t *testing.T) {
	function, owner, name := table(t)
	ref := secret.NewRef("ws_a", noon)
	var want []audit.Line
	for i := range 4 {
		want = append(want, audit.Line{
			Ref: ref, Version: "2", Outcome: audit.Denied, Reason: "DISABLED",
			By: secret.Stamp{
				Operation: "access-secret-version", Principal: "tok_x", RequestID: "r", InvocationID: "i",
				SourceIP: "192.0.2.1", ViewerIP: "2001:db8::1",
				TraceID: "4bf92f3577b34da6a3ce929d0e0e4736", At: noon.Add(time.Duration(i) * time.Second),
			},
		})
	}
	want = append(want, audit.Line{
		Ref: ref, Outcome: audit.Allowed,
		By:    secret.Stamp{Operation: "purge", Principal: "service:purge-due", At: noon.Add(time.Hour)},
		Purge: &audit.Purge{Mechanism: secret.BySchedule, Versions: 3, DeletedBy: "tok_x", DeletedAt: noon},
	})
	trail := audit.New(function, name)
	for _, i := range []int{3, 0, 4, 2, 1} {
		if err := trail.Append(t.Context(), want[i]); err != nil {
			t.Fatal(err)
		}
	}
	got, err := audit.NewReader(small{owner}, name).Read(t.Context(), ref)
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("read\n%+v, %v; want\n%+v", got, err, want)
	}
}

func TestAFunctionCannotReadTheTrail(t *testing.T) {
	function, _, name := table(t)
	lines, err := audit.NewReader(function, name).Read(t.Context(), secret.Ref{Workspace: "ws_a", ID: "sec_a"})
	if err == nil || !strings.Contains(err.Error(), "AccessDeniedException") {
		t.Errorf("read %+v, %v", lines, err)
	}
}

func TestATrailHasNoLineOfAnotherSecretOrWorkspace(t *testing.T) {
	function, owner, name := table(t)
	ref := secret.Ref{Workspace: "ws_a", ID: "sec_a"}
	trail := audit.New(function, name)
	for _, other := range []secret.Ref{{Workspace: "ws_b", ID: "sec_a"}, {Workspace: "ws_a", ID: "sec_b"}, {Workspace: "ws_a", ID: "sec_aa"}} {
		if err := trail.Append(t.Context(), audit.Line{Ref: other, Outcome: audit.Allowed, By: secret.Stamp{At: noon}}); err != nil {
			t.Fatal(err)
		}
	}
	if lines, err := audit.NewReader(owner, name).Read(t.Context(), ref); err != nil || len(lines) != 0 {
		t.Errorf("read %+v, %v; want nothing", lines, err)
	}
}
