package engine

import (
	"regexp"
	"strings"
)

// fewRetries returns variables that make the installers give up soon on a registry that does not respond.
// Their defaults are a minute and a half: without a network, that looks as if they were busy.
func fewRetries() []string {
	return []string{
		"npm_config_fetch_retries=1", "npm_config_fetch_retry_mintimeout=500", "npm_config_fetch_retry_maxtimeout=1000",
		"npm_config_fetch_timeout=60000", // milliseconds, for the whole package
		"CARGO_NET_RETRY=1",
		"CARGO_HTTP_TIMEOUT=10", // seconds, to connect and between two bytes
	}
}

// reason returns the line of an installer's output that says why it failed: npm's reason; or else the
// first line with the word error, with the last cause that cargo gives; or else the last line. It
// passes over warnings.
func reason(output string) string {
	var lines []string
	for line := range strings.SplitSeq(output, "\n") {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "warning:") {
			lines = append(lines, line)
		}
	}
	if len(lines) == 0 {
		return "it printed nothing"
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

// offline matches what npm and cargo print if they cannot reach a registry.
var offline = regexp.MustCompile(`EAI_AGAIN|ENOTFOUND|ECONNREFUSED|ENETUNREACH|EHOSTUNREACH|ETIMEDOUT|(?i:could not resolve|couldn't resolve|could not connect|couldn't connect|timed out|timeout was reached)`)

func isOffline(err error) bool { return err != nil && offline.MatchString(err.Error()) }
