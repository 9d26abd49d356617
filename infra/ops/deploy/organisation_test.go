package main

import (
	"slices"
	"strings"
	"testing"

	"keepsake/infra/ops/internal/account/accounttest"
)

// told returns the arguments between two that SAM was given last.
func (f field) told(from, to string) string {
	f.t.Helper()
	calls := f.read("calls")
	_, last, _ := strings.Cut(calls[strings.LastIndex(calls, "deploy "):], from)
	last, _, _ = strings.Cut(last, to)
	return strings.TrimSpace(last)
}

// SAM sends the tags that it is told, and CloudFormation removes all others.
func TestAnUpdateKeepsTheTagsThatItDoesNotName(t *testing.T) {
	f := stage(t)
	f.deployed(nil)
	stack := f.aws.Stacks["keepsake"]
	stack.Tags = map[string]string{"team": "platform", "old": "1", "motto": `say "no"`}
	f.aws.Stacks["keepsake"] = stack
	for _, c := range []struct{ tags, want string }{
		{"", `--tags "motto"="say \"no\"" "old"="1" "team"="platform"`},
		{"team=core cost=a/b -old -none", `--tags "cost"="a/b" "motto"="say \"no\"" "team"="core"`},
	} {
		f.aws.Stacks["keepsake"] = stack
		f.must("TAGS=" + c.tags)
		if got := f.told("--no-fail-on-empty-changeset", "--parameter-overrides"); got != c.want {
			t.Errorf("TAGS=%q: sam was told %s, want %s", c.tags, got, c.want)
		}
	}
}

func TestATagOrARoleThatCannotBeIsRefused(t *testing.T) {
	f := stage(t)
	for _, tags := range []string{"team", "=x", "aws:x=y", "AWS:x=y"} {
		f.refused(`TAGS: "`+tags+`" is not name=value`, "TAGS="+tags)
	}
	f.refused(`ROLE: "admin" is not the ARN of a role`, "TAGS=", "ROLE=admin")
}

func TestCloudFormationActsAsTheRoleThatIsNamed(t *testing.T) {
	f := stage(t)
	const role = "arn:aws:iam::123456789012:role/cloudformation"
	f.must("ROLE=" + role)
	if got := f.told("--role-arn ", " "); got != role {
		t.Errorf("sam was told the role %q", got)
	}
}

func TestANewStackIsProtectedFromBeingDeletedOnce(t *testing.T) {
	f := stage(t)
	f.must()
	f.must()
	if !slices.Equal(f.aws.Protected, []string{"keepsake"}) {
		t.Errorf("protected %v", f.aws.Protected)
	}
	f = stage(t)
	f.executed(func() { f.aws.Stacks["keepsake"] = failed() })
	_, _ = f.deploy()
	if len(f.aws.Protected) > 0 {
		t.Error("a stack that must be deleted was protected")
	}
	f = stage(t)
	f.aws.Refusals["cloudformation:UpdateTerminationProtection"] = accounttest.Refusal{Status: 403, Code: "AccessDenied", Message: "no"}
	if _, err := f.deploy(); err == nil || !strings.HasPrefix(err.Error(), "the stack keepsake is deployed, but not protected") {
		t.Errorf("error %v", err)
	}
}
