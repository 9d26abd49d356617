package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"

	"keepsake/infra/ops/internal/account"
)

const (
	// pollInterval is the time between two looks at the stack.
	pollInterval = 5 * time.Second
	// looksPerLine is how many looks it takes until a line says how far the deployment is.
	looksPerLine = 6
)

// pause waits, unless the context ends before.
type pause func(context.Context, time.Duration) error

func sleep(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}

func (t target) cloudformation() *cloudformation.Client {
	return cloudformation.NewFromConfig(t.account.Config)
}

// execute executes the change set and waits until CloudFormation is done with it. It prints each failure, with
// CloudFormation's reason, and now and then how far it is.
func (t *target) execute(ctx context.Context, out io.Writer, wait pause, set changeSet, stack string) error {
	w := watch{client: t.cloudformation(), stack: stack, out: out, done: map[string]bool{}}
	if err := w.forget(ctx); err != nil {
		return err
	}
	_, err := w.client.ExecuteChangeSet(ctx, &cloudformation.ExecuteChangeSetInput{ChangeSetName: &set.arn, ClientRequestToken: aws.String(rand.Text())})
	if err != nil {
		return account.Explain(err)
	}
	for looks := 1; ; looks++ {
		ended, err := t.look(ctx, wait, &w)
		if err != nil {
			return fmt.Errorf("not watched any more (%w): CloudFormation goes on with the stack %s, and its events say how it ends", err, stack)
		}
		if ended {
			return t.outcome()
		}
		if looks%looksPerLine == 0 {
			_, _ = fmt.Fprintf(out, "  %-6v %s, %d resources done\n", time.Duration(looks)*pollInterval, t.stack.Status, len(w.done))
		}
	}
}

// look waits, and looks at the stack. It has ended when its status says so, but not before its first event: until then
// the status is the one from before.
func (t *target) look(ctx context.Context, wait pause, w *watch) (ended bool, err error) {
	if err := wait(ctx, pollInterval); err != nil {
		return false, err
	}
	if err := w.look(ctx); err != nil || !w.begun {
		return false, err
	}
	err = t.refresh(ctx, w.stack)
	return t.deployed && !strings.HasSuffix(string(t.stack.Status), "_IN_PROGRESS"), err
}

var errFailed = errors.New("the deployment failed: its causes are above")

// outcome returns an error unless the stack is what was to be deployed.
func (t target) outcome() error {
	switch t.stack.Status {
	case types.StackStatusCreateComplete, types.StackStatusUpdateComplete:
		return nil
	}
	return fmt.Errorf("%w, and the stack %s is %s", errFailed, t.stack.Name, t.stack.Status)
}

// watch reads the events of a stack.
type watch struct {
	client *cloudformation.Client
	stack  string
	out    io.Writer
	last   string          // the id of the newest event that was read
	begun  bool            // there was an event
	done   map[string]bool // the resources that CloudFormation is done with
}

// forget passes over the events so far.
func (w *watch) forget(ctx context.Context) error {
	out, err := w.client.DescribeStackEvents(ctx, &cloudformation.DescribeStackEventsInput{StackName: &w.stack})
	if err != nil {
		return account.Explain(err)
	}
	if len(out.StackEvents) > 0 {
		w.last = aws.ToString(out.StackEvents[0].EventId)
	}
	return nil
}

// look reads the events since the last look.
func (w *watch) look(ctx context.Context) error {
	events, err := w.news(ctx)
	if err != nil {
		return err
	}
	for _, e := range slices.Backward(events) {
		w.begun, w.last = true, aws.ToString(e.EventId)
		name, reason := aws.ToString(e.LogicalResourceId), aws.ToString(e.ResourceStatusReason)
		status := string(e.ResourceStatus)
		if strings.HasSuffix(status, "_COMPLETE") {
			w.done[name] = true
		}
		// If one fails, CloudFormation cancels what it was doing besides.
		if strings.HasSuffix(status, "_FAILED") && !strings.HasSuffix(reason, "cancelled") {
			_, _ = fmt.Fprintf(w.out, "  %s (%s) %s: %s\n", name, aws.ToString(e.ResourceType), status, reason)
		}
	}
	return nil
}

// news returns the events that have not been read, the newest first.
func (w *watch) news(ctx context.Context) (events []types.StackEvent, err error) {
	pages := cloudformation.NewDescribeStackEventsPaginator(w.client, &cloudformation.DescribeStackEventsInput{StackName: &w.stack})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, account.Explain(err)
		}
		for _, e := range page.StackEvents {
			if aws.ToString(e.EventId) == w.last {
				return events, nil
			}
			events = append(events, e)
		}
	}
	return events, nil
}
