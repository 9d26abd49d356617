package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"

	"keepsake/infra/ops/internal/account"
)

// neverCreated reports whether the creation of the stack failed. Such a stack cannot be updated.
func (t target) neverCreated() bool {
	switch t.stack.Status {
	case types.StackStatusRollbackComplete, types.StackStatusRollbackFailed, types.StackStatusCreateFailed:
		return true
	}
	return false
}

// withLeft returns the error. If it has left a stack that was never created, it first prints what is left of that.
func (t target) withLeft(ctx context.Context, out io.Writer, err error) error {
	if !t.neverCreated() {
		return err
	}
	return errors.Join(t.printLeft(ctx, out), err)
}

// printLeft lists the tables and keys that a failed creation has left, and the commands that remove them with the
// stack. The tables have deletion protection.
func (t target) printLeft(ctx context.Context, out io.Writer) error {
	left, err := t.left(ctx)
	if err != nil {
		return err
	}
	region := " --region " + t.account.Config.Region
	var b strings.Builder
	_, _ = fmt.Fprintf(&b, "\nThe stack %s could not be created, and cannot be updated. ", t.stack.Name)
	if len(left) == 0 {
		b.WriteString("No table or key is left of it. To remove it, so that you can deploy again:\n\n")
	} else {
		b.WriteString("These are left of it:\n\n")
		for _, r := range left {
			_, _ = fmt.Fprintf(&b, "  %s (%s)\n", aws.ToString(r.PhysicalResourceId), aws.ToString(r.LogicalResourceId))
		}
		b.WriteString("\nNo client has reached them yet, so they should hold nothing. To remove them, and to deploy again:\n\n")
	}
	_, _ = fmt.Fprintf(&b, "  aws cloudformation delete-stack%s --stack-name %s\n", region, t.stack.Name)
	_, _ = fmt.Fprintf(&b, "  aws cloudformation wait stack-delete-complete%s --stack-name %s\n", region, t.stack.Name)
	for _, r := range left {
		b.WriteString(removal(r, region))
	}
	_, err = io.WriteString(out, b.String()+"\n")
	return err
}

// removal returns the commands that remove a table or a key.
func removal(r types.StackResourceSummary, region string) string {
	name := aws.ToString(r.PhysicalResourceId)
	if aws.ToString(r.ResourceType) == "AWS::KMS::Key" {
		return fmt.Sprintf("  aws kms schedule-key-deletion%s --key-id %s --pending-window-in-days 7\n", region, name)
	}
	return fmt.Sprintf("  aws dynamodb update-table%[1]s --table-name %[2]s --no-deletion-protection-enabled\n"+
		"  aws dynamodb wait table-exists%[1]s --table-name %[2]s\n"+
		"  aws dynamodb delete-table%[1]s --table-name %[2]s\n", region, name)
}

// left returns the stack's tables and keys that are there.
func (t target) left(ctx context.Context) (left []types.StackResourceSummary, err error) {
	pages := cloudformation.NewListStackResourcesPaginator(t.cloudformation(), &cloudformation.ListStackResourcesInput{StackName: &t.stack.Name})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, account.Explain(err)
		}
		for _, r := range page.StackResourceSummaries {
			there := aws.ToString(r.PhysicalResourceId) != "" && r.ResourceStatus != types.ResourceStatusDeleteComplete
			if there && replaceable[aws.ToString(r.ResourceType)] {
				left = append(left, r)
			}
		}
	}
	return left, nil
}
