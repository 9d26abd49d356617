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

// position is how far a function has come in a stream: all up to and with Sequence is done. Without a
// Sequence it is the beginning of the shard.
type position struct {
	Stream   string `json:"stream"` // the engine's own ARN, which another database does not share
	Shard    string `json:"shard"`
	Sequence string `json:"sequence"`
}

// bookmark keeps a function's position in a file.
type bookmark struct{ path string }

// load reads the position; the zero one if there is none, or none that can be read. A stream is then
// read from its beginning, and functions must bear a record twice as it is.
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

// folder makes a folder for files that a run leaves to the next.
func folder(path string) error {
	if err := os.MkdirAll(filepath.Clean(path), 0o700); err != nil {
		return fmt.Errorf("make a folder for the streams: %w", err)
	}
	return nil
}
