package stream

import (
	"slices"
	"strings"
	"testing"

	"keepsake/infra/template"
)

func TestAMappingWhoseRoleLacksARightIsFoundBeforeAnythingStarts(t *testing.T) {
	w := newWatch(t, "")
	things := template.TableARN("ThingsTable") + "/stream/local"
	all := []string{
		"dynamodb:ListStreams " + things, "dynamodb:DescribeStream " + things, "dynamodb:GetShardIterator " + things,
		"dynamodb:GetRecords " + things, "sqs:SendMessage " + template.QueueARN("Lost"),
	}
	for _, lacking := range append(all, "") {
		c := w.config()
		c.May = func(f template.Function, action, resource string) bool {
			right := action + " " + resource
			return f.Name == "watch-things" && slices.Contains(all, right) && right != lacking
		}
		_, err := New(c, w.template.Functions)
		action, resource, _ := strings.Cut(lacking, " ")
		if lacking == "" && err != nil {
			t.Errorf("with all rights: %v", err)
		}
		if lacking != "" && (err == nil || !strings.Contains(err.Error(), "WatchThingsFunction: its role does not allow "+action+" on "+resource)) {
			t.Errorf("without %s: %v", lacking, err)
		}
	}
}
