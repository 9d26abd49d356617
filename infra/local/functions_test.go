package main

import (
	"slices"
	"strings"
	"testing"

	"keepsake/infra/template"
)

func TestOnlyTheFunctionsThatRetainGetAShortRetention(t *testing.T) {
	tmpl, err := template.Read("../../template.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		asked string
		want  []string
	}{
		{"15s", []string{"RETENTION=15s", "SHORT_RETENTION=laptop"}},
		{"", []string{"RETENTION=30d"}},
	} {
		pool := &functionPool{retention: c.asked, url: "http://127.0.0.1:1"}
		for _, f := range tmpl.Functions {
			var got []string
			env := pool.environment(f)
			for _, pair := range env {
				if strings.Contains(pair, "RETENTION=") {
					got = append(got, pair)
				}
			}
			retains := f.Name == "delete-secret" || f.Name == "purge-due"
			if retains && !slices.Equal(got, c.want) || !retains && got != nil {
				t.Errorf("RETENTION=%s gives %s %v", c.asked, f.Name, got)
			}
			if !slices.Contains(env, "AWS_ENDPOINT_URL_KMS=http://127.0.0.1:1") {
				t.Errorf("%s has no endpoint: %v", f.Name, env)
			}
		}
	}
}
