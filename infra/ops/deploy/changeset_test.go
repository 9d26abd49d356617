package main

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"keepsake/infra/ops/internal/account/accounttest"
)

const (
	tableType = "AWS::DynamoDB::Table"
	keyType   = "AWS::KMS::Key"
)

// wants checks that the text has all of these.
func wants(t *testing.T, text string, all ...string) {
	t.Helper()
	for _, want := range all {
		if !strings.Contains(text, want) {
			t.Errorf("it printed\n%s\nwant in it %q", text, want)
		}
	}
}

func TestAChangeSetIsSummedUpByTypesOnOneScreen(t *testing.T) {
	f := stage(t)
	var changes []accounttest.Change
	for n := range 300 {
		changes = append(changes, accounttest.Change{Action: "Add", ID: fmt.Sprint("Thing", n), Type: fmt.Sprint("AWS::Type::Number", n%25)})
	}
	for n := range 3 {
		changes = append(changes, accounttest.Change{Action: "Modify", Replacement: "False", ID: fmt.Sprint("Table", n), Type: tableType})
	}
	changes = append(changes,
		accounttest.Change{Action: "Modify", Replacement: "True", ID: "Role", Type: "AWS::IAM::Role"},
		accounttest.Change{Action: "Modify", Replacement: "Conditional", ID: "Stage", Type: "AWS::IAM::Role"},
		accounttest.Change{Action: "Remove", ID: "Alarm", Type: "AWS::CloudWatch::Alarm"})
	f.aws.ChangeSets[made] = changes
	out := f.must()
	wants(t, out,
		"The change set samcli-deploy1764185692 would change keepsake:",
		"                                        added  modified  perhaps replaced  replaced  removed\n",
		"  AWS::CloudWatch::Alarm                                                                   1\n",
		"  AWS::DynamoDB::Table                                3\n",
		"  AWS::IAM::Role                                                        1         1\n",
		"  AWS::Type::Number24                      12\n",
		"  all                                     300         3                 1         1        1\n")
	if lines := strings.Count(out, "\n"); lines > 50 {
		t.Errorf("it has %d lines", lines)
	}
	if strings.Contains(out, "many lines") || strings.Contains(out, "WARNING") {
		t.Errorf("it printed %s", out)
	}
}

// atStake is a change set that endangers data in each way.
var atStake = []accounttest.Change{
	{Action: "Modify", Replacement: "True", ID: "SecretsTable", Type: tableType, Physical: "keepsake-SecretsTable-1", Policy: "ReplaceAndRetain"},
	{Action: "Modify", Replacement: "Conditional", ID: "AuditTable", Type: tableType, Physical: "keepsake-AuditTable-1", Policy: "ReplaceAndDelete"},
	{Action: "Remove", ID: "TokensTable", Type: tableType, Physical: "keepsake-TokensTable-1", Policy: "Delete"},
	{Action: "Remove", ID: "EncryptionKey", Type: keyType, Physical: "b0b", Policy: "Retain"},
	{Action: "Modify", Replacement: "False", ID: "FingerprintKey", Type: keyType, Physical: "a11ce"},
}

func TestATableOrAKeyThatWouldBeReplacedOrRemovedIsNamedLoudly(t *testing.T) {
	f := stage(t)
	f.aws.ChangeSets[made] = atStake
	out, _ := f.deploy()
	wants(t, out, "WARNING: THE DATA OF keepsake IS AT STAKE.\n"+
		"  AuditTable (AWS::DynamoDB::Table, keepsake-AuditTable-1) would be perhaps replaced: IT IS DELETED.\n"+
		"  EncryptionKey (AWS::KMS::Key, b0b) would be removed: it stays in the account, but the functions lose it.\n"+
		"  SecretsTable (AWS::DynamoDB::Table, keepsake-SecretsTable-1) would be replaced: it stays in the account, but the functions lose it.\n"+
		"  TokensTable (AWS::DynamoDB::Table, keepsake-TokensTable-1) would be removed: IT IS DELETED.\n\n")
}

// answering is a terminal at which somebody types this.
func answering(text string) console { return console{in: strings.NewReader(text), terminal: true} }

func TestAChangeSetIsExecutedOnlyIfSomebodySaysSo(t *testing.T) {
	for answer, executes := range map[string]bool{"y\n": true, "n\n": false, "\n": false, "": false, "yes, delete all\n": false} {
		f := stage(t)
		out, err := f.deployFrom(answering(answer), "YES=")
		if err != nil {
			t.Fatal(err)
		}
		if executed := slices.Equal(f.aws.Executed, []string{made}); executed != executes {
			t.Errorf("%q: executed %v, want %v", answer, f.aws.Executed, executes)
		}
		if deleted := slices.Equal(f.aws.Deleted, []string{made}); deleted == executes || strings.Contains(out, "Nothing was deployed.") == executes {
			t.Errorf("%q: deleted %v, and it printed %s", answer, f.aws.Deleted, out)
		}
	}
}

func TestDataIsRiskedOnlyByWhoTypesTheStacksName(t *testing.T) {
	for _, c := range []struct {
		yes, answer string
		executes    bool
	}{{"1", "keepsake\n", false}, {"", "y\n", false}, {"", "keepsake\n", true}} {
		f := stage(t)
		f.aws.ChangeSets[made] = atStake
		_, err := f.deployFrom(answering(c.answer), "YES="+c.yes)
		if executed := len(f.aws.Executed) == 1; executed != c.executes {
			t.Errorf("YES=%s, %q: executed %v (%v)", c.yes, c.answer, f.aws.Executed, err)
		}
		if refused := err != nil && strings.HasPrefix(err.Error(), "YES=1 does not go on if a table or a key"); refused != (c.yes == "1") {
			t.Errorf("YES=%s: error %v", c.yes, err)
		}
	}
}

func TestCHANGESETOnlyLeavesTheChangeSetAndSaysHowToExecuteIt(t *testing.T) {
	f := stage(t)
	f.aws.ChangeSets[made] = atStake
	out := f.must("YES=", "CHANGESET=only") // needs no terminal
	if len(f.aws.Executed)+len(f.aws.Deleted) > 0 {
		t.Errorf("executed %v, deleted %v", f.aws.Executed, f.aws.Deleted)
	}
	wants(t, out, "WARNING: ", "Nothing has been deployed.",
		"aws cloudformation execute-change-set --region eu-central-1 --change-set-name "+made+"\n",
		"aws cloudformation wait stack-create-complete --region eu-central-1 --stack-name keepsake\n",
		"aws cloudformation delete-change-set --region eu-central-1 --change-set-name "+made+"\n")
	f.deployed(nil)
	wants(t, f.must(), "wait stack-update-complete ")
}

func TestIfThereIsNothingToChangeNothingIsAsked(t *testing.T) {
	f := stage(t)
	f.write("said", "No changes to deploy. Stack keepsake is up to date\n", 0o600)
	out, err := f.deployFrom(answering(""), "YES=")
	if err != nil || len(f.aws.Executed) > 0 {
		t.Errorf("%v, executed %v", err, f.aws.Executed)
	}
	wants(t, out, "There is nothing to change: nothing was deployed.")
}

func TestIfSAMNamesNoChangeSetThatIsAnError(t *testing.T) {
	f := stage(t)
	f.write("said", "all is well\n", 0o600)
	if _, err := f.deploy(); err == nil || !strings.HasPrefix(err.Error(), "sam deploy names no change set") {
		t.Errorf("error %v", err)
	}
}

func TestADeploymentIsWatchedToItsEnd(t *testing.T) {
	f := stage(t)
	f.must()
	f.aws.OnExecute = func() {}
	looks := 0
	f.aws.OnLook = func() { // CloudFormation has not begun at the first look, and ends after the tenth
		looks++
		stack := f.aws.Stacks["keepsake"]
		switch looks {
		case 3:
			f.aws.Events = append(f.aws.Events, accounttest.Event{ID: "keepsake", Status: "UPDATE_IN_PROGRESS"}, accounttest.Event{ID: "Topic", Status: "UPDATE_COMPLETE"})
			stack.Status = "UPDATE_IN_PROGRESS"
		case 10:
			stack.Status = "UPDATE_COMPLETE"
		}
		f.aws.Stacks["keepsake"] = stack
	}
	wants(t, f.must(), "  30s    UPDATE_IN_PROGRESS, 1 resources done\n", "keepsake is at https://d1.cloudfront.net/v1")
	if looks != 10 {
		t.Errorf("it has looked %d times", looks)
	}
}

func TestAFailureIsReportedWithItsReasonsAlone(t *testing.T) {
	f := stage(t)
	f.must()
	f.aws.Events = append(f.aws.Events, accounttest.Event{ID: "Old", Type: "AWS::T", Status: "CREATE_FAILED", Reason: "of last time"})
	f.executed(func() {
		for n := range 50 {
			f.aws.Events = append(f.aws.Events, accounttest.Event{ID: fmt.Sprint("Thing", n), Type: "AWS::T", Status: "UPDATE_COMPLETE"})
		}
		f.aws.Events = append(f.aws.Events,
			accounttest.Event{ID: "Distribution", Type: "AWS::CloudFront::Distribution", Status: "UPDATE_FAILED", Reason: "Your account must be verified"},
			accounttest.Event{ID: "Alarm", Type: "AWS::T", Status: "UPDATE_FAILED", Reason: "Resource update cancelled"})
		stack := f.aws.Stacks["keepsake"]
		stack.Status = "UPDATE_ROLLBACK_COMPLETE"
		f.aws.Stacks["keepsake"] = stack
	})
	out, err := f.deploy()
	if err == nil || err.Error() != "the deployment failed: its causes are above, and the stack keepsake is UPDATE_ROLLBACK_COMPLETE" {
		t.Errorf("error %v", err)
	}
	wants(t, out, "  Distribution (AWS::CloudFront::Distribution) UPDATE_FAILED: Your account must be verified\n")
	if strings.Contains(out, "cancelled") || strings.Contains(out, "of last time") || strings.Contains(out, "make -s token") {
		t.Errorf("it printed %s", out)
	}
}
