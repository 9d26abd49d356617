package markdown

import (
	"bytes"
	"path/filepath"
	"text/template"
)

// Page returns the page that the template at path gives with data. words are what it may say beside its prose.
func Page(path string, words template.FuncMap, data any) ([]byte, error) {
	page, err := template.New(filepath.Base(path)).Funcs(words).ParseFiles(path)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	err = page.Execute(&out, data)
	return out.Bytes(), err
}
