package main

import "crypto/rand"

// validatesByItself stores a Hetzner Cloud token that is none: it has blanks in it. The service sees that
// without asking Hetzner, so that nothing leaves the deployment, and only once it has read the value:
// "invalid" takes the schedule, its index, the audit line and the key. A mere attempt moves validated_at,
// too, though not by a second if it comes at once.
func validatesByItself(p *probe) {
	if p.scheduleWait == 0 {
		p.skip("its schedule ticks once a minute: here only SCHEDULE_WAIT=90s waits for it")
	}
	a := p.createOf("cloud_provider/hcloud", "a "+name+" "+rand.Text())
	id := p.text(a, "id")
	created, _ := p.validation(a)
	p.awaitFor(p.scheduleWait, "the schedule tries to validate "+id, func() bool {
		at, state := p.validation(p.get(id))
		return at > created || state == "invalid"
	})
	p.awaitFor(p.scheduleWait, id+" is read and found invalid (what hinders it is in validate-credentials' log)", func() bool {
		_, state := p.validation(p.get(id))
		return state == "invalid"
	})
}

// validation is what a secret says of its last one.
func (p *probe) validation(a answer) (at float64, state string) {
	fields, ok := a.fields["validation"].(map[string]any)
	p.expect(ok, "%s: the answer has no validation", a.asked)
	at, _ = fields["validated_at"].(float64)
	state, _ = fields["state"].(string)
	return at, state
}
