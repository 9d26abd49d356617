package containers

import (
	"strings"
	"testing"

	"keepsake/infra/template"
)

func TestAnAnswerIsOneLineAndAFailureSaysWhy(t *testing.T) {
	operation := template.Function{Name: "get-secret", Routes: []template.Route{{Method: "GET", Path: "/"}}}
	reader := template.Function{Name: "record-changes", Streams: []template.Stream{{}}}
	job := template.Function{Name: "purge-due"}
	for _, c := range []struct {
		f      template.Function
		answer string
		line   string
	}{
		{operation, `{"statusCode":200,"body":"{\"value\":\"correct horse\"}"}`, "get-secret 200"},
		{operation, `{"statusCode":503,"body":"{\"errors\":[]}\n"}`, `get-secret FAILED 503, not 200: {"errors":[]}`},
		{operation, `{"statusCode":201,"body":"{\"value\":\"correct horse\"}"}`, "get-secret FAILED 201, not 200"},
		{operation, `{"errorType":"Runtime.ExitError","errorMessage":"it died"}`, "get-secret FAILED Runtime.ExitError: it died"},
		{operation, `null`, "get-secret FAILED 0, not 200"},
		{operation, ``, "get-secret FAILED no answer"},
		{operation, `Traceback`, "get-secret FAILED no answer"},
		{reader, `{"batchItemFailures":[]}`, `record-changes ok {"batchItemFailures":[]}`},
		{reader, `{"batchItemFailures":null}`, `record-changes ok {"batchItemFailures":null}`},
		{reader, `{"batchItemFailures":[{"itemIdentifier":"1"}]}`, `record-changes FAILED {"batchItemFailures":[{"itemIdentifier":"1"}]}`},
		{reader, `"done"`, `record-changes FAILED "done"`},
		{job, `null`, "purge-due ok"},
		{job, `{"purged":3}`, `purge-due ok {"purged":3}`},
		{job, `{"errorType":"errorString","errorMessage":"no table"}`, "purge-due FAILED errorString: no table"},
	} {
		o := judge(c.f, 200, []byte(c.answer))
		if got := strings.Join(strings.Fields(o.Line()), " "); got != c.line || o.Failed != strings.Contains(c.line, "FAILED") {
			t.Errorf("%s: %q (failed %v), want %q", c.answer, got, o.Failed, c.line)
		}
	}
}
