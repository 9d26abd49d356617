package host_test

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"keepsake/infra/cloud/host"
)

// patience is how long a test waits for what must happen.
const patience = 20 * time.Second

func TestAChildIsDoneAfterItsLastOutput(t *testing.T) {
	var out strings.Builder
	output := ""
	cmd := exec.Command("sh", "-c", "echo bye; exit 3")
	cmd.Stdout = &out
	child, err := host.Start(cmd, func() {
		time.Sleep(10 * time.Millisecond) // Done has to wait for this
		output = out.String()
	})
	if err != nil {
		t.Fatal(err)
	}
	<-child.Done()
	if output != "bye\n" {
		t.Errorf("when the child had ended its output was %q", output)
	}
	var exit *exec.ExitError
	if !errors.As(child.Err(), &exit) || exit.ExitCode() != 3 || child.Alive() {
		t.Errorf("alive %v, ended with %v; want exit status 3", child.Alive(), child.Err())
	}
	child.Kill() // may be called after the end
	child.Stop(patience)
}

func TestAProgramThatDoesNotExistDoesNotStart(t *testing.T) {
	if _, err := host.Start(exec.Command(filepath.Join(t.TempDir(), "absent")), nil); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("error %v, want that the program does not exist", err)
	}
}

func TestStoppingAChildEndsItsChildrenToo(t *testing.T) {
	child, grandchild := family(t, "")
	child.Stop(patience)
	awaitEnd(t, grandchild)
}

func TestAChildThatIgnoresTheSignalIsKilledWithItsChildren(t *testing.T) {
	child, grandchild := family(t, "trap '' TERM; ")
	child.Stop(50 * time.Millisecond)
	if child.Err() == nil {
		t.Error("the child ended in order")
	}
	awaitEnd(t, grandchild)
}

// family starts a child that starts one of its own.
func family(t *testing.T, first string) (child *host.Child, grandchild int) {
	t.Helper()
	note := filepath.Join(t.TempDir(), "pid")
	child, err := host.Start(exec.Command("sh", "-c", first+"sleep 600 & echo $! >"+note+".new; mv "+note+".new "+note+"; wait; wait"), nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(child.Kill)
	await(t, func() bool {
		text, _ := os.ReadFile(note)
		grandchild, err = strconv.Atoi(strings.TrimSpace(string(text)))
		return err == nil
	})
	return child, grandchild
}

// awaitEnd waits until a process has ended. Its parent may not have reaped it yet.
func awaitEnd(t *testing.T, pid int) {
	t.Helper()
	await(t, func() bool {
		status, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
		return err == nil && strings.Contains(string(status), ") Z ") || errors.Is(syscall.Kill(pid, 0), syscall.ESRCH)
	})
}

func await(t *testing.T, ok func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if err := host.Poll(ctx, time.Millisecond, func() (bool, error) { return ok(), nil }); err != nil {
		t.Fatal(err)
	}
}

func TestALockIsHeldByOneAtATime(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lock")
	unlock, err := host.TryLock(path)
	if err != nil {
		t.Fatal(err)
	}
	refused := make(chan error, 1)
	go func() {
		_, err := host.TryLock(path)
		refused <- err
	}()
	select {
	case err := <-refused:
		if !errors.Is(err, host.ErrLocked) {
			t.Errorf("a second lock: %v, want ErrLocked", err)
		}
	case <-time.After(patience):
		t.Fatal("TryLock waits")
	}
	second := make(chan error)
	go func() {
		unlock, err := host.Lock(path)
		if err == nil {
			unlock()
		}
		second <- err
	}()
	select {
	case err := <-second:
		t.Fatalf("a second Lock did not wait: %v", err)
	case <-time.After(20 * time.Millisecond):
	}
	unlock()
	if err := <-second; err != nil {
		t.Errorf("a second lock after the first: %v", err)
	}
}

func TestALockThatCannotBeOpenedNamesItsFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "absent", "lock")
	if _, err := host.Lock(path); err == nil || !strings.Contains(err.Error(), path) {
		t.Errorf("error %v, want one that names %s", err, path)
	}
}

func TestAReplacedFileIsWholeAndItsOwnersAlone(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	for _, content := range []string{"old", "new"} {
		if err := host.ReplaceFile(path, []byte(content)); err != nil {
			t.Fatal(err)
		}
		if got, err := os.ReadFile(path); err != nil || string(got) != content {
			t.Errorf("read %q, %v; want %q", got, err, content)
		}
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v; want 0600", info.Mode(), err)
	}
	if left, err := os.ReadDir(filepath.Dir(path)); err != nil || len(left) != 1 {
		t.Errorf("the folder has %v, %v; want the file alone", left, err)
	}
}

func TestAFileThatCannotBeReplacedStaysAsItWas(t *testing.T) {
	path := filepath.Join(t.TempDir(), "folder")
	if err := os.Mkdir(path, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := host.ReplaceFile(path, []byte("new")); err == nil {
		t.Error("a folder was replaced by a file")
	}
	if left, err := os.ReadDir(filepath.Dir(path)); err != nil || len(left) != 1 {
		t.Errorf("the folder has %v, %v; want what was there", left, err)
	}
}

func TestWaitingEndsWithTheCauseOfItsContext(t *testing.T) {
	cause := errors.New("the child has ended")
	ctx, cancel := context.WithCancelCause(t.Context())
	tries := 0
	err := host.Poll(ctx, time.Millisecond, func() (bool, error) {
		if tries++; tries == 3 {
			cancel(cause)
		}
		return false, nil
	})
	if !errors.Is(err, cause) || tries != 3 {
		t.Errorf("after %d tries %v, want the cause after 3", tries, err)
	}
	if err := host.Sleep(ctx, time.Hour); !errors.Is(err, cause) {
		t.Errorf("Sleep: %v, want the cause", err)
	}
}

func TestPollingEndsWithATrysError(t *testing.T) {
	wrong := errors.New("wrong port")
	if err := host.Poll(t.Context(), time.Hour, func() (bool, error) { return false, wrong }); !errors.Is(err, wrong) {
		t.Errorf("error %v, want the try's", err)
	}
}
