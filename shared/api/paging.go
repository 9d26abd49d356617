package api

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

const (
	defaultLimit = 50
	maxLimit     = 100
	checksum     = 8 // bytes
)

// Limit is how many items a page may have.
func (in *input) Limit() int {
	text, ok := in.query("limit")
	if !ok {
		return defaultLimit
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > maxLimit {
		in.invalid(fmt.Sprintf("must be a number from 1 to %d", maxLimit), "query", "limit")
	}
	return n
}

// choice returns a query parameter that must be one of words; the first if it is absent.
func choice[T ~string](in *input, name string, words ...T) T {
	text, ok := in.query(name)
	if !ok {
		return words[0]
	}
	if text == "" || !slices.Contains(words, T(text)) {
		offered := slices.DeleteFunc(slices.Clone(words), func(w T) bool { return w == "" })
		in.invalid("must be one of "+list(offered), "query", name)
	}
	return T(text)
}

// cursor is a position in one list: of one workspace, with one filter.
type cursor struct {
	list  string // which list, so that a cursor fits no other, whatever a client chooses
	after string // a position in it; empty: its start
}

// Cursor returns where the page begins. The parts of list identify the list.
//
// The checksum finds a cursor of another list, or a damaged one. It need not be a signature: isPosition
// refuses anything that is not a position, and a position is looked up in the caller's own workspace,
// whatever it says.
func (in *input) Cursor(isPosition func(string) bool, list ...string) cursor {
	c := cursor{list: in.call.operation + "\n" + strings.Join(list, "\n")}
	text, _ := in.query("cursor")
	if text == "" {
		return c
	}
	raw, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if err == nil && len(raw) > checksum {
		c.after = string(raw[checksum:])
	}
	if c.after == "" || c.at(c.after) != text || !isPosition(c.after) {
		in.invalid("must be a next_cursor of this very list", "query", "cursor")
	}
	return c
}

// at returns the cursor of a position, as clients see it.
func (c cursor) at(position string) string {
	sum := sha256.Sum256([]byte(c.list + "\n" + position))
	return base64.RawURLEncoding.EncodeToString(append(sum[:checksum:checksum], position...))
}
