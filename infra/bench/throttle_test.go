package bench

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// Lambda gives a function with 256 MB of memory this share of a processor, counted in periods of 20 ms.
const (
	share  = 0.145
	period = 20 * time.Millisecond
)

// throttle is a group of processes that together have that share.
type throttle string

// newThrottle makes a group. It skips the benchmark if this machine does not let it.
func newThrottle(b *testing.B) throttle {
	b.Helper()
	group := throttle("/sys/fs/cgroup/cpu/keepsake-bench")
	files := map[string]string{
		"cpu.cfs_period_us": strconv.FormatInt(period.Microseconds(), 10),
		"cpu.cfs_quota_us":  strconv.Itoa(int(share * float64(period.Microseconds()))),
	}
	if _, err := os.Stat("/sys/fs/cgroup/cgroup.controllers"); err == nil { // the second version
		group = "/sys/fs/cgroup/keepsake-bench"
		files = map[string]string{"cpu.max": files["cpu.cfs_quota_us"] + " " + files["cpu.cfs_period_us"]}
	}
	if err := os.MkdirAll(string(group), 0o755); err != nil {
		b.Skip("no processor can be throttled here:", err)
	}
	b.Cleanup(func() { _ = os.Remove(string(group)) })
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(string(group), name), []byte(text), 0o600); err != nil {
			b.Skip("no processor can be throttled here:", err)
		}
	}
	return group
}

// hold slows a process down from now on.
func (t throttle) hold(b *testing.B, pid int) {
	b.Helper()
	if err := os.WriteFile(filepath.Join(string(t), "cgroup.procs"), []byte(strconv.Itoa(pid)), 0o600); err != nil {
		b.Fatal(err)
	}
}

// processorTime is what the threads of a process have used.
func processorTime(b *testing.B, pid int) time.Duration {
	b.Helper()
	threads, err := filepath.Glob(filepath.Join("/proc", strconv.Itoa(pid), "task", "*", "schedstat"))
	if err != nil || len(threads) == 0 {
		b.Fatalf("the process %d has no threads: %v", pid, err)
	}
	var sum time.Duration
	for _, thread := range threads {
		text, err := os.ReadFile(thread)
		if err != nil {
			continue // it has just ended
		}
		used, _, _ := strings.Cut(string(text), " ")
		nanoseconds, err := strconv.ParseInt(used, 10, 64)
		if err != nil {
			b.Fatal(err)
		}
		sum += time.Duration(nanoseconds)
	}
	return sum
}
