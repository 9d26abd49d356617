package api

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"strconv"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// maxBody is the longest body, in bytes. The largest create takes half of it, if its client escapes
// every character: six bytes for each of the value's 65,536 bytes (393,216) and for each of the labels'
// 16,384 (98,304), twelve for each of the name's, the description's and the user name's characters
// (11,472). The rest is room for names, punctuation and a printer's spaces.
const maxBody = 1 << 20

// rawBody returns the body as the client sent it. AWS does not document what the gateway does with text
// that is not UTF-8. If it substitutes U+FFFD, the length differs from Content-Length.
func (in *input) rawBody() ([]byte, error) {
	raw := []byte(in.call.event.Body)
	if in.call.event.IsBase64Encoded {
		var err error
		if raw, err = base64.StdEncoding.DecodeString(in.call.event.Body); err != nil {
			return nil, errors.New("cannot be read")
		}
	}
	if len(raw) > maxBody {
		return nil, fmt.Errorf("must have at most %d bytes", maxBody)
	}
	if sent, err := strconv.Atoi(in.call.event.Headers["content-length"]); err == nil && sent != len(raw) && bytes.Contains(raw, replacement) {
		return nil, fmt.Errorf("must be JSON in UTF-8: %d bytes were sent, %d have come", sent, len(raw))
	}
	return raw, nil
}

// replacement is U+FFFD, which stands for what was not UTF-8.
var replacement = []byte(string(utf8.RuneError))

// checkJSON returns what is wrong with raw as JSON, and where. Unlike encoding/json it refuses a name that
// comes twice, which hides a field, and text that is not Unicode, which would change a secret unnoticed.
// Its errors never quote the body.
func checkJSON(raw []byte) error {
	if at := brokenUTF8(raw); at >= 0 {
		return fmt.Errorf("must be JSON in UTF-8: byte %d is not UTF-8", at)
	}
	decoder := jsontext.NewDecoder(bytes.NewReader(raw))
	_, err := decoder.ReadValue()
	end := decoder.InputOffset()
	if err == nil {
		_, err = decoder.ReadToken()
		if errors.Is(err, io.EOF) {
			return nil
		}
		return fmt.Errorf("must be one JSON object and nothing after it: it ends at byte %d", end)
	}
	at := len(raw)
	if broken := new(jsontext.SyntacticError); errors.As(err, &broken) {
		at = int(broken.ByteOffset)
	}
	if errors.Is(err, jsontext.ErrDuplicateName) {
		return fmt.Errorf("must not name a field twice: byte %d begins a name again", at)
	}
	return fmt.Errorf("must be a JSON object: the JSON breaks at byte %d", at)
}

// brokenUTF8 returns the offset of the first byte that is not UTF-8, or -1.
func brokenUTF8(raw []byte) int {
	for at := 0; at < len(raw); {
		r, size := utf8.DecodeRune(raw[at:])
		if r == utf8.RuneError && size == 1 {
			return at
		}
		at += size
	}
	return -1
}
