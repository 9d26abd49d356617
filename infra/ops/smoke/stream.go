package main

import (
	"encoding/json"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	dynamodbtypes "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	lambdatypes "github.com/aws/aws-sdk-go-v2/service/lambda/types"
)

// asOwner skips the check if no stack is named.
func (p *probe) asOwner() *owner {
	if p.owner == nil {
		p.skip("STACK is not set: this check asks AWS, with your own permissions")
	}
	return p.owner
}

func expiresRows(p *probe) {
	o := p.asOwner()
	got, err := o.expiry(p.ctx)
	p.expect(err == nil, "%v", err)
	if got.TimeToLiveStatus == dynamodbtypes.TimeToLiveStatusEnabling {
		p.skip("DynamoDB is still enabling it, which may take an hour: try again then")
	}
	p.expect(got.TimeToLiveStatus == dynamodbtypes.TimeToLiveStatusEnabled && aws.ToString(got.AttributeName) == "ttl",
		"TTL of the table %s: got %s on %q, expected ENABLED on \"ttl\"", o.table, got.TimeToLiveStatus, aws.ToString(got.AttributeName))
}

// callsTheListeners compares the deployed filters with those of this checkout's template, which have been
// tested.
func callsTheListeners(p *probe) {
	o := p.asOwner()
	deployed, err := o.mappings(p.ctx)
	p.expect(err == nil, "%v", err)
	for _, l := range o.listeners {
		function, err := o.account.Resource(p.ctx, o.stack, l.function)
		p.expect(err == nil, "%v", err)
		i := slices.IndexFunc(deployed, func(m lambdatypes.EventSourceMappingConfiguration) bool { return calls(m, function, l.alias) })
		p.expect(i >= 0, "the stream of %s does not call %s:%s", o.table, function, l.alias)
		p.judgeMapping(deployed[i], l)
	}
}

func (p *probe) judgeMapping(m lambdatypes.EventSourceMappingConfiguration, l listener) {
	state := aws.ToString(m.State)
	p.expect(state == "Enabled", "the stream's mapping to %s: got state %s, expected Enabled", l.function, state)
	if refused := m.FilterCriteriaError; refused != nil {
		p.fail("the stream's filter for %s: %s: %s", l.function, aws.ToString(refused.ErrorCode), aws.ToString(refused.Message))
	}
	var got []string
	if m.FilterCriteria != nil {
		for _, filter := range m.FilterCriteria.Filters {
			got = append(got, aws.ToString(filter.Pattern))
		}
	}
	p.expect(slices.Equal(canonical(got), canonical(l.patterns)), "the stream's filter for %s: got %q, expected %s's, %q",
		l.function, got, templatePath, l.patterns)
}

// canonical returns the patterns sorted and in one spelling: neither order nor spelling matters.
func canonical(patterns []string) []string {
	same := slices.Clone(patterns)
	for i, text := range same {
		var pattern any
		if json.Unmarshal([]byte(text), &pattern) == nil {
			spelled, _ := json.Marshal(pattern) // it was JSON a moment ago
			same[i] = string(spelled)
		}
	}
	slices.Sort(same)
	return same
}
