// Package console is Keepsake's page for people: one HTML document with its style and its script in it, and
// the policy that allows a browser no other. It imports nothing of Keepsake's; the page calls the API as any
// client does.
package console

import (
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
)

//go:embed index.html style.css app/*.js vendor/*.mjs
var sources embed.FS

// Page is the document and what browsers are told about it.
type Page struct {
	Document []byte // HTML
	Policy   string // its Content-Security-Policy
}

// New assembles the page. An error is a mistake in the page's sources.
func New() (Page, error) {
	template, err := sources.ReadFile("index.html")
	if err != nil {
		return Page{}, err
	}
	style, err := sources.ReadFile("style.css")
	if err != nil {
		return Page{}, err
	}
	script, err := link(sources)
	if err != nil {
		return Page{}, err
	}
	settings, err := json.Marshal(map[string]any{"signIn": nil}) // which escapes < and >
	if err != nil {
		return Page{}, err
	}
	if err := inlines(string(style), script); err != nil {
		return Page{}, err
	}
	document := strings.NewReplacer("{{style}}", string(style), "{{script}}", script, "{{settings}}", string(settings)).Replace(string(template))
	return Page{Document: []byte(document), Policy: policy(hash(script), hash(string(style)))}, nil
}

// inlines refuses text that would end, or confuse, the element that holds it.
func inlines(texts ...string) error {
	for _, text := range texts {
		for _, tag := range []string{"</script", "</style", "<!--", "<script"} {
			if strings.Contains(strings.ToLower(text), tag) {
				return fmt.Errorf("the page's style or script contains %s", tag)
			}
		}
	}
	return nil
}

// hash is how a policy names an inline script or style.
func hash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}

// policy allows this script, this style and calls to this host, and nothing else.
func policy(script, style string) string {
	return strings.Join([]string{
		"default-src 'none'", "script-src " + script, "style-src " + style, "connect-src 'self'", "img-src data:",
		"base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'",
		"require-trusted-types-for 'script'", "trusted-types 'none'",
	}, "; ")
}
