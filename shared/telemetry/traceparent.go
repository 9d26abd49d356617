package telemetry

import "strings"

// TraceparentHeader is where a request names the trace that it belongs to.
const TraceparentHeader = "traceparent"

// The lengths of a traceparent's parts, in characters.
const (
	versionLength = 2
	traceLength   = 32
	parentLength  = 16
	flagsLength   = 2
	// traceparentLength is that of version 00, and what every later version begins with.
	traceparentLength = versionLength + 1 + traceLength + 1 + parentLength + 1 + flagsLength
)

// TraceID returns the trace that a traceparent header names, 32 digits; empty if the header is not
// valid, as if there were none. In later versions it reads the parts of version 00, as the
// specification asks: https://www.w3.org/TR/trace-context/#traceparent-header
func TraceID(header string) string {
	if len(header) < traceparentLength || len(header) > traceparentLength && header[traceparentLength] != '-' {
		return ""
	}
	parts := strings.SplitN(header[:traceparentLength], "-", 5)
	if len(parts) != 4 {
		return ""
	}
	version, trace, parent, flags := parts[0], parts[1], parts[2], parts[3]
	switch {
	case !isHex(version, versionLength), version == "ff", version == "00" && len(header) > traceparentLength,
		!isHex(trace, traceLength), isZero(trace),
		!isHex(parent, parentLength), isZero(parent),
		!isHex(flags, flagsLength):
		return ""
	}
	return trace
}

// isHex reports whether text is length lower-case hexadecimal digits.
func isHex(text string, length int) bool {
	return len(text) == length && strings.Trim(text, "0123456789abcdef") == ""
}

func isZero(digits string) bool { return strings.Trim(digits, "0") == "" }
