package api

import (
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// maxBody is the longest body, in bytes: room for the largest value with every character escaped,
// and all that may stand beside it.
const maxBody = 1 << 20

func (c *Call) rawBody() ([]byte, error) {
	raw := []byte(c.event.Body)
	if c.event.IsBase64Encoded {
		var err error
		if raw, err = base64.StdEncoding.DecodeString(c.event.Body); err != nil {
			return nil, errors.New("cannot be read")
		}
	}
	if len(raw) > maxBody {
		return nil, fmt.Errorf("must have at most %d bytes", maxBody)
	}
	return raw, nil
}

// checkJSON reports what is wrong with raw as JSON. Unlike encoding/json it takes neither a name
// twice nor text that is no Unicode: the one hides a field, the other changes a secret unseen.
// Its words never quote the body.
func checkJSON(raw []byte) error {
	decoder := jsontext.NewDecoder(strings.NewReader(string(raw)))
	_, err := decoder.ReadValue()
	if err == nil {
		_, err = decoder.ReadToken()
		if errors.Is(err, io.EOF) {
			return nil
		}
		return errors.New("must be one JSON object and nothing after it")
	}
	if errors.Is(err, jsontext.ErrDuplicateName) {
		return errors.New("must not name a field twice")
	}
	return errors.New("must be a JSON object in UTF-8")
}
