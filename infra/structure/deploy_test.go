package structure

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// What only AWS reads of the template, and the laptop cloud does not: it is held to the plan here.

// written is a template as it stands on paper: !Ref X reads X, and !GetAtt X.Arn reads X.Arn.
type written struct {
	Parameters map[string]map[string]any
	Globals    struct{ Function map[string]any }
	Resources  map[string]writtenResource
}

type writtenResource struct {
	Type                string         `yaml:"Type"`
	DeletionPolicy      string         `yaml:"DeletionPolicy"`
	UpdateReplacePolicy string         `yaml:"UpdateReplacePolicy"`
	Properties          map[string]any `yaml:"Properties"`
}

func readWritten(t *testing.T) written {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, "template.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	var raw struct {
		Parameters map[string]map[string]any  `yaml:"Parameters"`
		Globals    map[string]map[string]any  `yaml:"Globals"`
		Resources  map[string]writtenResource `yaml:"Resources"`
	}
	if err := yaml.Unmarshal(text, &raw); err != nil {
		t.Fatal(err)
	}
	w := written{Parameters: raw.Parameters, Resources: raw.Resources}
	w.Globals.Function = raw.Globals["Function"]
	return w
}

// of lists the logical ids of a type's resources.
func (w written) of(t *testing.T, kind string) []string {
	t.Helper()
	var ids []string
	for id, r := range w.Resources {
		if r.Type == kind {
			ids = append(ids, id)
		}
	}
	if len(ids) == 0 {
		t.Fatalf("the template has no %s", kind)
	}
	slices.Sort(ids)
	return ids
}

// at walks down maps and lists of maps by their keys; nil if there is nothing.
func at(from any, path ...string) any {
	for _, key := range path {
		m, ok := from.(map[string]any)
		if !ok {
			return nil
		}
		from = m[key]
	}
	return from
}

func TestEveryParameterSaysWhatItIsAndHasBounds(t *testing.T) {
	for name, p := range readWritten(t).Parameters {
		if text, _ := p["Description"].(string); len(text) < 20 {
			t.Errorf("%s is not described", name)
		}
		bounded := p["AllowedValues"] != nil || p["AllowedPattern"] != nil || p["MaxLength"] != nil
		if p["Type"] == "Number" {
			bounded = p["AllowedValues"] != nil || p["MinValue"] != nil && p["MaxValue"] != nil
		}
		if !bounded {
			t.Errorf("%s takes anything", name)
		}
		if _, has := p["Default"]; !has && name != "OriginKey" && name != "Release" {
			t.Errorf("%s has no default", name)
		}
	}
}

func TestAFunctionLogsToItsOwnGroupWhichForgets(t *testing.T) {
	w := readWritten(t)
	for _, id := range w.of(t, "AWS::Serverless::Function") {
		group := strings.TrimSuffix(id, "Function") + "Logs"
		if got := at(w.Resources[id].Properties, "LoggingConfig", "LogGroup"); got != group {
			t.Errorf("%s logs to %v, want %s", id, got, group)
		}
	}
	for _, id := range w.of(t, "AWS::Logs::LogGroup") {
		if got := w.Resources[id].Properties["RetentionInDays"]; got != "LogRetentionDays" {
			t.Errorf("%s keeps its lines for %v", id, got)
		}
	}
}

// SAM publishes a version when the template's text changes, not when a parameter's value does: a
// function without this would go on with its old settings behind the alias.
func TestEachReleaseReachesTheAliasOfEachFunction(t *testing.T) {
	w := readWritten(t)
	if w.Globals.Function["AutoPublishAlias"] != "live" {
		t.Error("functions have no alias")
	}
	for _, id := range w.of(t, "AWS::Serverless::Function") {
		if got := w.Resources[id].Properties["AutoPublishCodeSha256"]; got != "Release" {
			t.Errorf("%s is published by %v, want Release", id, got)
		}
	}
}

func TestNewCodeGoesBackOnAlarmsThatAreThere(t *testing.T) {
	w := readWritten(t)
	preference := w.Globals.Function["DeploymentPreference"]
	unlessAllAtOnce, _ := at(preference, "Alarms").([]any) // an If: the condition, then, else
	if len(unlessAllAtOnce) != 3 || unlessAllAtOnce[0] != "RollsBack" {
		t.Fatalf("deployments go back on %v", unlessAllAtOnce)
	}
	if _, list := unlessAllAtOnce[2].([]any); !list {
		t.Errorf("without alarms there is %v; SAM takes a list and nothing else", unlessAllAtOnce[2])
	}
	alarms, _ := unlessAllAtOnce[1].([]any)
	if len(alarms) == 0 || at(preference, "Type") != "DeploymentType" {
		t.Errorf("deployments are %v", preference)
	}
	policy, _ := yaml.Marshal(w.Resources["DeploymentRole"].Properties)
	for _, alarm := range alarms {
		right := ":alarm:" + alarm.(string)
		if w.Resources[alarm.(string)].Type == "AWS::CloudWatch::Alarm" {
			right = alarm.(string) + ".Arn"
		} else if !w.hasAlarmNamed(t, alarm) {
			t.Errorf("%v is no alarm", alarm)
		}
		if !strings.Contains(string(policy), right+"\n") {
			t.Errorf("the deployment may not look at %v", alarm)
		}
	}
	for _, id := range w.of(t, "AWS::Serverless::Function") {
		if !strings.Contains(string(policy), "- "+id+".Arn\n") || !strings.Contains(string(policy), "${"+id+".Arn}:live") {
			t.Errorf("the deployment may not shift the alias of %s", id)
		}
	}
}

func (w written) hasAlarmNamed(t *testing.T, name any) bool {
	t.Helper()
	return slices.ContainsFunc(w.of(t, "AWS::CloudWatch::Alarm"), func(id string) bool {
		return w.Resources[id].Properties["AlarmName"] == name
	})
}

func TestNothingThatIsDeletedByMistakeTakesDataWithIt(t *testing.T) {
	w := readWritten(t)
	for _, id := range append(w.of(t, "AWS::DynamoDB::Table"), w.of(t, "AWS::KMS::Key")...) {
		r := w.Resources[id]
		stays := r.DeletionPolicy == "Retain" || r.DeletionPolicy == "RetainExceptOnCreate"
		if !stays || r.UpdateReplacePolicy != "Retain" {
			t.Errorf("%s goes with the stack", id)
		}
	}
	for _, id := range w.of(t, "AWS::DynamoDB::Table") {
		p := w.Resources[id].Properties
		if p["DeletionProtectionEnabled"] != true || at(p, "PointInTimeRecoverySpecification", "PointInTimeRecoveryEnabled") != true {
			t.Errorf("%s is not protected", id)
		}
	}
	for _, id := range w.of(t, "AWS::KMS::Key") {
		p := w.Resources[id].Properties
		if p["PendingWindowInDays"] != 30 {
			t.Errorf("%s can be gone in %v days", id, p["PendingWindowInDays"])
		}
		if rotates := p["EnableKeyRotation"] == true; rotates != (p["KeySpec"] == nil) { // an HMAC key cannot
			t.Errorf("%s rotates: %v", id, rotates)
		}
	}
}

func TestSchedulesStartTheirJobsByOneRoleThatMayDoNothingElse(t *testing.T) {
	w := readWritten(t)
	var jobs []string
	for _, f := range readTemplate(t).Functions {
		if len(f.Schedules) == 0 {
			continue
		}
		jobs = append(jobs, "${"+f.LogicalID+".Arn}:live")
		if got := at(w.Resources[f.LogicalID].Properties, "Events", "Tick", "Properties", "RoleArn"); got != "ScheduleRole.Arn" {
			t.Errorf("%s is started by the role %v", f.Name, got)
		}
	}
	policies, _ := w.Resources["ScheduleRole"].Properties["Policies"].([]any)
	statements, _ := at(policies[0], "PolicyDocument", "Statement").([]any)
	var may []string
	for _, resource := range at(statements[0], "Resource").([]any) {
		may = append(may, resource.(string))
	}
	slices.Sort(jobs)
	slices.Sort(may)
	if len(statements) != 1 || at(statements[0], "Action") != "lambda:InvokeFunction" || !slices.Equal(may, jobs) {
		t.Errorf("schedules may %v, want to invoke %v", statements, jobs)
	}
}

func TestAStreamsFunctionSetsAsideWhatItCannotDo(t *testing.T) {
	w := readWritten(t)
	for _, f := range readTemplate(t).Functions {
		if len(f.Streams) == 0 {
			continue
		}
		p := at(w.Resources[f.LogicalID].Properties, "Events", "Changes", "Properties")
		queue, _ := at(p, "DestinationConfig", "OnFailure", "Destination").(string)
		id, _, _ := strings.Cut(queue, ".")
		if w.Resources[id].Type != "AWS::SQS::Queue" || w.Resources[id].Properties["SqsManagedSseEnabled"] != true {
			t.Errorf("%s sets aside to %s", f.Name, queue)
		}
	}
}

func TestTheDoorIsThrottledAndItsLogHoldsNoPath(t *testing.T) {
	p := readWritten(t).Resources["Api"].Properties
	if at(p, "DefaultRouteSettings", "ThrottlingRateLimit") != "ThrottleRate" || at(p, "DefaultRouteSettings", "ThrottlingBurstLimit") != "ThrottleBurst" {
		t.Error("the gateway takes what comes")
	}
	format, _ := at(p, "AccessLogSettings", "Format").(string)
	if !json.Valid([]byte(format)) {
		t.Errorf("the access log is no JSON: %s", format)
	}
	// The path, and what else a client writes, may hold a value by a client's mistake.
	if strings.Contains(strings.ToLower(format), "path") || strings.Contains(format, "querystring") {
		t.Errorf("the access log holds what clients write: %s", format)
	}
}

// Those that CloudFront keeps for ten seconds unless told otherwise, whatever the cache policy and the
// answer say.
var cachedErrors = []int{400, 403, 404, 405, 414, 500, 501, 502, 503, 504}

func TestTheEdgeKeepsNoAnswerNotEvenAnError(t *testing.T) {
	p := readWritten(t).Resources["Distribution"].Properties["DistributionConfig"]
	const disabled = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
	if at(p, "DefaultCacheBehavior", "CachePolicyId") != disabled {
		t.Error("the edge caches")
	}
	kept := map[int]bool{}
	for _, code := range cachedErrors {
		kept[code] = true
	}
	responses, _ := at(p, "CustomErrorResponses").([]any)
	for _, r := range responses {
		code, _ := at(r, "ErrorCode").(int)
		if at(r, "ErrorCachingMinTTL") == 0 && at(r, "ResponsePagePath") == nil {
			delete(kept, code)
		}
	}
	if len(kept) > 0 {
		t.Errorf("the edge keeps %v", kept)
	}
}

func TestEveryAlarmReachesTheTopicAndNamesItsRunbook(t *testing.T) {
	w := readWritten(t)
	runbooks, err := os.ReadFile(filepath.Join(root, "infra/docs/runbooks.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range w.of(t, "AWS::CloudWatch::Alarm") {
		p := w.Resources[id].Properties
		actions, _ := p["AlarmActions"].([]any)
		if len(actions) != 1 || actions[0] != "AlarmTopic" {
			t.Errorf("%s tells %v", id, actions)
		}
		text, _ := p["AlarmDescription"].(string)
		_, runbook, _ := strings.Cut(text, " Runbook - ")
		if heading := "\n## " + strings.TrimSuffix(runbook, ".") + "\n"; runbook == "" || !strings.Contains(string(runbooks), heading) {
			t.Errorf("%s says %q, which names no runbook", id, text)
		}
	}
}

func TestTheDashboardIsReadableAndShowsEveryAlarm(t *testing.T) {
	w := readWritten(t)
	body, _ := w.Resources["Dashboard"].Properties["DashboardBody"].(string)
	var parsed struct {
		Widgets []struct{ X, Y, Width, Height int }
	}
	if err := json.Unmarshal([]byte(body), &parsed); err != nil {
		t.Fatal(err)
	}
	if len(parsed.Widgets) == 0 {
		t.Error("the dashboard is empty")
	}
	for _, id := range w.of(t, "AWS::CloudWatch::Alarm") {
		if !strings.Contains(body, "${"+id+".Arn}") {
			t.Errorf("the dashboard does not show %s", id)
		}
	}
}

// keepsakeMetric finds what alarms and the dashboard ask for in our own namespace.
var keepsakeMetric = regexp.MustCompile(`"Keepsake", "(\w+)"|\[".", "(\w+)"`)

func TestAlarmsAndTheDashboardShowMetricsThatTheFunctionsWrite(t *testing.T) {
	w := readWritten(t)
	asked := map[string]bool{}
	body, _ := w.Resources["Dashboard"].Properties["DashboardBody"].(string)
	for _, m := range keepsakeMetric.FindAllStringSubmatch(body, -1) {
		asked[m[1]+m[2]] = true
	}
	for _, id := range w.of(t, "AWS::CloudWatch::Alarm") {
		if p := w.Resources[id].Properties; p["Namespace"] == "Keepsake" {
			asked[p["MetricName"].(string)] = true
		}
	}
	written := goStrings(t, "shared")
	for name := range asked {
		if !written[name] {
			t.Errorf("no function writes %s", name)
		}
	}
}

// goStrings are the string literals of the project's code under a folder.
func goStrings(t *testing.T, folder string) map[string]bool {
	t.Helper()
	all := map[string]bool{}
	literal := regexp.MustCompile(`"(\w+)"`)
	for _, name := range list(t, "-f", `{{range .GoFiles}}{{$.Dir}}/{{.}} {{end}}`, "./"+folder+"/...") {
		for _, file := range strings.Fields(name) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range literal.FindAllStringSubmatch(string(text), -1) {
				all[m[1]] = true
			}
		}
	}
	return all
}
