package structure

import (
	"encoding/json"
	"os"
	"path/filepath"
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
