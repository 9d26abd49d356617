package main

import "crypto/rand"

// validatesOnSchedule stores a value with spaces, which cannot be a Hetzner Cloud token. The service sees
// that without asking Hetzner, so that nothing leaves the deployment, but only after it has read the value:
// "invalid" proves the schedule, its index, the audit line and the key. An attempt that fails also moves
// validated_at, though not by a second if it comes at once.
func validatesOnSchedule(p *probe) {
	if p.scheduleWait == 0 {
		p.skip("the schedule runs once a minute: set SCHEDULE_WAIT=90s to wait for it on this machine")
	}
	a := p.createOf("cloud_provider/hcloud", "a "+name+" "+rand.Text())
	id := p.text(a, "id")
	created, _ := p.validation(a)
	p.awaitFor(p.scheduleWait, "the schedule tries to validate "+id, func() bool {
		at, state := p.validation(p.get(id))
		return at > created || state == "invalid"
	})
	p.awaitFor(p.scheduleWait, id+" is read and found invalid (the log of validate-credentials says what prevents it)", func() bool {
		_, state := p.validation(p.get(id))
		return state == "invalid"
	})
}

// validation returns when the secret was last validated, and the result.
func (p *probe) validation(a response) (at float64, state string) {
	fields, ok := a.fields["validation"].(map[string]any)
	p.expect(ok, "%s: the response has no validation", a.what)
	at, _ = fields["validated_at"].(float64)
	state, _ = fields["state"].(string)
	return at, state
}
