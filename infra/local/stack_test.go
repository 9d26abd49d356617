package main

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"keepsake/infra/template"
)

func TestASecretDeletedByMistakeComesBackWithOneCall(t *testing.T) {
	t.Parallel()
	l := newCheckout(t).start()
	id := l.create()
	l.access(id).holds()

	l.call("DELETE /secrets/"+id, "If-Match: 1").want(http.StatusNoContent)
	l.access(id).want(http.StatusNotFound)
	l.call("POST /secrets/"+id+":undelete", "If-Match: 2").want(http.StatusOK)
	l.access(id).holds()

	for _, secret := range []string{value, l.token} {
		if strings.Contains(l.read(logPath), secret) {
			t.Error("the log holds the value or the token")
		}
	}
}

func TestTheColonMayBePercentEncoded(t *testing.T) {
	t.Parallel()
	l := newCheckout(t).start()
	for _, colon := range []string{":", "%3A", "%3a"} {
		id := l.deleted()
		l.call("POST /secrets/"+id+colon+"undelete", "If-Match: 2").want(http.StatusOK)
		l.call("POST /secrets/" + id + "/versions/latest" + colon + "access").holds()
	}
}

func TestOnlyAPostRestores(t *testing.T) {
	t.Parallel()
	l := newCheckout(t).start()
	id := l.deleted()
	for _, colon := range []string{":", "%3A"} {
		for _, method := range []string{"GET", "DELETE"} {
			l.call(method+" /secrets/"+id+colon+"undelete", "If-Match: 2").want(http.StatusNotFound)
		}
		l.call("GET /secrets/" + id + "/versions/latest" + colon + "access").want(http.StatusNotFound)
	}
	if state := l.call("GET /secrets/" + id).want(http.StatusOK).field("state"); state != "soft_deleted" {
		t.Errorf("the secret is %s", state)
	}
}

func TestAnEtagMayBeQuotedOrBare(t *testing.T) {
	t.Parallel()
	l := newCheckout(t).start()
	id := l.create()
	for _, step := range []struct{ what, bare, quoted string }{
		{"DELETE /secrets/" + id, "1", `"2"`},
		{"POST /secrets/" + id + ":undelete", "2", `"3"`},
		{"DELETE /secrets/" + id, `"3"`, `"4"`},
		{"POST /secrets/" + id + ":undelete", `"4"`, `"5"`},
	} {
		a := l.call(step.what, "If-Match: "+step.bare)
		if a.status >= 300 || a.header.Get("ETag") != step.quoted {
			t.Fatalf("%s with %s: %d %s, want the etag %s", step.what, step.bare, a.status, a.text, step.quoted)
		}
	}
	l.call("DELETE /secrets/"+id, "If-Match: 1").want(http.StatusConflict)
}

func TestPastItsDeadlineADeletedSecretIsGone(t *testing.T) {
	t.Parallel()
	l := newCheckout(t).start("RETENTION=2s")
	id := l.deleted()
	until(t, "the deadline", func() bool {
		a := l.call("GET /secrets/" + id)
		if a.status != http.StatusNotFound {
			kept := a.want(http.StatusOK).json["purge_at"].(float64) - a.json["deleted_at"].(float64)
			if kept != 2 {
				t.Fatalf("the secret is kept for %v seconds", kept)
			}
		}
		return a.status == http.StatusNotFound
	})
	l.call("POST /secrets/"+id+":undelete", "If-Match: 2").want(http.StatusNotFound)
	l.access(id).want(http.StatusNotFound)
}

func TestEverySampleIsAnswered(t *testing.T) {
	t.Parallel()
	provider := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte("{}"))
	}))
	defer provider.Close()
	c := newCheckout(t)
	c.start("HCLOUD_URL=" + provider.URL)
	tmpl, err := template.Read(c.path(templatePath))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range tmpl.Functions {
		var got struct {
			StatusCode        int
			BatchItemFailures []any
		}
		printed := c.run("local", []string{"invoke", f.Name})
		if err := json.Unmarshal([]byte(printed), &got); err != nil || len(got.BatchItemFailures) > 0 {
			t.Errorf("%s: %v: %s", f.Name, err, printed)
		}
		if want := sampleStatus(f.Name); len(f.Routes) > 0 && got.StatusCode != want {
			t.Errorf("%s: status %d, want %d: %s", f.Name, got.StatusCode, want, printed)
		}
	}
}
