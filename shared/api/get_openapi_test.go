package api_test

import "testing"

func TestTheDocumentIsServedToAnybody(t *testing.T) {
	s := start(t)
	s.cloud.ResetCalls()
	a := s.call("get-openapi", request{headers: with("authorization", "")}).want(200)
	if a.text != string(readingDocument(t).text) || a.headers["Content-Type"] != "application/json" {
		t.Errorf("%d bytes, headers %v", len(a.text), a.headers)
	}
	s.wantCalls()
}
