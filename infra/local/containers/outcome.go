package containers

import (
	"bytes"
	"encoding/json"
	"fmt"

	"keepsake/infra/template"
)

// nameWidth aligns the outcomes of functions with shorter names.
const nameWidth = 24

// Outcome is the result of invoking one function.
type Outcome struct {
	Function string
	Says     string // "200", "ok", or what went wrong
	Failed   bool
}

// Line returns the outcome as a line to print.
func (o Outcome) Line() string {
	failed := ""
	if o.Failed {
		failed = "FAILED "
	}
	return fmt.Sprintf("%-*s %s%s", nameWidth, o.Function, failed, o.Says)
}

// result has the fields that judge reads, of every kind of function.
type result struct {
	StatusCode        int        `json:"statusCode"`
	Body              string     `json:"body"`
	BatchItemFailures []struct{} `json:"batchItemFailures"`
	ErrorType         string     `json:"errorType"`
	ErrorMessage      string     `json:"errorMessage"`
}

// judge checks the result of a function: an API function must answer with this status, a function of
// the stream must report no failed record, a job must not fail. The body of an HTTP response below 400
// is not shown: it may be a secret's value.
func judge(f template.Function, status int, text []byte) Outcome {
	o := Outcome{Function: f.Name, Failed: true}
	var r result
	decoded := json.Unmarshal(text, &r)
	switch {
	case !json.Valid(text):
		o.Says = "no answer"
	case r.ErrorType != "" || r.ErrorMessage != "":
		o.Says = r.ErrorType + ": " + r.ErrorMessage
	case len(f.Routes) > 0 && r.StatusCode != status:
		o.Says = fmt.Sprintf("%d, not %d", r.StatusCode, status)
		if r.StatusCode >= 400 {
			o.Says += ": " + string(bytes.TrimSpace([]byte(r.Body)))
		}
	case len(f.Routes) > 0:
		o.Says, o.Failed = fmt.Sprint(r.StatusCode), false
	case len(f.Streams) > 0 && (decoded != nil || len(r.BatchItemFailures) > 0):
		o.Says = string(text)
	case string(text) == "null":
		o.Says, o.Failed = "ok", false
	default:
		o.Says, o.Failed = "ok "+string(text), false
	}
	return o
}
