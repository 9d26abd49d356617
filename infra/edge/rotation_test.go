package edge_test

import (
	"context"
	"encoding/json"
	"maps"
	"net/http/httptest"
	"strings"
	"testing"

	"keepsake/infra/cloud/gateway"
	"keepsake/infra/template"
	"keepsake/shared/api"
	"keepsake/shared/boot"
)

// stack is the template after a deployment with these parameters.
func stack(t *testing.T, parameters map[string]string) *template.Template {
	t.Helper()
	tmpl, err := template.Read("../../template.yaml", func(values map[string]string) { maps.Copy(values, parameters) })
	if err != nil {
		t.Fatal(err)
	}
	return tmpl
}

// through sends a request by the distribution of one stack to get-openapi as another stack sets it up, and returns the
// status of the response.
func through(t *testing.T, distribution, functions *template.Template) int {
	t.Helper()
	f, _ := functions.Function("get-openapi")
	for name, value := range f.Environment {
		t.Setenv(name, value)
	}
	handle := api.GetOpenapi(boot.Environment().BareEdge())
	g, err := gateway.New(distribution, func(ctx context.Context, _ string, event []byte) ([]byte, error) {
		var request api.Event
		if err := json.Unmarshal(event, &request); err != nil {
			return nil, err
		}
		response, err := handle(ctx, request)
		if err != nil {
			return nil, err
		}
		return json.Marshal(response)
	})
	if err != nil {
		t.Fatal(err)
	}
	w := httptest.NewRecorder()
	g.ServeHTTP(w, httptest.NewRequest("GET", "/v1/openapi.json", nil))
	return w.Code
}

// A deployment does not change everything in one moment: until it is done, old and new functions answer requests that
// come by old and new locations of CloudFront.
func TestANewOriginKeyIsRolledOutWithoutLosingARequest(t *testing.T) {
	t.Setenv("AWS_REGION", "us-east-1")
	key := func(letter string) string { return strings.Repeat(letter, 32) }
	now := map[string]string{"OriginKey": key("a"), "OriginKeyNext": key("b"), "OriginKeyInUse": "OriginKey"}
	first := stack(t, now)
	before := first
	for _, step := range []struct{ parameter, value string }{
		{"OriginKeyNext", key("c")}, {"OriginKeyInUse", "OriginKeyNext"}, // ROTATE_ORIGIN_KEY=1, and then 2
		{"OriginKey", key("d")}, {"OriginKeyInUse", "OriginKey"}, // and again
	} {
		now[step.parameter] = step.value
		after := stack(t, now)
		for _, distribution := range []*template.Template{before, after} {
			for _, functions := range []*template.Template{before, after} {
				if status := through(t, distribution, functions); status != 200 {
					t.Errorf("while %s changes, a request is answered with %d", step.parameter, status)
				}
			}
		}
		before = after
	}
	if status := through(t, first, before); status != 403 {
		t.Errorf("the first key is answered with %d in the end, want 403", status)
	}
	if status := through(t, stack(t, map[string]string{"OriginKey": key("e")}), first); status != 403 {
		t.Errorf("a key that is replaced at once is answered with %d, want 403: why there are two steps", status)
	}
}
