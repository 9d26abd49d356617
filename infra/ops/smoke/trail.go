package main

import (
	"fmt"
	"slices"
	"strings"

	"keepsake/shared/secret"
)

// told are the operations that the trail must tell of, in their order.
var told = []string{"create-secret", "access-secret-version", "delete-secret", "undelete-secret", "delete-secret", "purge"}

// tellsTheTrail shows that the table's stream reaches record-changes: the trail is no part of the
// contract, and read with the owner's rights.
func tellsTheTrail(p *probe) {
	id, value := p.create()
	workspace := p.text(p.get(id), "workspace_id")
	p.holds(value, id, "latest")
	p.call(200, "POST /secrets/"+id+":undelete", ifMatch(p.deleteSoftly(id)))
	p.deleteHard(id)
	if p.trail == nil {
		p.skip("the contract does not show it: make -s audit STACK=… WORKSPACE=" + workspace + " SECRET=" + id +
			" should print " + strings.Join(told, ", "))
	}
	var got []string
	p.await("the audit trail of "+id, func() bool {
		lines, err := p.trail(p.ctx, secret.Ref{Workspace: workspace, ID: id})
		p.expect(err == nil, "%v", err)
		got = nil
		for _, l := range lines {
			got = append(got, l.By.Operation)
		}
		return len(got) >= len(told)
	})
	tells := strings.Join(got, ", ")
	slices.Sort(got) // within a second the lines stand in the order of their writers' clocks
	p.expect(slices.Equal(got, slices.Sorted(slices.Values(told))), "it tells of %s; expected %s", tells, strings.Join(told, ", "))
}

// cannotAwaitThePurge says what is left to look at.
func cannotAwaitThePurge(p *probe) {
	id, _ := p.create()
	p.deleteSoftly(id)
	a := p.get(id)
	deleted, _ := a.fields["deleted_at"].(float64)
	purge, _ := a.fields["purge_at"].(float64)
	days := (purge - deleted) / (24 * 60 * 60)
	p.skip(fmt.Sprintf("its deadline is %.4g days after a delete: \"The purge, shown\" in infra/docs/runbooks.md needs less", days))
}
