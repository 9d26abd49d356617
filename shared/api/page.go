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

// pageData writes the contract's SecretList or SecretVersionList, one item after the other, as clients
// see it. It is written by hand, so that no item is encoded or copied twice.
type pageData[T, J any] struct {
	body func(T) J
	text bytes.Buffer
	json *json.Encoder // writes to text
	item J             // as text has it next: here, so that none is allocated
	left int           // bytes
}

const (
	openPage  = `{"data":[`
	usualPage = 32 << 10 // bytes: fifty secrets with some labels
)

func newPageData[T, J any](body func(T) J) *pageData[T, J] {
	p := &pageData[T, J]{body: body, left: maxPage}
	p.json = json.NewEncoder(&p.text)
	p.text.Grow(usualPage)
	p.text.WriteString(openPage)
	return p
}

// room puts item on the page and returns true if it is the first or fits.
func (p *pageData[T, J]) room(item T) bool {
	end := p.text.Len()
	first := end == len(openPage)
	if !first {
		p.text.WriteByte(',')
	}
	begin := p.text.Len()
	p.item = p.body(item)
	if err := p.json.Encode(&p.item); err != nil {
		panic(err) // as in encode
	}
	p.text.Truncate(p.text.Len() - len("\n")) // which Encode adds
	n := weight(p.text.Bytes()[begin:])
	if !first && n > p.left {
		p.text.Truncate(end)
		return false
	}
	p.left -= n
	return true
}

// weight returns how many bytes encoded takes in Lambda's response. That holds the body as a JSON string,
// in which each quotation mark and each backslash takes two bytes; encoding/json has already escaped
// everything else that would grow.
func weight(encoded []byte) int {
	return len(encoded) + bytes.Count(encoded, []byte{'"'}) + bytes.Count(encoded, []byte{'\\'}) + len(",")
}

// listResponse ends the page. next_cursor is null on the last one.
func listResponse[T, J any](p store.Page[T], c cursor, data *pageData[T, J]) Response {
	if p.Next == "" {
		data.text.WriteString(`],"has_more":false,"next_cursor":null}`)
	} else {
		data.text.WriteString(`],"has_more":true,"next_cursor":"`)
		data.text.WriteString(c.at(p.Next)) // letters, digits, hyphens and underscores
		data.text.WriteString(`"}`)
	}
	data.text.WriteByte('\n') // as in withBody
	return Response{status: http.StatusOK, body: data.text.Bytes(), headers: map[string]string{}}
}
