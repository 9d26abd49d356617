package containers

import (
	"bytes"
	"encoding/json"
	"fmt"

	"keepsake/infra/template"
)

// nameWidth lines the outcomes up.
const nameWidth = 24

// Outcome is what became of one function's invocation.
type Outcome struct {
	Function string
	Says     string // "200", "ok", or what went wrong
	Failed   bool
}

// Line is the outcome for a person.
func (o Outcome) Line() string {
	failed := ""
	if o.Failed {
		failed = "FAILED "
	}
	return fmt.Sprintf("%-*s %s%s", nameWidth, o.Function, failed, o.Says)
}

// answer is what judge looks at, of whatever function.
type answer struct {
	StatusCode        int        `json:"statusCode"`
	Body              string     `json:"body"`
	BatchItemFailures []struct{} `json:"batchItemFailures"`
	ErrorType         string     `json:"errorType"`
	ErrorMessage      string     `json:"errorMessage"`
}

// judge holds an answer to what its function is to say: one of the API this status, one of the
// stream that no record has failed, a job anything but an error. The body of an answer below 400 is
// not shown: it may be a secret's value.
func judge(f template.Function, status int, text []byte) Outcome {
	o := Outcome{Function: f.Name, Failed: true}
	var a answer
	decoded := json.Unmarshal(text, &a)
	switch {
	case !json.Valid(text):
		o.Says = "no answer"
	case a.ErrorType != "" || a.ErrorMessage != "":
		o.Says = a.ErrorType + ": " + a.ErrorMessage
	case len(f.Routes) > 0 && a.StatusCode != status:
		o.Says = fmt.Sprintf("%d, not %d", a.StatusCode, status)
		if a.StatusCode >= 400 {
			o.Says += ": " + string(bytes.TrimSpace([]byte(a.Body)))
		}
	case len(f.Routes) > 0:
		o.Says, o.Failed = fmt.Sprint(a.StatusCode), false
	case len(f.Streams) > 0 && (decoded != nil || len(a.BatchItemFailures) > 0):
		o.Says = string(text)
	case string(text) == "null":
		o.Says, o.Failed = "ok", false
	default:
		o.Says, o.Failed = "ok "+string(text), false
	}
	return o
}
