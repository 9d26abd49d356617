package main

import (
	"os"
	"path/filepath"
	"strconv"
	"time"
)

// Lambda gives a function with 256 MB of memory this share of a processor, counted in periods of 20 ms.
const (
	share  = 0.145
	period = 20 * time.Millisecond
)

// throttle is a group of processes that together have that share.
type throttle string

// newThrottle makes a group; an error if this machine does not allow that.
func newThrottle() (throttle, error) {
	group := throttle("/sys/fs/cgroup/cpu/keepsake-bench")
	quota := strconv.Itoa(int(share * float64(period.Microseconds())))
	files := map[string]string{"cpu.cfs_period_us": strconv.FormatInt(period.Microseconds(), 10), "cpu.cfs_quota_us": quota}
	if _, err := os.Stat("/sys/fs/cgroup/cgroup.controllers"); err == nil { // the second version
		group = "/sys/fs/cgroup/keepsake-bench"
		files = map[string]string{"cpu.max": quota + " " + files["cpu.cfs_period_us"]}
	}
	if err := os.MkdirAll(string(group), 0o755); err != nil {
		return "", err
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(string(group), name), []byte(text), 0o600); err != nil {
			group.remove()
			return "", err
		}
	}
	return group, nil
}

// hold slows a process down from now on.
func (t throttle) hold(pid int) error {
	return os.WriteFile(filepath.Join(string(t), "cgroup.procs"), []byte(strconv.Itoa(pid)), 0o600)
}

// remove removes the group. An empty throttle has none.
func (t throttle) remove() {
	if t != "" {
		_ = os.Remove(string(t))
	}
}
