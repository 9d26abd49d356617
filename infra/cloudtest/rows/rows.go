// Package rows keeps rows as releases of Keepsake have written them, a folder a release, for tests:
// whatever a release has written, every later one must be able to read, change and erase.
package rows

import (
	"context"
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"
	"path"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
)

//go:embed releases
var releases embed.FS

// Tables are those that a release's rows are kept of.
var Tables = []string{"SecretsTable", "TokensTable", "AuditTable"}

// Release is what one release has left.
type Release struct {
	Name string
	Cast
	Rows map[string][]Item // by table
}

// Cast says what the rows of a release are.
type Cast struct {
	Clock   time.Time         `json:"clock"`   // when the last of them was written
	Secrets map[string]Member `json:"secrets"` // by the part that they play
}

// Member is one secret, and what the release answered about it when it had written its rows.
type Member struct {
	ID       string          `json:"id"`
	Secret   json.RawMessage `json:"secret,omitempty"`   // get-secret's answer
	Versions json.RawMessage `json:"versions,omitempty"` // list-secret-versions's
	Note     string          `json:"note"`               // what has been done to it
}

// Releases are all, the oldest first.
func Releases(t testing.TB) []*Release {
	t.Helper()
	folders, err := fs.ReadDir(releases, "releases")
	if err != nil {
		t.Fatal(err)
	}
	var all []*Release
	for _, folder := range folders {
		if folder.IsDir() {
			all = append(all, read(t, folder.Name()))
		}
	}
	if len(all) == 0 {
		t.Fatal("no release has left any rows")
	}
	return all
}

func read(t testing.TB, name string) *Release {
	t.Helper()
	r := &Release{Name: name, Rows: map[string][]Item{}}
	text, err := releases.ReadFile(path.Join("releases", name, "cast.json"))
	if err == nil {
		err = json.Unmarshal(text, &r.Cast)
	}
	if err != nil {
		t.Fatalf("the cast of release %s: %v", name, err)
	}
	for _, table := range Tables {
		text, err := releases.ReadFile(path.Join("releases", name, table+".json"))
		if err == nil {
			r.Rows[table], err = Decode(text)
		}
		if err != nil || len(r.Rows[table]) == 0 {
			t.Fatalf("release %s, %s: %d rows, %v", name, table, len(r.Rows[table]), err)
		}
	}
	return r
}

// Put puts the rows into their tables.
func (r *Release) Put(ctx context.Context, db *dynamodb.Client) error {
	for table, items := range r.Rows {
		for _, item := range items {
			if _, err := db.PutItem(ctx, &dynamodb.PutItemInput{TableName: &table, Item: item}); err != nil {
				return fmt.Errorf("put a row of release %s into %s: %w", r.Name, table, err)
			}
		}
	}
	return nil
}
