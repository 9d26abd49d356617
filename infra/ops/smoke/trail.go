package main

import (
	"fmt"
	"slices"
	"strings"

	"keepsake/shared/secret"
)

// wantTrail are the operations that the trail must list, in their order.
var wantTrail = []string{"create-secret", "access-secret-version", "delete-secret", "undelete-secret", "delete-secret", "purge"}

// recordsTheTrail shows that the table's stream reaches record-changes. It reads the trail with the owner's
// permissions: the contract does not show it.
func recordsTheTrail(p *probe) {
	id, value := p.create()
	workspace := p.text(p.get(id), "workspace_id")
	p.wantValue(value, id, "latest")
	p.call(200, "POST /secrets/"+id+":undelete", ifMatch(p.deleteSoftly(id)))
	p.deleteHard(id)
	if p.trail == nil {
		p.skip("the contract does not show it: make -s audit STACK=… WORKSPACE=" + workspace + " SECRET=" + id +
			" should print " + strings.Join(wantTrail, ", "))
	}
	var got []string
	p.await("the audit trail of "+id, func() bool {
		lines, err := p.trail(p.ctx, secret.Ref{Workspace: workspace, ID: id})
		p.expect(err == nil, "%v", err)
		got = nil
		for _, l := range lines {
			got = append(got, l.By.Operation)
		}
		return len(got) >= len(wantTrail)
	})
	listed := strings.Join(got, ", ")
	slices.Sort(got) // lines of one second are in the order of their writers' clocks
	p.expect(slices.Equal(got, slices.Sorted(slices.Values(wantTrail))), "the trail lists %s; expected %s", listed, strings.Join(wantTrail, ", "))
}

// skipsThePurge says how to check the purge, which comes days later.
func skipsThePurge(p *probe) {
	id, _ := p.create()
	p.deleteSoftly(id)
	a := p.get(id)
	deleted, _ := a.fields["deleted_at"].(float64)
	purge, _ := a.fields["purge_at"].(float64)
	days := (purge - deleted) / (24 * 60 * 60)
	p.skip(fmt.Sprintf("its deadline is %.4g days after a delete: \"The purge, shown\" in infra/docs/runbooks.md needs less", days))
}
