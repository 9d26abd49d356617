package engine

import (
	"regexp"
	"strings"
)

// patience is what the installers are told about a registry that does not answer. By themselves they try
// for a minute and a half, and a machine without a network looks like one that is busy. What the
// environment says comes before it.
func patience() []string {
	return []string{
		"npm_config_fetch_retries=1", "npm_config_fetch_retry_mintimeout=500", "npm_config_fetch_retry_maxtimeout=1000",
		"npm_config_fetch_timeout=60000", // milliseconds, for the whole package
		"CARGO_NET_RETRY=1",
		"CARGO_HTTP_TIMEOUT=10", // seconds, until a connection stands or while nothing comes
	}
}

// telling picks what says why an installer failed: npm's reason, else the first line that speaks of an
// error, with the last cause that cargo gives for it, else the last line. A warning is not the reason.
func telling(output string) string {
	var lines []string
	for line := range strings.SplitSeq(output, "\n") {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "warning:") {
			lines = append(lines, line)
		}
	}
	if len(lines) == 0 {
		return "it said nothing"
	}
	last := lines[len(lines)-1]
	for _, line := range lines {
		if strings.Contains(line, "failed, reason: ") {
			return line
		}
	}
	for _, line := range lines {
		if !strings.Contains(strings.ToLower(line), "error") {
			continue
		}
		if strings.Contains(output, "Caused by:") {
			line += ": " + last
		}
		return line
	}
	return last
}

// offline are the words of npm and cargo for a registry that could not be reached.
var offline = regexp.MustCompile(`EAI_AGAIN|ENOTFOUND|ECONNREFUSED|ENETUNREACH|EHOSTUNREACH|ETIMEDOUT|(?i:could not resolve|couldn't resolve|could not connect|couldn't connect|timed out|timeout was reached)`)

func isOffline(err error) bool { return err != nil && offline.MatchString(err.Error()) }
