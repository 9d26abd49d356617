package trace

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"sort"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"keepsake/infra/bench/count"
	"keepsake/infra/bench/stage"
)

// The cases that are not in count.Cases. Large ends the name of a case with the largest value there is.
const (
	Large  = ", 64 KiB"
	Purge  = "purge of a due secret"
	Starts = "a container's first request"
)

// Untraced are the cases of count that touch no key of their own: a Scan reads the whole table, and the validation's
// shards are read like those of the purge. record-changes is part of each change's trace.
var Untraced = []string{"purge-orphans, no orphans", "validate-credentials, none due", "record-changes, one change"}

// All traces each case on a stage that nobody has used.
func All(ctx context.Context, s *stage.Stage) ([]Trace, error) {
	var all []Trace
	for _, c := range count.Cases {
		if slices.Contains(Untraced, c.Name) {
			continue
		}
		t, err := operation(ctx, s, c)
		if err != nil {
			return nil, fmt.Errorf("trace %s: %w", c.Name, err)
		}
		all = append(all, t)
	}
	for _, more := range []func(context.Context, *stage.Stage) ([]Trace, error){large, purge, starts} {
		traces, err := more(ctx, s)
		if err != nil {
			return nil, fmt.Errorf("trace a large value, a job or a start: %w", err)
		}
		all = append(all, traces...)
	}
	return all, nil
}

// operation traces one of count's cases, in a process whose token is in its memory.
func operation(ctx context.Context, s *stage.Stage, c count.Case) (Trace, error) {
	request, err := c.Prepare(s)
	if err != nil {
		return Trace{}, err
	}
	p, err := s.Process(c.Function)
	if err != nil {
		return Trace{}, err
	}
	if _, err := p.Call(stage.Request{ID: "sec_none", Vid: "latest"}); err != nil {
		return Trace{}, err
	}
	r := newRecorder(s, words{secret: request.ID, name: request.Name, fresh: c.Function == "create-secret"})
	return r.trace(ctx, c.Name, func() error { return expect(c.Status)(p.Call(request)) })
}

// expect returns a function that makes an error of an answer with another status.
func expect(status int) func(stage.Answer, error) error {
	return func(answer stage.Answer, err error) error {
		if err == nil && answer.Status != status {
			err = fmt.Errorf("the status is %d, not %d: %s", answer.Status, status, answer.Body)
		}
		return err
	}
}

// prepared prepares a case of count's, by its name.
func prepared(s *stage.Stage, name string) (stage.Request, error) {
	i := slices.IndexFunc(count.Cases, func(c count.Case) bool { return c.Name == name })
	return count.Cases[i].Prepare(s)
}

// large traces a new version and a read of it, with the largest value there is.
func large(ctx context.Context, s *stage.Stage) (all []Trace, err error) {
	const version, read = "create version", "access, latest of two"
	request, err := prepared(s, read)
	if err != nil {
		return nil, err
	}
	r := newRecorder(s, words{secret: request.ID})
	t, err := r.trace(ctx, version+Large, func() error {
		body := fmt.Sprintf(`{"value":%q}`, strings.Repeat("x", 1<<16))
		return expect(http.StatusCreated)(s.Call("create-secret-version", stage.Request{ID: request.ID, Body: body}))
	})
	if err != nil {
		return nil, err
	}
	again := func() error { return expect(http.StatusOK)(s.Call("access-secret-version", request)) }
	if err := again(); err != nil {
		return nil, err
	}
	r = newRecorder(s, words{secret: request.ID})
	second, err := r.trace(ctx, read+Large, again)
	return []Trace{t, second}, err
}

// trace records what do does, and what record-changes does about it.
func (r *recorder) trace(ctx context.Context, name string, do func() error) (Trace, error) {
	r.stage.Around(r.around)
	defer r.stage.Around(nil)
	err := do()
	if err == nil {
		err = r.fault
	}
	if err == nil {
		err = r.recordChanges(ctx, r.changes)
	}
	t := Trace{Case: name, KMS: r.kms, Touches: r.touches}
	sort.Slice(t.Touches, func(i, j int) bool {
		a, b := t.Touches[i], t.Touches[j]
		return a.Place+"\x00"+a.Key+"\x00"+a.Sort < b.Place+"\x00"+b.Key+"\x00"+b.Sort
	})
	return t, err
}

// purge traces purge-due with one secret to erase, whose deadline it moves into the past.
func purge(ctx context.Context, s *stage.Stage) ([]Trace, error) {
	request, err := prepared(s, "undelete") // a deleted secret
	if err != nil {
		return nil, err
	}
	_, err = s.DB.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: aws.String(streamed),
		Key: row{
			"pk": &types.AttributeValueMemberS{Value: stage.Workspace + "#" + request.ID},
			"sk": &types.AttributeValueMemberS{Value: "meta"},
		},
		UpdateExpression:    aws.String("SET purge_at = :past"),
		ConditionExpression: aws.String("attribute_exists(purge_at)"),
		ExpressionAttributeValues: row{
			":past": &types.AttributeValueMemberN{Value: strconv.FormatInt(time.Now().Add(-time.Hour).Unix(), 10)},
		},
	})
	if err != nil {
		return nil, err
	}
	r := newRecorder(s, words{secret: request.ID})
	t, err := r.trace(ctx, Purge, func() error {
		_, err := s.Call("purge-due", stage.Request{})
		return err
	})
	return []Trace{t}, err
}

// starts traces the first request of a new container: what it asks of the tokens' table.
func starts(ctx context.Context, s *stage.Stage) ([]Trace, error) {
	r := newRecorder(s, words{token: hashOf(s.Token)})
	t, err := r.trace(ctx, Starts, func() error {
		p, err := s.Start("get-secret")
		if err != nil {
			return err
		}
		defer p.Kill()
		_, err = p.Call(stage.Request{ID: "sec_none"})
		return err
	})
	t.Touches = slices.DeleteFunc(t.Touches, func(touch Touch) bool { return touch.Place != "TokensTable" })
	return []Trace{t}, err
}
