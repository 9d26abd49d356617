package console_test

import (
	"testing"
	"time"
)

const day = 24 * time.Hour

func TestTheTrashIsTheFirstScreenAndSaysWhatWhoWhenAndUntilWhen(t *testing.T) {
	p := visit(t)
	o := p.stack.owner()
	var soon, late string
	p.stack.ago(28*day, func() {
		soon = o.create("db-password", `,"labels":{"team":"payments"}`)
		o.call("POST /secrets/"+soon+"/versions", `{"value":"`+canary+`"}`)
		o.call("POST /secrets/"+soon+"/versions/secv_"+soon[4:]+"_1:disable", "", "If-Match", "1000000001")
		o.delete(soon)
	})
	late = o.create("smtp")
	o.delete(late)
	p.stack.ago(2*time.Minute, func() { o.ask(soon, 14) })

	p.enter()
	p.seesRows("db-password", "smtp") // the soonest first
	p.seesInRow("db-password", "team:payments", soon, "Generic", "1 of 2 enabled", "28 days ago", "by "+o.id, "in 2 days",
		time.Now().Add(2*day).UTC().Format("2 Jan 2006"), "14 tries since", "the last 2 minutes ago, by "+o.id)
	p.seesInRow("smtp", "just now", "in 30 days", "no")
	p.Wait(`document.querySelectorAll(".soon").length === 1`)
}
