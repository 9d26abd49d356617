package lambda

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestTheInvokeAPIRespondsAsOnAWS(t *testing.T) {
	s := newStage(t, ample)
	mux := http.NewServeMux()
	mux.Handle(InvokePath, s.Pool)
	server := httptest.NewServer(mux)
	defer server.Close()

	for _, c := range []struct {
		outcome, function, event string
		kind                     string
		status                   int
		functionError, body      string
	}{
		{"a response", "play-part", `{}`, "RequestResponse", 200, "", `"pid":`},
		{"a function error", "play-part", `{"do":"fail"}`, "", 200, "Unhandled", `"errorMessage":"as asked"`},
		{"an unknown function", "nobody", `{}`, "", 404, "", "no such function: nobody"},
		{"an event that is not JSON", "play-part", `{`, "", 400, "", "could not parse"},
		{"an asynchronous invocation", "play-part", `{}`, "Event", 400, "", "does not support the invocation type Event"},
		{"an event that is too large", "play-part", `"` + strings.Repeat("x", MaxPayload) + `"`, "", 413, "", "6 MB"},
	} {
		t.Run(c.outcome, func(t *testing.T) {
			url := server.URL + "/2015-03-31/functions/" + c.function + "/invocations"
			request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, strings.NewReader(c.event))
			if err != nil {
				t.Fatal(err)
			}
			request.Header.Set("X-Amz-Invocation-Type", c.kind)
			response, err := http.DefaultClient.Do(request)
			if err != nil {
				t.Fatal(err)
			}
			defer response.Body.Close()
			body, _ := io.ReadAll(response.Body)
			if response.StatusCode != c.status || !strings.Contains(string(body), c.body) {
				t.Errorf("%d %s, want %d with %q", response.StatusCode, body, c.status, c.body)
			}
			if got := response.Header.Get("X-Amz-Function-Error"); got != c.functionError {
				t.Errorf("X-Amz-Function-Error %q, want %q", got, c.functionError)
			}
		})
	}
}
