package cloudtest_test

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"keepsake/infra/cloud/schedule"
	"keepsake/infra/template"
)

func TestATickSendsAnEventLikeTheSample(t *testing.T) {
	root := filepath.Join("..", "..")
	tmpl, err := template.Read(filepath.Join(root, "template.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	sent := map[string][]byte{}
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 24*time.Hour+time.Second)
		defer cancel()
		schedule.Run(ctx, tmpl.Functions, func(_ context.Context, function string, event []byte) ([]byte, error) {
			mu.Lock()
			defer mu.Unlock()
			sent[function] = event
			return nil, nil
		}, &bytes.Buffer{})
	})
	if len(sent) == 0 {
		t.Fatal("no function has a schedule")
	}
	for function, event := range sent {
		sample, err := os.ReadFile(filepath.Join(root, "events", function+".json"))
		if err != nil {
			t.Fatal(err)
		}
		if got, want := shape(t, event), shape(t, sample); !reflect.DeepEqual(got, want) {
			t.Errorf("the event of %s is %v, the sample %v", function, got, want)
		}
	}
}

// shape returns an event without what differs from tick to tick.
func shape(t *testing.T, event []byte) map[string]any {
	t.Helper()
	var fields map[string]any
	if err := json.Unmarshal(event, &fields); err != nil {
		t.Fatal(err)
	}
	fields["id"], fields["time"] = "", ""
	return fields
}
