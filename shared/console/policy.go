package console

import (
	"crypto/sha256"
	"encoding/base64"
	"strings"
)

// policy returns the Content-Security-Policy that allows this script, this style, and calls to this host and to
// origins. Nothing else is loaded, framed, submitted or turned from text into script.
func policy(script, style string, origins []string) string {
	return strings.Join([]string{
		"default-src 'none'",
		"script-src " + hash(script),
		"style-src " + hash(style),
		"connect-src " + strings.Join(append([]string{"'self'"}, origins...), " "),
		"img-src data:", // the empty icon, without which a browser asks for /favicon.ico
		"base-uri 'none'",
		"form-action 'none'",
		"frame-ancestors 'none'",
		"require-trusted-types-for 'script'",
		"trusted-types 'none'",
	}, "; ")
}

// hash names an inline script or style in a policy.
func hash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}
