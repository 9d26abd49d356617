package main

import (
	"bufio"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
)

// prototypes are the rows of secrets that the functions made: all other rows are copies of them.
type prototypes struct {
	table   string
	schema  []json.RawMessage // of all tables, as DescribeTable returns it
	active  rowsOf
	deleted rowsOf
}

// rowsOf are the rows of a secret with one version, in DynamoDB's JSON.
type rowsOf struct {
	id            string
	meta, version string
}

// seed is what is written before a measurement.
type seed struct {
	rows     int     // a secret has two
	deleted  float64 // the share of secrets that are deleted
	versions int     // of the secret that is asked for. A function made it: the value of a copied one cannot be opened
}

// write makes the database at path by the engine's bulk import, which is faster than its API.
func (p prototypes) write(ctx context.Context, engine string, data seed, path string) error {
	folder, err := os.MkdirTemp(filepath.Dir(path), "import")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	schema, err := json.Marshal(p.schema)
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(folder, "schema.json"), schema, 0o600); err != nil {
		return err
	}
	if err := p.export(data, filepath.Join(folder, p.table, "data", "rows.json.gz")); err != nil {
		return err
	}
	command := exec.CommandContext(ctx, engine, "import", "--force", "--source", folder, "--schema", filepath.Join(folder, "schema.json"), "--output", path)
	if out, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("import %d rows: %w: %s", data.rows, err, out)
	}
	return nil
}

// export writes the rows as DynamoDB exports a table.
func (p prototypes) export(data seed, path string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	defer file.Close()
	packed, err := gzip.NewWriterLevel(file, gzip.BestSpeed)
	if err != nil {
		return err
	}
	out := bufio.NewWriterSize(packed, 1<<20)
	p.rows(out, data)
	if err := out.Flush(); err != nil {
		return err
	}
	return packed.Close()
}

// rows writes the rows, one a line. Of ten secrets in a row, the first are the deleted ones. A write that
// fails shows in the last one.
func (p prototypes) rows(out io.Writer, data seed) {
	for i := range data.rows / 2 {
		of := p.active
		if float64(i%10) < data.deleted*10 {
			of = p.deleted
		}
		for _, row := range []string{of.meta, of.version} {
			row = strings.ReplaceAll(row, of.id, secretID(i))
			_, _ = fmt.Fprintf(out, "{\"Item\":%s}\n", inShard(row, i%16))
		}
	}
	n := strconv.Itoa(data.versions)
	meta := strings.NewReplacer(`version_count":{"N":"1"}`, `version_count":{"N":"`+n+`"}`).Replace(p.active.meta)
	_, _ = fmt.Fprintf(out, "{\"Item\":%s}\n", meta)
	for n := 1; n <= data.versions; n++ {
		version := strings.NewReplacer("#0000000001", fmt.Sprintf("#%010d", n),
			`"version_number":{"N":"1"}`, fmt.Sprintf(`"version_number":{"N":"%d"}`, n)).Replace(p.active.version)
		_, _ = fmt.Fprintf(out, "{\"Item\":%s}\n", version)
	}
}

// secretID is the id of the i-th copy.
func secretID(i int) string { return fmt.Sprintf("sec_copy%010d", i) }

// inShard moves a deleted secret's row to a shard of the index of purges.
func inShard(row string, shard int) string {
	const attribute = `"purge_shard":{"S":"`
	before, rest, found := strings.Cut(row, attribute)
	if !found {
		return row
	}
	_, after, _ := strings.Cut(rest, `"`)
	return fmt.Sprintf(`%s%s%d"%s`, before, attribute, shard, after)
}
