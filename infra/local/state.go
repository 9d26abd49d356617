package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"keepsake/infra/cloud/host"
	"keepsake/infra/envfile"
)

// Paths of the stack's files, from the project's root.
const (
	templatePath = "template.yaml"
	stateDir     = ".local"
	engineDir    = stateDir + "/engine"
	dataDir      = stateDir + "/data"
	dataPath     = dataDir + "/secrets.db"
	positionsDir = dataDir + "/streams"
	queuesDir    = dataDir + "/queues"
	keysPath     = stateDir + "/keys.json"
	logPath      = stateDir + "/stack.log"
	lockPath     = stateDir + "/lock"
)

// bootstrapPath returns the path of a function that make has built for this machine.
func bootstrapPath(function string) string {
	return filepath.Join(stateDir, "functions", function, "bootstrap")
}

// lockState makes this process the only stack of the checkout. The kernel frees the lock when the
// process ends, however it ends.
func lockState() (unlock func(), err error) {
	if err := os.MkdirAll(stateDir, 0o755); err != nil {
		return nil, fmt.Errorf("make the stack's folder: %w", err)
	}
	unlock, err = host.TryLock(lockPath)
	if errors.Is(err, host.ErrLocked) {
		return nil, errors.New("a stack of this checkout runs already: end it first, or use another clone with another PORT")
	}
	return unlock, err
}

// forget removes what earlier runs have kept: the data, the keys that decrypt it, the token.
func forget() error {
	err := errors.Join(os.RemoveAll(dataDir), os.RemoveAll(keysPath), os.RemoveAll(envfile.Path))
	if err != nil {
		return fmt.Errorf("FRESH=1: %w", err)
	}
	return nil
}
