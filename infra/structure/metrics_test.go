package structure

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

const metricNames = "shared/telemetry/names.go"

// readMetricNames returns the names of all metrics: the constants of one file.
func readMetricNames(t *testing.T) map[string]bool {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(root, metricNames), nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]bool{}
	ast.Inspect(file, func(n ast.Node) bool {
		if literal, ok := n.(*ast.BasicLit); ok && literal.Kind == token.STRING {
			name, _ := strconv.Unquote(literal.Value)
			all[name] = true
		}
		return true
	})
	if len(all) == 0 {
		t.Fatalf("%s names no metric", metricNames)
	}
	return all
}

// keepsakeMetric finds the metrics of our own namespace that the dashboard draws.
var keepsakeMetric = regexp.MustCompile(`"Keepsake", "(\w+)"|\[".", "(\w+)"|\{Keepsake,[\w,]+\} MetricName=\\"(\w+)\\"`)

// readShownMetrics returns the metrics of our own namespace that an alarm or the dashboard names.
func readShownMetrics(t *testing.T) map[string]bool {
	t.Helper()
	w := readWritten(t, nil)
	shown := map[string]bool{}
	body, _ := w.Resources["Dashboard"].Properties["DashboardBody"].(string)
	for _, m := range keepsakeMetric.FindAllStringSubmatch(body, -1) {
		shown[m[1]+m[2]+m[3]] = true
	}
	for _, id := range w.of(t, "AWS::CloudWatch::Alarm") {
		p := w.Resources[id].Properties
		single := []any{p}
		queries, _ := p["Metrics"].([]any)
		for _, q := range queries {
			single = append(single, at(q, "MetricStat", "Metric"))
		}
		for _, metric := range single {
			if name, ok := at(metric, "MetricName").(string); ok && at(metric, "Namespace") == "Keepsake" {
				shown[name] = true
			}
		}
	}
	return shown
}

func TestAlarmsAndTheDashboardShowMetricsThatTheFunctionsWrite(t *testing.T) {
	names := readMetricNames(t)
	for shown := range readShownMetrics(t) {
		if !names[shown] {
			t.Errorf("the template names the metric %s: %s does not", shown, metricNames)
		}
	}
}

func TestEachMetricHasAnAlarmOrIsOnTheDashboard(t *testing.T) {
	shown := readShownMetrics(t)
	for name := range readMetricNames(t) {
		if !shown[name] {
			t.Errorf("the metric %s costs money, and neither an alarm nor the dashboard names it", name)
		}
	}
}

func TestMetricNamesStandInOneFile(t *testing.T) {
	names := readMetricNames(t)
	literal := regexp.MustCompile(`"(\w+)"`)
	for _, files := range list(t, "-f", `{{range .GoFiles}}{{$.Dir}}/{{.}} {{end}}`, "./shared/...") {
		for file := range strings.FieldsSeq(files) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range literal.FindAllStringSubmatch(string(text), -1) {
				if names[m[1]] && !strings.HasSuffix(file, metricNames) {
					t.Errorf("%s spells the metric %q: use the constant of %s", file, m[1], metricNames)
				}
			}
		}
	}
}
