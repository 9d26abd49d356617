package gateway

import (
	"strings"
	"testing"

	"keepsake/infra/template"
)

func functionWith(name string, routes ...template.Route) template.Function {
	return template.Function{Name: name, Routes: routes}
}

func TestTheMoreLiteralRouteWinsInWhateverOrderTheyStand(t *testing.T) {
	functions := []template.Function{
		functionWith("default", template.Route{Method: "ANY", Path: "$default"}),
		functionWith("variable", template.Route{Method: "POST", Path: "/a/{x}"}),
		functionWith("literal", template.Route{Method: "POST", Path: "/a/b"}),
	}
	for _, order := range [][]int{{0, 1, 2}, {2, 1, 0}, {1, 0, 2}} {
		var shuffled []template.Function
		for _, i := range order {
			shuffled = append(shuffled, functions[i])
		}
		table, err := newRoutes(shuffled)
		if err != nil {
			t.Fatal(err)
		}
		for request, want := range map[string]string{
			"POST /a/b": "literal", "POST /a/c": "variable", "GET /a/b": "default", "GET /a": "default",
		} {
			method, path, _ := strings.Cut(request, " ")
			if got, _, _ := table.match(method, path); got.function != want {
				t.Errorf("%s in order %v: %s, want %s", request, order, got.function, want)
			}
		}
	}
}

func TestTwoRoutesThatAreTheSameAreRefused(t *testing.T) {
	_, err := newRoutes([]template.Function{
		functionWith("one", template.Route{Method: "GET", Path: "/a/{x}"}),
		functionWith("two", template.Route{Method: "GET", Path: "/a/{y}"}),
	})
	if err == nil || !strings.Contains(err.Error(), "belongs to one and to two") {
		t.Errorf("error %v, want one that names both", err)
	}
}

func TestARouteThatTheLaptopCannotServeIsRefused(t *testing.T) {
	for _, r := range []template.Route{
		{Method: "GET", Path: "/{rest+}"}, {Method: "ANY", Path: "/a/{x}"}, {Method: "GET", Path: "$default"},
	} {
		_, err := newRoutes([]template.Function{functionWith("one", r)})
		if err == nil || !strings.Contains(err.Error(), "does not support the route "+r.Method+" "+r.Path) {
			t.Errorf("%s %s: error %v", r.Method, r.Path, err)
		}
	}
}

func TestWithoutADefaultAnUnknownPathGetsTheGatewaysOwn404(t *testing.T) {
	g := behindEdge(t, `function handler(event) { return event.request; }`,
		functionWith("one", template.Route{Method: "GET", Path: "/a"}))
	if w := send(g, "GET", "/b", ""); w.Code != 404 || w.Body.String() != `{"message":"Not Found"}` {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}
