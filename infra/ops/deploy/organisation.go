package main

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"

	"keepsake/infra/ops/internal/account"
)

// readTAGS reads name=value pairs, and -name for a tag to remove.
func readTAGS(text string) (set map[string]string, remove []string, err error) {
	set = map[string]string{}
	for _, word := range strings.Fields(text) {
		name, value, pair := strings.Cut(word, "=")
		if old, removes := strings.CutPrefix(word, "-"); removes && !pair {
			remove = append(remove, old)
			continue
		}
		if !pair || name == "" || strings.HasPrefix(strings.ToLower(name), "aws:") {
			return nil, nil, fmt.Errorf(`TAGS: %q is not name=value, or -name to remove a tag: TAGS="team=platform -old"`, word)
		}
		set[name] = value
	}
	return set, remove, nil
}

// organisation returns what SAM is told of tags and roles. SAM sends the tags that it is told and no others, and
// CloudFormation removes those, so all that the stack has are sent each time.
func (p plan) organisation() []string {
	tags := maps.Clone(p.settings.tags)
	for name, value := range p.target.stack.Tags {
		if _, another := tags[name]; !another {
			tags[name] = value
		}
	}
	for _, name := range p.settings.untag {
		delete(tags, name)
	}
	var args []string
	for _, name := range slices.Sorted(maps.Keys(tags)) {
		args = append(args, quoted(name)+"="+quoted(tags[name]))
	}
	if len(args) > 0 {
		args = append([]string{"--tags"}, args...)
	}
	if p.settings.role != "" { // CloudFormation keeps the one before
		args = append(args, "--role-arn", p.settings.role)
	}
	return args
}

// quoted quotes a text as SAM reads it.
func quoted(text string) string { return `"` + strings.ReplaceAll(text, `"`, `\"`) + `"` }

// protect keeps the new stack from being deleted by mistake. It is not done again: who removes the protection means it.
func (t target) protect(ctx context.Context) error {
	_, err := t.cloudformation().UpdateTerminationProtection(ctx,
		&cloudformation.UpdateTerminationProtectionInput{StackName: &t.stack.Name, EnableTerminationProtection: aws.Bool(true)})
	if err != nil {
		return fmt.Errorf("the stack %s is deployed, but not protected from being deleted: %w", t.stack.Name, account.Explain(err))
	}
	return nil
}
