package audit_test

import (
	"testing"
	"time"

	"keepsake/shared/audit"
	"keepsake/shared/secret"
)

func TestATrailSaysThatASecretWasPurgedOnlyIfThatIsItsLastChangeAndADeleteLedToIt(t *testing.T) {
	function, owner, name := table(t)
	trail, reader := audit.New(function, name), audit.NewReader(small{owner}, name)
	purge := &audit.Purge{Mechanism: secret.ByTTL, Versions: 1, DeletedBy: "tok_x", DeletedAt: noon}
	line := func(operation string, purge *audit.Purge) audit.Line {
		return audit.Line{Outcome: audit.Allowed, Purge: purge, By: secret.Stamp{Operation: operation}}
	}
	for what, c := range map[string]struct {
		lines  []audit.Line // one a second, from noon on
		purged time.Duration
	}{
		"nothing":                    {nil, 0},
		"created only":               {[]audit.Line{line("create-secret", nil)}, 0},
		"deleted only":               {[]audit.Line{line("create-secret", nil), line("delete-secret", nil)}, 0},
		"purged":                     {[]audit.Line{line("delete-secret", nil), line("purge", purge)}, time.Second},
		"purged, then asked for":     {[]audit.Line{line("purge", purge), line("access-secret-version", nil), line("validate-credentials", nil), line("access-secret-version", nil)}, 0},
		"restored since":             {[]audit.Line{line("purge", purge), line("restore", nil)}, 0},
		"changed since, unreadably":  {[]audit.Line{line("purge", purge), line("unreadable-change", nil)}, 0},
		"removed by hand":            {[]audit.Line{line("create-secret", nil), line("purge", &audit.Purge{Versions: 1})}, 0},
		"removed by hand, deleted":   {[]audit.Line{line("purge", &audit.Purge{Versions: 1, DeletedBy: "tok_x", DeletedAt: noon})}, 0},
		"expired, and never deleted": {[]audit.Line{line("purge", &audit.Purge{Mechanism: secret.ByTTL, Versions: 1})}, 0},
	} {
		ref := secret.NewRef("ws_a", noon)
		for i, l := range c.lines {
			l.Ref, l.By.At = ref, noon.Add(time.Duration(i)*time.Second)
			if err := trail.Append(t.Context(), l); err != nil {
				t.Fatal(err)
			}
		}
		want := time.Time{}
		if what == "purged" || what == "purged, then asked for" {
			want = noon.Add(c.purged)
		}
		if got, err := reader.Purged(t.Context(), ref); err != nil || !got.Equal(want) {
			t.Errorf("%s: purged at %v, %v; want %v", what, got, err, want)
		}
	}
}
