package main

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"keepsake/infra/cloud/engine"
	"keepsake/infra/cloud/lambda"
	"keepsake/infra/cloud/wire"
	"keepsake/infra/envfile"
)

// dynamoDBElsewhere is an engine that a person has started, behind a wire.
func dynamoDBElsewhere(t *testing.T, hook wire.Hook) (url string) {
	t.Helper()
	e, err := engine.Start(t.Context(), engine.Config{Binary: engineBinary(t)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(e.Stop)
	front := httptest.NewServer(wire.New(e.URL(), "", hook))
	t.Cleanup(front.Close)
	return front.URL
}

func TestADynamoDBThatRunsAlreadyIsUsedInsteadOfAnEngine(t *testing.T) {
	t.Parallel()
	needsProc(t)
	c := newCheckout(t)
	url := dynamoDBElsewhere(t, nil)
	l := c.start(envfile.DynamoDB + "=" + url)
	id := l.create()
	l.access(id).holds()
	l.call("GET /secrets/"+id, c.mint("WORKSPACE="+localWorkspace)).want(http.StatusOK)

	if !strings.Contains(l.out.String(), "using the DynamoDB at "+url) {
		t.Errorf("it said %s", l.out)
	}
	stacks := 0
	for _, folder := range c.processes() { // an engine would run in the stack's own folder
		if folder == "" {
			stacks++
		}
	}
	if stacks != 1 {
		t.Errorf("beside the functions there run %d processes, want the stack alone", stacks)
	}
}

// meeting holds calls until two different ones are under way at once.
type meeting struct {
	mu    sync.Mutex
	seen  map[string]bool
	begun chan struct{} // closed when two are under way
}

func (m *meeting) hold(call wire.Call) wire.Verdict {
	if call.AccessKey != lambda.AccessKey("get-secret") || !strings.Contains(string(call.Body), "sec_") {
		return wire.Pass()
	}
	m.mu.Lock()
	m.seen[string(call.Body)] = true
	if len(m.seen) == 2 {
		select {
		case <-m.begun:
		default:
			close(m.begun)
		}
	}
	m.mu.Unlock()
	select {
	case <-m.begun:
	case <-time.After(patience):
	}
	return wire.Pass()
}

func TestTwoRequestsAtOnceGetAnInstanceEach(t *testing.T) {
	t.Parallel()
	needsProc(t)
	m := &meeting{seen: map[string]bool{}, begun: make(chan struct{})}
	c := newCheckout(t)
	l := c.start(envfile.DynamoDB + "=" + dynamoDBElsewhere(t, m.hold))
	// A single instance would have to answer the first before it takes the second, and hold would
	// wait for the second until patience is over.
	first, second := l.create(), l.create()
	var both sync.WaitGroup
	var responses [2]response
	both.Go(func() { responses[0] = l.call("GET /secrets/" + first) })
	both.Go(func() { responses[1] = l.call("GET /secrets/" + second) })
	both.Wait()
	for _, a := range responses {
		a.want(http.StatusOK)
	}
	if n := c.instances("get-secret"); n != 2 {
		t.Errorf("%d instances", n)
	}
	// One after the other they need one instance: no third is started.
	for range 3 {
		l.call("GET /secrets/" + first).want(http.StatusOK)
	}
	if n := c.instances("get-secret"); n != 2 {
		t.Errorf("%d instances after requests one by one", n)
	}
}
