package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"

	"keepsake/infra/bench/page"
)

// folder is where the page is, with its data and its charts.
type folder string

const (
	textFile = "performance.md"
	dataFile = "performance.json"
)

// read returns the figures of the page that is there; none if there is no page.
func (f folder) read() (before page.Figures, err error) {
	content, err := os.ReadFile(filepath.Join(string(f), dataFile))
	if errors.Is(err, fs.ErrNotExist) {
		return before, nil
	}
	if err == nil {
		err = json.Unmarshal(content, &before)
	}
	return before, err
}

// write writes the page, its data and its charts.
func (f folder) write(before, now page.Figures) error {
	data, err := json.MarshalIndent(now, "", " ")
	if err != nil {
		return err
	}
	files := page.Charts(before, now)
	files[textFile], files[dataFile] = page.Markdown(before, now), string(data)+"\n"
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(string(f), name), []byte(content), 0o644); err != nil {
			return err
		}
	}
	return nil
}

// commit names the commit that was measured.
func commit(ctx context.Context, root string) string {
	git := func(args ...string) string {
		out, err := exec.CommandContext(ctx, "git", append([]string{"-C", root}, args...)...).Output()
		if err != nil {
			return ""
		}
		return strings.TrimSpace(string(out))
	}
	name := git("rev-parse", "--short=10", "HEAD")
	switch {
	case name == "":
		return "unknown"
	case git("status", "--porcelain", "--", "shared", "functions", "infra/bench", "go.mod") != "":
		return name + " with changes"
	}
	return name
}

// machine describes this machine, and how busy it was: other programs make the figures less steady.
func machine(loadBefore string) string {
	return fmt.Sprintf("%d cores (%s), load %s before and %s after", runtime.NumCPU(), runtime.GOARCH, loadBefore, loadAverage())
}

// loadAverage is how many programs wanted a processor in the last minute.
func loadAverage() string {
	text, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return "unknown"
	}
	load, _, _ := strings.Cut(string(text), " ")
	return load
}
