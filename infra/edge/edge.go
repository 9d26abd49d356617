// Package edge has the source of the function that runs at CloudFront's edge, and the golden pairs that
// tests hold it to, alone and with a gateway behind it.
package edge

import (
	_ "embed"
	"fmt"
	"strings"
)

// Source is the function's source.
//
//go:embed rewrite.js
var Source string

//go:embed golden.txt
var golden string

// Pair is a line of golden.txt.
type Pair struct {
	Method, Path string            // as the client sent them, without the query
	Query        string            // without the question mark
	Behind       string            // the path at the gateway
	Function     string            // that responds
	Parameters   map[string]string // its path parameters
}

// Target returns the path and the query as a request line has them.
func (p Pair) Target() string {
	if p.Query == "" {
		return p.Path
	}
	return p.Path + "?" + p.Query
}

// Pairs reads golden.txt.
func Pairs() ([]Pair, error) {
	var pairs []Pair
	for line := range strings.Lines(golden) {
		if line = strings.TrimSpace(line); line == "" || line[0] == '#' {
			continue
		}
		words := strings.Fields(line)
		if len(words) < 6 || words[2] != "->" || words[4] != "=" {
			return nil, fmt.Errorf("golden.txt: %q must be METHOD path -> path = function name=value", line)
		}
		p := Pair{Method: words[0], Behind: words[3], Function: words[5], Parameters: map[string]string{}}
		p.Path, p.Query, _ = strings.Cut(words[1], "?")
		for _, word := range words[6:] {
			name, value, _ := strings.Cut(word, "=")
			p.Parameters[name] = value
		}
		pairs = append(pairs, p)
	}
	return pairs, nil
}
