package main

import (
	"fmt"
	"strings"
	"testing"

	"keepsake/infra/ops/internal/account/accounttest"
)

// failed is a stack that CloudFormation could not create: it keeps the tables, and has deleted everything else.
func failed() accounttest.Stack {
	s := accounttest.Stack{Status: "ROLLBACK_COMPLETE"}
	for n := range 30 {
		s.List = append(s.List, accounttest.Resource{ID: fmt.Sprint("Role", n), Type: "AWS::IAM::Role", Physical: "keepsake-role", Status: "DELETE_COMPLETE"})
	}
	s.List = append(s.List,
		accounttest.Resource{ID: "EncryptionKey", Type: keyType, Physical: "b0b", Status: "DELETE_COMPLETE"},
		accounttest.Resource{ID: "FingerprintKey", Type: keyType, Physical: "a11ce", Status: "DELETE_FAILED"},
		accounttest.Resource{ID: "AuditTable", Type: tableType, Status: "DELETE_COMPLETE"}, // was never made
		accounttest.Resource{ID: "SecretsTable", Type: tableType, Physical: "keepsake-SecretsTable-1", Status: "DELETE_SKIPPED"})
	return s
}

const leftOfIt = `These are left of it:

  a11ce (FingerprintKey)
  keepsake-SecretsTable-1 (SecretsTable)

No client has reached them yet, so they should hold nothing. To remove them, and to deploy again:

  aws cloudformation delete-stack --region eu-central-1 --stack-name keepsake
  aws cloudformation wait stack-delete-complete --region eu-central-1 --stack-name keepsake
  aws kms schedule-key-deletion --region eu-central-1 --key-id a11ce --pending-window-in-days 7
  aws dynamodb update-table --region eu-central-1 --table-name keepsake-SecretsTable-1 --no-deletion-protection-enabled
  aws dynamodb wait table-exists --region eu-central-1 --table-name keepsake-SecretsTable-1
  aws dynamodb delete-table --region eu-central-1 --table-name keepsake-SecretsTable-1

`

func TestWhatAFailedCreationHasLeftIsListedWithTheCommandsThatRemoveIt(t *testing.T) {
	f := stage(t)
	f.executed(func() { f.aws.Stacks["keepsake"] = failed() })
	out, err := f.deploy()
	if err == nil || !strings.HasSuffix(err.Error(), "the stack keepsake is ROLLBACK_COMPLETE") {
		t.Errorf("error %v", err)
	}
	wants(t, out, leftOfIt)

	out, err = f.deploy() // again
	if err == nil || !strings.HasPrefix(err.Error(), "the stack keepsake is ROLLBACK_COMPLETE and cannot be updated") {
		t.Errorf("error %v", err)
	}
	wants(t, out, leftOfIt)
}

func TestOfAFailedCreationThatHasLeftNothingOnlyTheStackIsRemoved(t *testing.T) {
	f := stage(t)
	f.aws.Stacks["keepsake"] = accounttest.Stack{Status: "ROLLBACK_COMPLETE"}
	out, _ := f.deploy()
	wants(t, out, "No table or key is left of it.", "aws cloudformation delete-stack ")
}

// A table of a stack that was deployed, and that somebody began to delete, holds secrets.
func TestOfAStackThatHasBeenUsedNothingIsToBeRemoved(t *testing.T) {
	for _, status := range []string{"UPDATE_ROLLBACK_COMPLETE", "DELETE_FAILED", "UPDATE_ROLLBACK_FAILED"} {
		f := stage(t)
		f.deployed(nil)
		f.executed(func() {
			stack := failed()
			stack.Status = status
			f.aws.Stacks["keepsake"] = stack
		})
		for range 2 {
			if out, err := f.deploy(); strings.Contains(out, "delete-table") || strings.Contains(out, "delete-stack") {
				t.Errorf("%s: it printed %s (%v)", status, out, err)
			}
		}
	}
}
