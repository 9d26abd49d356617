package host

import (
	"errors"
	"fmt"
	"os"
	"syscall"
)

// ErrLocked says that another process holds the lock.
var ErrLocked = errors.New("another process holds the lock")

// Lock waits for the exclusive lock of the file at path, which it creates if it is missing. The kernel
// frees the lock when the process ends, however it ends: nothing has to be cleaned up by hand.
func Lock(path string) (unlock func(), err error) { return lock(path, 0) }

// TryLock is Lock without the wait: it returns ErrLocked if another process holds the lock.
func TryLock(path string) (unlock func(), err error) { return lock(path, syscall.LOCK_NB) }

func lock(path string, how int) (unlock func(), err error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open a lock: %w", err)
	}
	for {
		err = syscall.Flock(int(file.Fd()), syscall.LOCK_EX|how)
		if !errors.Is(err, syscall.EINTR) {
			break
		}
	}
	if err == nil {
		return func() { _ = file.Close() }, nil
	}
	_ = file.Close()
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return nil, ErrLocked
	}
	return nil, fmt.Errorf("lock %s: %w", path, err)
}
