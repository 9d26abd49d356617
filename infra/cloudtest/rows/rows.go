// Package rows keeps rows that releases of Keepsake have written, in a folder for each release. Tests
// hold every later release to this: it can read, change and erase all of them.
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

// Tables are the tables whose rows are kept.
var Tables = []string{"SecretsTable", "TokensTable", "AuditTable"}

// Release is what one release has written.
type Release struct {
	Name string
	Cast
	Rows map[string][]Item // by table
}

// Cast says what the rows of a release stand for.
type Cast struct {
	Clock   time.Time         `json:"clock"`   // when the last of them was written
	Secrets map[string]Member `json:"secrets"` // by their role in the tests
}

// Member is one secret, and the release's responses about it after it had written the rows.
type Member struct {
	ID       string          `json:"id"`
	Secret   json.RawMessage `json:"secret,omitempty"`   // get-secret's response
	Versions json.RawMessage `json:"versions,omitempty"` // list-secret-versions's
	Note     string          `json:"note"`               // what was done to it
}

// Releases returns all releases, the oldest first.
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
		t.Fatal("there are no rows of any release: see releases/README.md")
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

// Put writes the rows to their tables.
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
