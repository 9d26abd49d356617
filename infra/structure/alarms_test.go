package structure

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestEveryAlarmReachesTheTopicAndNamesItsRunbook(t *testing.T) {
	w := readWritten(t, nil)
	runbooks, err := os.ReadFile(filepath.Join(root, "infra/docs/runbooks.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range w.of(t, "AWS::CloudWatch::Alarm") {
		p := w.Resources[id].Properties
		actions, _ := p["AlarmActions"].([]any)
		if len(actions) != 1 || actions[0] != "${AlarmTopic}" {
			t.Errorf("%s notifies %v, want AlarmTopic alone", id, actions)
		}
		text, _ := p["AlarmDescription"].(string)
		_, runbook, _ := strings.Cut(text, " Runbook - ")
		if heading := "\n## " + strings.TrimSuffix(runbook, ".") + "\n"; runbook == "" || !strings.Contains(string(runbooks), heading) {
			t.Errorf("%s is described as %q, which names no runbook", id, text)
		}
	}
}

func TestTheDashboardIsReadableAndShowsEveryAlarm(t *testing.T) {
	w := readWritten(t, nil)
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

// A key that is deleted or given away takes every value with it.
func TestWhatEndangersAKeyReachesTheTopic(t *testing.T) {
	w := readWritten(t, nil)
	p := w.Resources["KeyInDanger"].Properties
	detail := at(p, "EventPattern", "detail")
	var watched []string
	for _, key := range at(detail, "resources", "ARN").([]any) {
		watched = append(watched, strings.TrimSuffix(strings.TrimPrefix(key.(string), "${"), ".Arn}"))
	}
	if keys := w.of(t, "AWS::KMS::Key"); !slices.Equal(watched, keys) {
		t.Errorf("watched are %v, want %v", watched, keys)
	}
	for _, call := range []string{"PutKeyPolicy", "ScheduleKeyDeletion", "DisableKey", "CreateGrant"} {
		if calls, _ := at(detail, "eventName").([]any); !slices.Contains(calls, any(call)) {
			t.Errorf("%s is not watched", call)
		}
	}
	targets, _ := p["Targets"].([]any)
	if len(targets) != 1 || at(targets[0], "Arn") != "${AlarmTopic}" {
		t.Errorf("it notifies %v, want AlarmTopic alone", targets)
	}
}

// With a policy, a topic takes messages only from those whom the policy names.
func TestTheTopicTakesMessagesFromAlarmsAndFromTheWatchOfThisAccountAlone(t *testing.T) {
	p := readWritten(t, nil).Resources["AlarmTopicPolicy"].Properties
	statements, _ := at(p, "PolicyDocument", "Statement").([]any)
	conditions := map[any]any{}
	for _, statement := range statements {
		if at(statement, "Action") != "sns:Publish" || at(statement, "Effect") != "Allow" {
			t.Errorf("the statement is %v", statement)
		}
		conditions[at(statement, "Principal", "Service")] = at(statement, "Condition")
	}
	alarms := at(conditions["cloudwatch.amazonaws.com"], "StringEquals", "aws:SourceAccount")
	watch := at(conditions["events.amazonaws.com"], "ArnEquals", "aws:SourceArn")
	if len(statements) != 2 || alarms != "${AWS::AccountId}" || watch != "${KeyInDanger.Arn}" {
		t.Errorf("the topic takes messages on these conditions: %v", conditions)
	}
	if topics, _ := p["Topics"].([]any); !slices.Equal(topics, []any{"${AlarmTopic}"}) {
		t.Errorf("it is the policy of %v", topics)
	}
}
