package api

import (
	"bytes"
	"encoding/json"
	"net/http"

	"keepsake/shared/store"
)

// maxPage is the maximum size of a page's items in bytes, as weight counts them. Lambda refuses a
// response above 6 MB: the gateway would turn it into a 500, and no page of the list could be read.
const maxPage = 4 << 20

// pageData collects the items of a page, as clients see them.
type pageData[T, J any] struct {
	body func(T) J
	data []json.RawMessage
	left int // bytes
}

func newPageData[T, J any](body func(T) J) *pageData[T, J] {
	return &pageData[T, J]{body: body, data: []json.RawMessage{}, left: maxPage}
}

// room puts item on the page and returns true if it is the first or fits.
func (p *pageData[T, J]) room(item T) bool {
	encoded := encode(p.body(item))
	n := weight(encoded)
	if len(p.data) > 0 && n > p.left {
		return false
	}
	p.left -= n
	p.data = append(p.data, encoded)
	return true
}

// weight returns how many bytes encoded takes in Lambda's response. That holds the body as a JSON string,
// in which each quotation mark and each backslash takes two bytes; encoding/json has already escaped
// everything else that would grow.
func weight(encoded []byte) int {
	return len(encoded) + bytes.Count(encoded, []byte{'"'}) + bytes.Count(encoded, []byte{'\\'}) + len(",")
}

func listResponse[T, J any](p store.Page[T], c cursor, data *pageData[T, J]) Response {
	list := listJSON{Data: data.data, HasMore: p.Next != ""}
	if list.HasMore {
		next := c.at(p.Next)
		list.NextCursor = &next
	}
	return withBody(http.StatusOK, list)
}
