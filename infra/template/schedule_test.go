package template_test

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"keepsake/infra/template"
)

func TestSchedulesAreReadInTheirOrder(t *testing.T) {
	f, err := readFunction(t,
		"Events:",
		"  A: {Type: ScheduleV2, Properties: {Name: !Sub '${AWS::StackName}-a', ScheduleExpression: rate(1 minute)}}",
		"  B: {Type: ScheduleV2, Properties: {Name: b, ScheduleExpression: rate(2 hours), RoleArn: r, RetryPolicy: {MaximumRetryAttempts: 0}}}",
		"  R: {Type: HttpApi, Properties: {Method: get, Path: /}}")
	if err != nil {
		t.Fatal(err)
	}
	if want := []template.Schedule{{Name: "keepsake-a", Rate: time.Minute}, {Name: "b", Rate: 2 * time.Hour}}; !reflect.DeepEqual(f.Schedules, want) {
		t.Errorf("the schedules are %v", f.Schedules)
	}
	if got, want := f.Schedules[0].ARN(), "arn:aws:scheduler:us-east-1:000000000000:schedule/default/keepsake-a"; got != want {
		t.Errorf("its ARN is %s", got)
	}
}

func TestAScheduleThatTheLaptopCannotKeepIsReported(t *testing.T) {
	for _, expression := range []string{
		"", "rate()", "rate(minute)", "rate(0 minutes)", "rate(-1 minutes)", "rate(1 week)", "rate(1 minute",
		"rate(1.5 hours)", "1 minute)", "'cron(0 12 * * ? *)'", "'at(2026-11-23T00:00:00)'",
	} {
		_, err := readFunction(t, "Events: {T: {Type: ScheduleV2, Properties: {Name: t, ScheduleExpression: "+expression+"}}}")
		if err == nil || !strings.Contains(err.Error(), "write it like rate(5 minutes)") {
			t.Errorf("%s: %v", expression, err)
		}
	}
}

func TestAScheduleThatSaysMoreOrLessThanTheTemplatesIsRefused(t *testing.T) {
	for properties, want := range map[string]string{
		"ScheduleExpression: rate(1 minute)":                           "a schedule must have a Name",
		"Name: t, ScheduleExpression: rate(1 minute), State: DISABLED": "State is not supported in a schedule",
	} {
		_, err := readFunction(t, "Events: {T: {Type: ScheduleV2, Properties: {"+properties+"}}}")
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", properties, err)
		}
	}
}
