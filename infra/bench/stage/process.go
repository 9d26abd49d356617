package stage

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"

	"keepsake/infra/cloud/lambda"
	"keepsake/infra/template"
)

// Process is one running copy of a function.
type Process struct {
	*lambda.Single
	stage    *Stage
	function template.Function
	name     string
	log      logSize
}

// Request is what a call changes about the function's sample event in events/.
type Request struct {
	ID, Vid string            // in the path; empty: as in the sample
	Name    string            // in the path, of letters, digits and hyphens only; empty: none
	Headers map[string]string // an empty value removes the header
	Query   map[string]string
	Body    string // empty: as in the sample
}

// Answer is what a function returned for an HTTP request. A job's is empty.
type Answer struct {
	Status  int               `json:"statusCode"`
	Headers map[string]string `json:"headers"`
	Body    string            `json:"body"`
	Bytes   int               `json:"-"` // of the whole result, as the function handed it to Lambda
}

// Field returns a string of the body's JSON object; empty if there is none.
func (a Answer) Field(name string) string {
	var fields map[string]any
	_ = json.Unmarshal([]byte(a.Body), &fields)
	text, _ := fields[name].(string)
	return text
}

// Call runs the function on a request.
func (p *Process) Call(r Request) (Answer, error) {
	event, err := p.stage.Event(p.function.Name, r)
	if err != nil {
		return Answer{}, err
	}
	result, err := p.Invoke(event)
	if err != nil {
		return Answer{}, err
	}
	a := Answer{Bytes: len(result)}
	if string(result) == "null" {
		return a, nil
	}
	if err := json.Unmarshal(result, &a); err != nil {
		return a, fmt.Errorf("%s returned %s: %w", p.function.Name, result, err)
	}
	return a, nil
}

// LogBytes is how much the process has logged so far, in bytes.
func (p *Process) LogBytes() int { return p.log.bytes(p.name) }

// Event returns a function's sample event, changed by r.
func (s *Stage) Event(function string, r Request) ([]byte, error) {
	sample, err := os.ReadFile(filepath.Join(s.root, "events", function+".json"))
	if err != nil {
		return nil, err
	}
	id := r.ID
	if id == "" {
		id = "sec_sample"
	}
	filled := strings.NewReplacer("{{token}}", s.Token, "{{origin}}", s.function(function).Environment["ORIGIN_KEY"],
		"{{secret}}", id, "sec_sample", id, "{{etag}}", "1", "{{version}}", r.Vid, "{{name}}", r.Name).Replace(string(sample))
	var event map[string]any
	if err := json.Unmarshal([]byte(filled), &event); err != nil {
		return nil, fmt.Errorf("%s.json: %w", function, err)
	}
	headers, http := event["headers"].(map[string]any)
	if !http {
		return []byte(filled), nil
	}
	delete(headers, "idempotency-key")
	for name, value := range r.Headers {
		headers[name] = value
	}
	maps.DeleteFunc(headers, func(_ string, value any) bool { return value == "" })
	if path, ok := event["pathParameters"].(map[string]any); ok && r.Vid != "" {
		path["vid"] = r.Vid
	}
	delete(event, "queryStringParameters")
	if r.Query != nil {
		event["queryStringParameters"] = r.Query
	}
	if r.Body != "" {
		event["body"] = r.Body
	}
	return json.Marshal(event)
}
