package stream

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"keepsake/infra/cloud/host"
)

// position is how far a function has come in a stream: Sequence and all before it are done. Without a
// Sequence it is the beginning of the shard.
type position struct {
	Stream   string `json:"stream"` // the engine's own ARN: another database has another
	Shard    string `json:"shard"`
	Sequence string `json:"sequence"`
}

// bookmark keeps a function's position in a file.
type bookmark struct{ path string }

// load reads the position. It returns the zero position if the file is missing or broken: the stream is
// then read from its beginning. Functions may get a record twice anyway.
func (b bookmark) load() (position, error) {
	content, err := os.ReadFile(b.path)
	if errors.Is(err, fs.ErrNotExist) {
		return position{}, nil
	} else if err != nil {
		return position{}, fmt.Errorf("read a stream's position: %w", err)
	}
	var p position
	if json.Unmarshal(content, &p) != nil {
		return position{}, nil
	}
	return p, nil
}

// save replaces the file in one step: a process killed meanwhile leaves the old position or the new.
func (b bookmark) save(p position) error {
	content, err := json.Marshal(p)
	if err != nil {
		return err
	}
	if err := host.ReplaceFile(b.path, append(content, '\n')); err != nil {
		return fmt.Errorf("keep a stream's position: %w", err)
	}
	return nil
}

// folder makes a folder for files that the next run needs.
func folder(path string) error {
	if err := os.MkdirAll(filepath.Clean(path), 0o700); err != nil {
		return fmt.Errorf("make a folder for the streams: %w", err)
	}
	return nil
}
