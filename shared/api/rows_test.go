package api_test

import (
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"testing"
	"time"

	"keepsake/infra/cloudtest/rows"
	"keepsake/shared/audit"
	"keepsake/shared/boot"
	"keepsake/shared/secret"
	"keepsake/shared/store"
)

var keepRows = flag.String("rows", "", "keep the rows of this release under infra/cloudtest/rows/releases, in a new folder of this name")

// TestTheRowsOfThisReleaseAreKept writes rows, only if -rows asks for them, that later releases
// will have to read. Rows that are kept are never written again.
func TestTheRowsOfThisReleaseAreKept(t *testing.T) {
	if *keepRows == "" {
		t.Skip("-rows 0002, say, keeps the rows of this release")
	}
	k := &keeper{service: startOn(t, nil), cast: map[string]rows.Member{}}
	k.tokens()
	k.actives()
	k.deletions()
	k.purges()
	k.keys()
	k.save(filepath.Join("..", "..", "infra", "cloudtest", "rows", "releases", *keepRows))
}

// startOn is start with the rows of a release, and the keys that its values are sealed under. The
// clock is the release's.
func startOn(t *testing.T, r *rows.Release) *service {
	t.Helper()
	s := start(t)
	t.Setenv("AWS_ENDPOINT_URL_KMS", rows.StartKMS(t, os.Getenv("ENCRYPTION_KEY"), os.Getenv("FINGERPRINT_KEY")))
	if r != nil {
		if err := r.Put(t.Context(), s.db); err != nil {
			t.Fatal(err)
		}
		s.now = r.Clock
	}
	s.token = rows.Token
	s.restart()
	return s
}

// keeper has this release write rows of every kind.
type keeper struct {
	*service
	cast map[string]rows.Member
}

// owner returns the store with every right.
func (s *service) owner() *store.Store {
	s.t.Setenv("AWS_ACCESS_KEY_ID", "test")
	return boot.Environment().Secrets()
}

func (k *keeper) must(err error) {
	k.t.Helper()
	if err != nil {
		k.t.Fatal(err)
	}
}

// tick lets time pass between two requests.
func (k *keeper) tick() { k.now = k.now.Add(time.Second) }

// trailed leaves audit lines: of reads, which are allowed and denied, and of changes.
func (k *keeper) trailed() {
	k.tick()
	k.call("access-secret-version", request{id: k.cast["plain"].ID}).want(200)
	k.call("access-secret-version", request{id: k.cast["destroyed"].ID, vid: versionOf(k.cast["destroyed"].ID, "1")}).want(410)
	trail := audit.New(k.db, os.Getenv("AUDIT_TABLE"))
	by := secret.Stamp{Operation: "create-secret", Principal: "tok_x", RequestID: "r", InvocationID: "i", SourceIP: "198.51.100.4", ViewerIP: "203.0.113.7", At: k.now}
	k.must(trail.Append(k.t.Context(), audit.Line{Ref: k.ref("plain"), Outcome: audit.Allowed, By: by, Seed: "1"}))
	by.Operation = "purge"
	k.must(trail.Append(k.t.Context(), audit.Line{Ref: k.ref("forced"), Outcome: audit.Allowed, By: by, Seed: "2",
		Purge: &audit.Purge{Mechanism: secret.ByForce, Versions: 1, DeletedBy: "tok_x", DeletedAt: k.now}}))
}

// save writes the rows.
func (k *keeper) save(folder string) {
	for part, m := range k.cast {
		if a := k.call("get-secret", request{id: m.ID}); a.status == 200 {
			m.Secret = json.RawMessage(a.text)
			m.Versions = json.RawMessage(k.call("list-secret-versions", request{id: m.ID}).want(200).text)
			k.cast[part] = m
		}
	}
	k.trailed()
	k.must(os.Mkdir(folder, 0o755)) // fails if it exists: kept rows are never replaced
	for _, table := range rows.Tables {
		text, err := rows.Encode(k.rowsOf(table, ""))
		k.must(err)
		k.must(os.WriteFile(filepath.Join(folder, table+".json"), text, 0o644))
	}
	text, err := json.MarshalIndent(rows.Cast{Clock: k.now, Secrets: k.cast}, "", "  ")
	k.must(err)
	k.must(os.WriteFile(filepath.Join(folder, "cast.json"), append(text, '\n'), 0o644))
}
