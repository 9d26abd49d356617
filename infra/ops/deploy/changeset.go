package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"

	"keepsake/infra/ops/internal/account"
)

// changeSet is a change set that has been made and not executed.
type changeSet struct {
	arn, name string
	changes   []types.ResourceChange
}

// readChangeSet reads all pages of a change set.
func (t target) readChangeSet(ctx context.Context, arn string) (changeSet, error) {
	_, name, _ := strings.Cut(arn, ":changeSet/")
	name, _, _ = strings.Cut(name, "/")
	c := changeSet{arn: arn, name: name}
	pages := cloudformation.NewDescribeChangeSetPaginator(t.cloudformation(), &cloudformation.DescribeChangeSetInput{ChangeSetName: &arn})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return c, account.Explain(err)
		}
		for _, change := range page.Changes {
			if change.ResourceChange != nil {
				c.changes = append(c.changes, *change.ResourceChange)
			}
		}
	}
	return c, nil
}

// The kinds of changes, in the order of the columns.
var kinds = []string{"added", "modified", "perhaps replaced", "replaced", "removed"}

// kindOf returns what a change does to its resource. CloudFormation does not always know before.
func kindOf(c types.ResourceChange) string {
	switch {
	case c.Action == types.ChangeActionAdd, c.Action == types.ChangeActionImport:
		return "added"
	case c.Action == types.ChangeActionRemove:
		return "removed"
	case c.Replacement == types.ReplacementTrue:
		return "replaced"
	case c.Replacement == types.ReplacementConditional, c.Action == types.ChangeActionDynamic:
		return "perhaps replaced"
	}
	return "modified"
}

// print sums the change set up: a line for each type, and the warnings last, where they are seen.
func (c changeSet) print(out io.Writer, stack string) {
	_, _ = fmt.Fprintf(out, "\nThe change set %s would change %s:\n\n", c.name, stack)
	counts := map[string]map[string]int{"": {}}
	for _, change := range c.changes {
		kind := aws.ToString(change.ResourceType)
		if counts[kind] == nil {
			counts[kind] = map[string]int{}
		}
		counts[kind][kindOf(change)]++
		counts[""][kindOf(change)]++
	}
	row := func(name string, of func(kind string) string) {
		line := fmt.Sprintf("  %-36s", name)
		for _, kind := range kinds {
			if counts[""][kind] > 0 {
				line += fmt.Sprintf("  %*s", len(kind), of(kind))
			}
		}
		_, _ = fmt.Fprintln(out, strings.TrimRight(line, " "))
	}
	row("", func(kind string) string { return kind })
	for _, kind := range slices.Sorted(maps.Keys(counts))[1:] {
		row(kind, func(column string) string { return number(counts[kind][column]) })
	}
	row("all", func(column string) string { return number(counts[""][column]) })
	_, _ = fmt.Fprintln(out)
	if losses := c.losses(); len(losses) > 0 {
		_, _ = fmt.Fprintf(out, "WARNING: THE DATA OF %s IS AT STAKE.\n%s\n\n", stack, strings.Join(losses, "\n"))
	}
}

func number(n int) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprint(n)
}

// losses returns a line for each table or key that would be replaced or removed.
func (c changeSet) losses() []string {
	var lines []string
	for _, change := range c.changes {
		kind := kindOf(change)
		if !replaceable[aws.ToString(change.ResourceType)] || kind == "added" || kind == "modified" {
			continue
		}
		lines = append(lines, fmt.Sprintf("  %s (%s, %s) would be %s: %s.", aws.ToString(change.LogicalResourceId),
			aws.ToString(change.ResourceType), cmp.Or(aws.ToString(change.PhysicalResourceId), "without a name"), kind, fate(change.PolicyAction)))
	}
	slices.Sort(lines)
	return lines
}

// fate says what becomes of the resource that is there.
func fate(policy types.PolicyAction) string {
	switch policy {
	case types.PolicyActionRetain, types.PolicyActionReplaceAndRetain:
		return "it stays in the account, but the functions lose it"
	case types.PolicyActionDelete, types.PolicyActionReplaceAndDelete:
		return "IT IS DELETED"
	}
	return "the functions lose it, and AWS does not say whether it stays"
}

// printReview says how to go on with a change set that has been left.
func (c changeSet) printReview(out io.Writer, t target, stack string) {
	region := " --region " + t.account.Config.Region
	done, protect := "stack-create-complete", fmt.Sprintf("  aws cloudformation update-termination-protection%s --stack-name %s --enable-termination-protection\n", region, stack)
	if t.deployed {
		done, protect = "stack-update-complete", ""
	}
	_, _ = fmt.Fprintf(out, `Nothing has been deployed. To see each change, to deploy, or to give it up:

  aws cloudformation describe-change-set%[1]s --change-set-name %[2]s
  aws cloudformation execute-change-set%[1]s --change-set-name %[2]s
  aws cloudformation wait %[3]s%[1]s --stack-name %[4]s
%[5]s  aws cloudformation delete-change-set%[1]s --change-set-name %[2]s
`, region, c.arn, done, stack, protect)
}

// delete deletes the change set, which nobody wants any more.
func (c changeSet) delete(ctx context.Context, t target) error {
	_, err := t.cloudformation().DeleteChangeSet(ctx, &cloudformation.DeleteChangeSetInput{ChangeSetName: &c.arn})
	return account.Explain(err)
}
