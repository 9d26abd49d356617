// Package console is Keepsake's page for people: one HTML document with its style and its script in it, and
// the policy that allows a browser to run no other. The page calls the API as any client does.
package console

import (
	"bytes"
	"compress/gzip"
	"embed"
	"encoding/json"
	"fmt"
	"strings"
)

//go:embed index.html style.css app/*.js vendor/*.mjs
var sources embed.FS

// Page is the document and its policy.
type Page struct {
	Document []byte // HTML
	Gzip     []byte // the same, compressed
	Policy   string // its Content-Security-Policy
}

// New assembles the page. It fails if the page's sources have a mistake, or if an address of s is not the URL
// of a service.
func New(s SignIn) (Page, error) {
	style, err := sources.ReadFile("style.css")
	if err != nil {
		return Page{}, err
	}
	script, err := link(sources)
	if err != nil {
		return Page{}, err
	}
	origins, err := s.origins()
	if err != nil {
		return Page{}, err
	}
	document, err := document(string(style), script, s)
	if err != nil {
		return Page{}, err
	}
	p := Page{Document: document, Policy: policy(script, string(style), origins)}
	p.Gzip, err = compress(document)
	return p, err
}

// settings is what the page's script is told about the deployment.
type settings struct {
	SignIn *SignIn `json:"signIn"` // nil: people paste a token
}

// document fills index.html.
func document(style, script string, s SignIn) ([]byte, error) {
	template, err := sources.ReadFile("index.html")
	if err != nil {
		return nil, err
	}
	var told settings
	if s.isOffered() {
		told.SignIn = &s
	}
	data, err := json.Marshal(told) // which writes < and > so that they end no element
	if err != nil {
		return nil, err
	}
	for _, text := range []string{style, script} {
		if err := isInlinable(text); err != nil {
			return nil, err
		}
	}
	parts := []string{"{{style}}", style, "{{settings}}", string(data), "{{script}}", script}
	for i := 0; i < len(parts); i += 2 {
		if n := bytes.Count(template, []byte(parts[i])); n != 1 {
			return nil, fmt.Errorf("index.html has %s %d times, want once", parts[i], n)
		}
	}
	return []byte(strings.NewReplacer(parts...).Replace(string(template))), nil
}

// isInlinable refuses text that would end the element that holds it, or that HTML reads in another way than
// it is written.
func isInlinable(text string) error {
	lower := strings.ToLower(text)
	for _, tag := range []string{"</script", "</style", "<script", "<!--"} {
		if strings.Contains(lower, tag) {
			return fmt.Errorf("the page's style or script contains %s", tag)
		}
	}
	if strings.Contains(text, "\r") { // HTML reads it as a newline, and the hash would be another
		return fmt.Errorf("the page's style or script contains a carriage return")
	}
	return nil
}

func compress(text []byte) ([]byte, error) {
	var out bytes.Buffer
	w, err := gzip.NewWriterLevel(&out, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(text); err != nil {
		return nil, err
	}
	err = w.Close()
	return out.Bytes(), err
}
