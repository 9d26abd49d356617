// Package structure holds the project to its own rules: an operation has one name everywhere, imports run
// one way, a role allows no more than it must.
package structure

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/events"

	"keepsake/infra/template"
	"keepsake/shared/api"
)

const root = "../.."

func readTemplate(t *testing.T) *template.Template {
	t.Helper()
	tmpl, err := template.Read(filepath.Join(root, "template.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	return tmpl
}

// names lists the files of a folder, without an ending.
func names(t *testing.T, folder, ending string) []string {
	t.Helper()
	entries, err := os.ReadDir(filepath.Join(root, folder))
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, entry := range entries {
		out = append(out, strings.TrimSuffix(entry.Name(), ending))
	}
	slices.Sort(out)
	return out
}

// pascal spells an operation as the template does: undelete-secret becomes UndeleteSecret.
func pascal(operation string) string {
	var out string
	for word := range strings.SplitSeq(operation, "-") {
		out += strings.ToUpper(word[:1]) + word[1:]
	}
	return out
}

func TestAnOperationHasOneNameEverywhere(t *testing.T) {
	folders := names(t, "functions", "")
	if len(folders) == 0 {
		t.Fatal("there are no functions")
	}
	var resources []string
	for _, f := range readTemplate(t).Functions {
		resources = append(resources, f.Name)
		if want := pascal(f.Name) + "Function"; f.LogicalID != want {
			t.Errorf("the resource %s should be %s", f.LogicalID, want)
		}
	}
	slices.Sort(resources)
	if !slices.Equal(resources, folders) {
		t.Errorf("the template's functions are %v, the folders %v", resources, folders)
	}
	if samples := names(t, "events", ".json"); !slices.Equal(samples, folders) {
		t.Errorf("the sample events are %v, the folders %v", samples, folders)
	}
	for _, f := range readTemplate(t).Functions {
		file := filepath.Join(root, home(f), strings.ReplaceAll(f.Name, "-", "_")+".go")
		code, err := os.ReadFile(file)
		if err != nil {
			t.Error(err)
			continue
		}
		for _, want := range []string{"func " + pascal(f.Name) + "(", `"` + f.Name + `"`} {
			if !strings.Contains(string(code), want) {
				t.Errorf("%s does not contain %s", file, want)
			}
		}
	}
}

// home returns the package that has a function's code.
func home(f template.Function) string {
	if len(f.Routes) > 0 {
		return "shared/api"
	}
	return "shared/job"
}

// routed lists the functions that the gateway calls.
func routed(t *testing.T) []template.Function {
	t.Helper()
	return slices.DeleteFunc(readTemplate(t).Functions, func(f template.Function) bool { return len(f.Routes) == 0 })
}

func TestEachJobHasOneScheduleOfItsNameAndItsSampleComesByIt(t *testing.T) {
	for _, f := range readTemplate(t).Functions {
		if len(f.Schedules) == 0 {
			continue
		}
		if len(f.Schedules) != 1 || len(f.Routes) > 0 || f.Schedules[0].Name != "keepsake-"+f.Name {
			t.Errorf("%s is started by %v and %v, want one schedule of its name", f.Name, f.Schedules, f.Routes)
		}
		if f.Timeout >= f.Schedules[0].Rate {
			t.Errorf("%s may run for %s, longer than its schedule's %s", f.Name, f.Timeout, f.Schedules[0].Rate)
		}
		text, err := os.ReadFile(filepath.Join(root, "events", f.Name+".json"))
		if err != nil {
			t.Error(err)
			continue
		}
		var event events.EventBridgeEvent
		if err := json.Unmarshal(text, &event); err != nil {
			t.Errorf("%s: %v", f.Name, err)
		}
		if event.Source != "aws.scheduler" || !slices.Equal(event.Resources, []string{f.Schedules[0].ARN()}) || event.Time.IsZero() {
			t.Errorf("%s: the sample is of %s, %v, want its schedule", f.Name, event.Source, event.Resources)
		}
	}
}

func TestEachOperationsRouteIsTheContractsInTheGatewaysSpelling(t *testing.T) {
	routes := map[string][]template.Route{"reject-unknown-route": {{Method: "ANY", Path: "$default"}}}
	for _, r := range slices.Concat(api.Routes, api.Pages) {
		if _, twice := routes[r.Operation]; twice && slices.Contains(api.Routes, r) {
			t.Errorf("%s has two routes", r.Operation)
		}
		routes[r.Operation] = append(routes[r.Operation], template.Route{Method: r.Method, Path: strings.Replace(r.Path, "}:", "}/", -1)})
	}
	for _, f := range routed(t) {
		if !slices.Equal(f.Routes, routes[f.Name]) {
			t.Errorf("%s is routed from %v, want %v", f.Name, f.Routes, routes[f.Name])
		}
		delete(routes, f.Name)
	}
	if len(routes) > 0 {
		t.Errorf("no function has the routes %v", routes)
	}
}

func TestEachSampleEventComesByItsOperationsRoute(t *testing.T) {
	for _, f := range routed(t) {
		text, err := os.ReadFile(filepath.Join(root, "events", f.Name+".json"))
		if err != nil {
			t.Error(err)
			continue
		}
		var event events.APIGatewayV2HTTPRequest
		if err := json.Unmarshal(text, &event); err != nil {
			t.Errorf("%s: %v", f.Name, err)
		}
		want := f.Routes[0].Method + " " + f.Routes[0].Path
		if f.Routes[0].Path == "$default" {
			want = "$default"
		}
		if event.RouteKey != want || event.RequestContext.RouteKey != want {
			t.Errorf("%s: the sample's route is %q, want %q", f.Name, event.RouteKey, want)
		}
		if event.Headers["x-origin-key"] != "{{origin}}" {
			t.Errorf("%s: the sample does not come through the distribution", f.Name)
		}
		path := f.Routes[0].Path
		for name, value := range event.PathParameters {
			path = strings.Replace(path, "{"+name+"}", value, 1)
		}
		if want != "$default" && (event.RawPath != path || event.RequestContext.HTTP.Path != path) {
			t.Errorf("%s: the sample's path is %s, want %s", f.Name, event.RawPath, path)
		}
	}
}

func TestNoRouteHasAnythingBehindAVariable(t *testing.T) {
	for _, f := range routed(t) {
		for segment := range strings.SplitSeq(f.Routes[0].Path, "/") {
			if i := strings.Index(segment, "}"); i >= 0 && i != len(segment)-1 {
				t.Errorf("%s: API Gateway cannot route the segment %s", f.Name, segment)
			}
		}
	}
}

func TestTheTemplateCarriesTheEdgeFunctionAsItStandsInItsFile(t *testing.T) {
	source, err := os.ReadFile(filepath.Join(root, "infra/edge/rewrite.js"))
	if err != nil {
		t.Fatal(err)
	}
	if strings.TrimSpace(readTemplate(t).EdgeCode) != strings.TrimSpace(string(source)) {
		t.Error("template.yaml's FunctionCode is not infra/edge/rewrite.js: paste it in again")
	}
}

func TestADeployedStackKeepsADeletedSecretForADayAtLeast(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(root, "template.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(text), "SHORT_RETENTION") {
		t.Error("the template allows a retention of less than a day")
	}
}
