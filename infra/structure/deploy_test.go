package structure

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"keepsake/infra/template"
)

func TestEveryParameterSaysWhatItIsAndHasBounds(t *testing.T) {
	for name, p := range readWritten(t, nil).Parameters {
		if len(p.Description) < 20 {
			t.Errorf("%s is not described", name)
		}
		bounded := p.AllowedValues != nil || p.AllowedPattern != "" || p.MaxLength > 0
		if p.Type == "Number" {
			bounded = p.AllowedValues != nil || p.MinValue != nil && p.MaxValue != nil
		}
		if !bounded {
			t.Errorf("%s has no bounds", name)
		}
		if p.Default == nil {
			if name != "OriginKey" && name != "OriginKeyNext" && !strings.HasSuffix(name, "Release") {
				t.Errorf("%s has no default", name)
			}
		} else if err := p.Check(*p.Default); err != nil {
			t.Errorf("the default of %s: %v", name, err)
		}
	}
}

func TestAFunctionLogsToItsOwnGroupWhichForgets(t *testing.T) {
	w := readWritten(t, map[string]string{"LogRetentionDays": "731"})
	for _, id := range w.of(t, "AWS::Serverless::Function") {
		group := "${" + strings.TrimSuffix(id, "Function") + "Logs}"
		if got := at(w.Resources[id].Properties, "LoggingConfig", "LogGroup"); got != group {
			t.Errorf("%s logs to %v, want %s", id, got, group)
		}
	}
	for _, id := range w.of(t, "AWS::Logs::LogGroup") {
		if got := w.Resources[id].Properties["RetentionInDays"]; got != 731 {
			t.Errorf("%s keeps its lines for %v days, want those of LogRetentionDays", id, got)
		}
	}
}

// SAM publishes a version if the template's text changes, not if a parameter's value does. Without this, a
// function would keep its old settings behind the alias.
func TestEachFunctionIsPublishedByAReleaseOfItsOwn(t *testing.T) {
	w := readWritten(t, nil)
	if w.Globals["AutoPublishAlias"] != "live" {
		t.Error("functions have no alias")
	}
	functions := w.of(t, "AWS::Serverless::Function")
	for _, id := range functions {
		want := "${" + strings.TrimSuffix(id, "Function") + "Release}"
		if got := w.Resources[id].Properties["AutoPublishCodeSha256"]; got != want {
			t.Errorf("%s is published by %v, want %s", id, got, want)
		}
	}
	for name := range w.Parameters {
		if of, release := strings.CutSuffix(name, "Release"); release && !slices.Contains(functions, of+"Function") {
			t.Errorf("%s is the release of no function", name)
		}
	}
}

// A canary shows what goes wrong with a tenth of the calls. It shows nothing if no caller waits for the function, or
// if it touches nothing that could fail.
func TestAFunctionTakesOverBitByBitIfAndOnlyIfACanaryCanShowSomething(t *testing.T) {
	w := readWritten(t, nil)
	for _, f := range readTemplate(t).Functions {
		touches := slices.ContainsFunc(f.Statements, func(s template.Statement) bool {
			return !strings.HasPrefix(s.Actions[0], "logs:")
		})
		shows := len(f.Routes) > 0 && touches
		if bitByBit := w.deploymentRole(f.LogicalID) != ""; bitByBit != shows {
			t.Errorf("%s takes over bit by bit: %v; a canary can show something: %v", f.Name, bitByBit, shows)
		}
	}
}

func TestNewCodeGoesBackOnAlarmsThatAreThere(t *testing.T) {
	w := readWritten(t, nil)
	preference := w.Globals["DeploymentPreference"]
	alarms, _ := at(preference, "Alarms").([]any)
	if len(alarms) == 0 || at(preference, "Type") != *w.Parameters["DeploymentType"].Default {
		t.Errorf("deployments are %v", preference)
	}
	atOnce := at(readWritten(t, map[string]string{"DeploymentType": "AllAtOnce"}).Globals["DeploymentPreference"], "Alarms")
	if none, list := atOnce.([]any); !list || len(none) > 0 {
		t.Errorf("without a shift of callers the alarms are %v; SAM takes a list, and it must be empty", atOnce)
	}
	policies := map[string]string{}
	for _, role := range []string{"DeploymentRole", "OpenersDeploymentRole"} {
		text, _ := yaml.Marshal(w.Resources[role].Properties)
		policies["${"+role+".Arn}"] = string(text)
	}
	for _, alarm := range alarms {
		name := alarm.(string)
		if id := strings.Trim(name, "${}"); w.Resources[id].Type != "AWS::CloudWatch::Alarm" && !w.hasAlarmNamed(t, name) {
			t.Errorf("%s is not an alarm", name)
		}
	}
	for _, id := range w.of(t, "AWS::Serverless::Function") {
		own := w.deploymentRole(id)
		for role, policy := range policies {
			moves := strings.Contains(policy, " ${"+id+".Arn}\n") && strings.Contains(policy, "${"+id+".Arn}:live\n")
			if moves != (role == own) {
				t.Errorf("%s may move the alias of %s: %v; its deployment has the role %s", role, id, moves, own)
			}
		}
	}
}

// A refused look at the alarms stops every canary, and CloudWatch shows composite alarms only to a right to all.
func TestADeploymentMayLookAtEveryAlarm(t *testing.T) {
	for _, role := range readTemplate(t).Roles {
		looks := slices.ContainsFunc(role.Statements, func(s template.Statement) bool {
			return slices.Equal(s.Actions, []string{"cloudwatch:DescribeAlarms"}) && slices.Equal(s.Resources, []string{"*"})
		})
		if deploys := otherRoles[role.LogicalID] == "codedeploy.amazonaws.com"; looks != deploys {
			t.Errorf("%s may look at every alarm: %v, want %v", role.LogicalID, looks, deploys)
		}
	}
}

// deploymentRole returns the role by which CodeDeploy moves the alias of a function, or "" if CloudFormation moves it.
func (w written) deploymentRole(function string) string {
	if at(w.Resources[function].Properties, "DeploymentPreference", "Enabled") == false {
		return ""
	}
	role, own := at(w.Resources[function].Properties, "DeploymentPreference", "Role").(string)
	if !own {
		role, _ = at(w.Globals["DeploymentPreference"], "Role").(string)
	}
	return role
}

func (w written) hasAlarmNamed(t *testing.T, name any) bool {
	t.Helper()
	return slices.ContainsFunc(w.of(t, "AWS::CloudWatch::Alarm"), func(id string) bool {
		return w.Resources[id].Properties["AlarmName"] == name
	})
}

func TestKeysAreKeptOnlyIfTheOwnerAsksAndByTheFunctionsThatReadValuesAlone(t *testing.T) {
	for value, want := range map[string]string{"": "0s", "300": "300s"} {
		values := map[string]string{}
		if value != "" {
			values["KeyCaching"] = value
		}
		w := readWritten(t, values)
		for _, id := range w.of(t, "AWS::Serverless::Function") {
			got := at(w.Resources[id].Properties, "Environment", "Variables", "KEY_CACHING")
			if id == "AccessSecretVersionFunction" || id == "AccessNamedVersionFunction" {
				if got != want {
					t.Errorf("KeyCaching %q: %s has KEY_CACHING %v, want %s", value, id, got, want)
				}
			} else if got != nil {
				t.Errorf("%s has KEY_CACHING %v", id, got)
			}
		}
	}
	keeping := readWritten(t, nil).Parameters["KeyCaching"]
	if err := keeping.Check("301"); err == nil {
		t.Error("keys can be kept for longer than five minutes")
	}
}

func TestNothingThatIsDeletedByMistakeTakesDataWithIt(t *testing.T) {
	w := readWritten(t, nil)
	for _, id := range append(w.of(t, "AWS::DynamoDB::Table"), w.of(t, "AWS::KMS::Key")...) {
		r := w.Resources[id]
		stays := r.DeletionPolicy == "Retain" || r.DeletionPolicy == "RetainExceptOnCreate"
		if !stays || r.UpdateReplacePolicy != "Retain" {
			t.Errorf("%s is deleted with the stack", id)
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
			t.Errorf("%s can be deleted within %v days", id, p["PendingWindowInDays"])
		}
		if rotates := p["EnableKeyRotation"] == true; rotates != (p["KeySpec"] == nil) { // an HMAC key cannot
			t.Errorf("%s rotates: %v", id, rotates)
		}
	}
}

func TestSchedulesStartTheirJobsByOneRoleThatMayDoNothingElse(t *testing.T) {
	w := readWritten(t, nil)
	var jobs []string
	for _, f := range readTemplate(t).Functions {
		if len(f.Schedules) == 0 {
			continue
		}
		jobs = append(jobs, "${"+f.LogicalID+".Arn}:live")
		if got := at(w.Resources[f.LogicalID].Properties, "Events", "Tick", "Properties", "RoleArn"); got != "${ScheduleRole.Arn}" {
			t.Errorf("%s is started by the role %v, want ScheduleRole", f.Name, got)
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
	w := readWritten(t, nil)
	for _, f := range readTemplate(t).Functions {
		if len(f.Streams) == 0 {
			continue
		}
		p := at(w.Resources[f.LogicalID].Properties, "Events", "Changes", "Properties")
		queue, _ := at(p, "DestinationConfig", "OnFailure", "Destination").(string)
		id := strings.TrimSuffix(strings.TrimPrefix(queue, "${"), ".Arn}")
		if w.Resources[id].Type != "AWS::SQS::Queue" || w.Resources[id].Properties["SqsManagedSseEnabled"] != true {
			t.Errorf("%s sends what it cannot do to %s, want an encrypted queue", f.Name, queue)
		}
	}
}

// The collector may let the heap grow up to the limit. Lambda ends a function that needs more than its memory.
func TestTheHeapMayTakeFourFifthsOfTheMemoryThatTheOwnerChooses(t *testing.T) {
	for memory, limit := range map[string]string{"256": "200MiB", "512": "400MiB", "1024": "800MiB"} {
		w := readWritten(t, map[string]string{"MemorySize": memory})
		if got := at(w.Globals["Environment"], "Variables", "GOMEMLIMIT"); got != limit || fmt.Sprint(w.Globals["MemorySize"]) != memory {
			t.Errorf("with MemorySize %s: %v MB and the limit %v, want %s", memory, w.Globals["MemorySize"], got, limit)
		}
	}
	if got := readWritten(t, nil).Parameters["MemorySize"].AllowedValues; len(got) != 3 {
		t.Errorf("MemorySize may be %v: give each value its limit", got)
	}
}

// At WARN, what Lambda says of a call is lost: its REPORT, and with it the starts.
func TestTheOwnerMaySeeWhatLambdaSaysOfEachCall(t *testing.T) {
	for _, level := range []string{"WARN", "INFO"} {
		w := readWritten(t, map[string]string{"SystemLogLevel": level})
		if got := at(w.Globals["LoggingConfig"], "SystemLogLevel"); got != level {
			t.Errorf("with SystemLogLevel %s it is %v", level, got)
		}
	}
}

func TestEveryRoleHasTheBoundaryThatTheOwnerNamesAndNoneOtherwise(t *testing.T) {
	const boundary = "arn:aws:iam::123456789012:policy/boundary"
	w, without := readWritten(t, map[string]string{"PermissionsBoundary": boundary}), readWritten(t, nil)
	for _, id := range w.of(t, "AWS::IAM::Role") {
		if got := w.Resources[id].Properties["PermissionsBoundary"]; got != boundary {
			t.Errorf("%s has the boundary %v", id, got)
		}
		if got, has := without.Resources[id].Properties["PermissionsBoundary"]; has {
			t.Errorf("%s has the boundary %v though none is named", id, got)
		}
	}
}

// CloudFormation refuses to change it later, whatever the value: a stack that has a key must keep it as it is.
func TestTheEncryptionKeyIsOfSeveralRegionsOnlyIfTheOwnerAsks(t *testing.T) {
	for value, want := range map[string]any{"true": true, "false": nil} {
		w := readWritten(t, map[string]string{"MultiRegionKey": value})
		if got := w.Resources["EncryptionKey"].Properties["MultiRegion"]; got != want {
			t.Errorf("with MultiRegionKey %s it is %v, want %v", value, got, want)
		}
	}
}
