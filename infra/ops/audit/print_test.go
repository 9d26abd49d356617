package main

import (
	"strings"
	"testing"
	"time"

	"keepsake/shared/audit"
	"keepsake/shared/secret"
)

var morning = time.Date(2026, 11, 23, 2, 31, 7, 0, time.UTC)

func printed(t *testing.T, lines ...audit.Line) string {
	t.Helper()
	var out strings.Builder
	if err := write(&out, lines); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestATrailReadsInColumns(t *testing.T) {
	by := secret.Stamp{Operation: "delete-secret", Principal: "tok_ab", SourceIP: "127.0.0.1", RequestID: "r1", TraceID: "4bf92f3577b34da6a3ce929d0e0e4736", At: morning}
	denied := by
	denied.Operation, denied.SourceIP, denied.ViewerIP, denied.RequestID = "access-secret-version", "192.0.2.9", "2001:db8::1", ""
	denied.TraceID = ""
	purge := &audit.Purge{Mechanism: secret.ByTTL, Versions: 3, DeletedBy: "tok_ab", DeletedAt: morning}
	got := printed(t,
		audit.Line{Outcome: audit.Allowed, By: by},
		audit.Line{Outcome: audit.Denied, Reason: "DISABLED", Version: "latest", By: denied},
		audit.Line{Outcome: audit.Allowed, Purge: purge, By: secret.Stamp{Operation: "purge", Principal: "service:dynamodb", At: morning.Add(time.Hour)}},
	)
	want := `
2026-11-23 02:31:07Z  delete-secret          allowed            version -       tok_ab            from 127.0.0.1, request r1, trace 4bf92f3577b34da6a3ce929d0e0e4736
2026-11-23 02:31:07Z  access-secret-version  denied (DISABLED)  version latest  tok_ab            from 2001:db8::1 by way of 192.0.2.9
2026-11-23 03:31:07Z  purge                  allowed            3 versions      service:dynamodb  by ttl, deleted by tok_ab, deleted at 2026-11-23 02:31:07Z
`
	if got != want[1:] {
		t.Errorf("printed\n%s, want%s", got, want)
	}
}

func TestAPurgeThatNoDeleteLedToSaysSo(t *testing.T) {
	purge := audit.Line{Outcome: audit.Allowed, Purge: &audit.Purge{Versions: 1}, By: secret.Stamp{Operation: "purge", Principal: "tok_ab", At: morning}}
	if got := printed(t, purge); !strings.HasSuffix(got, "not by a delete: see the runbooks\n") {
		t.Errorf("printed %q", got)
	}
}

func TestWhatACallerChoseCannotBreakALine(t *testing.T) {
	got := printed(t, audit.Line{Version: "latest\n2026\t\x1b[2J", Outcome: audit.Denied, By: secret.Stamp{Principal: "jwt:\r\u202e", At: morning}})
	if strings.Count(got, "\n") != 1 || strings.ContainsAny(got, "\t\x1b\r\u202e") || !strings.Contains(got, `version latest\n2026\t\x1b[2J`) {
		t.Errorf("printed %q", got)
	}
}
