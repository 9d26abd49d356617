package browser

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// patience is how long one step may take. It only ends a test that hangs.
const patience = time.Minute

// Tab is a page of a test's own, without cookies, storage or cache of another.
type Tab struct {
	t   testing.TB
	ctx context.Context

	mu       sync.Mutex
	requests []string
	problems []string
}

// Open opens an empty tab that is closed with the test. If there is no browser, it skips the test.
func Open(t testing.TB) *Tab {
	t.Helper()
	tab := &Tab{t: t}
	ctx, end := chromedp.NewContext(running(t), chromedp.WithNewBrowserContext(), chromedp.WithListener(tab.hear))
	t.Cleanup(end)
	tab.ctx = ctx
	if err := chromedp.Do(ctx); err != nil {
		t.Fatal(err)
	}
	if _, err := chromedp.Call(ctx, network.Enable, network.EnableParams{}); err != nil {
		t.Fatal(err)
	}
	return tab
}

// hear notes what the page asks for and complains about.
func (tab *Tab) hear(event any) {
	tab.mu.Lock()
	defer tab.mu.Unlock()
	switch e := event.(type) {
	case *network.EventRequestWillBeSent:
		tab.requests = append(tab.requests, e.Request.Method+" "+e.Request.URL)
	case *runtime.EventExceptionThrown:
		tab.problems = append(tab.problems, "exception: "+described(e.ExceptionDetails))
	case *runtime.EventConsoleAPICalled:
		if e.Type == runtime.ConsoleAPICalledTypeError || e.Type == runtime.ConsoleAPICalledTypeWarning {
			tab.problems = append(tab.problems, "console:"+spoken(e.Args))
		}
	case *log.EventEntryAdded:
		if e.Entry.Level == log.EntryLevelError || e.Entry.Level == log.EntryLevelWarning {
			tab.problems = append(tab.problems, fmt.Sprintf("%s: %s %s", e.Entry.Source, e.Entry.Text, e.Entry.URL))
		}
	}
}

// Do runs the steps, and fails the test if one of them fails. Unless it is told chromedp.ByQuery, chromedp looks for
// a selector as text, too, and finds it in the page's style and script: they are never visible.
func (tab *Tab) Do(steps ...chromedp.Action[chromedp.Void]) {
	tab.t.Helper()
	ctx, cancel := context.WithTimeout(tab.ctx, patience)
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		tab.t.Fatalf("%v\nproblems: %q\npage: %s", err, tab.Problems(), tab.peek())
	}
}

// Ask runs an action that returns something, and fails the test if it fails.
func Ask[T any](tab *Tab, action chromedp.Action[T]) T {
	tab.t.Helper()
	ctx, cancel := context.WithTimeout(tab.ctx, patience)
	defer cancel()
	answer, err := chromedp.Run(ctx, action)
	if err != nil {
		tab.t.Fatalf("%v\nproblems: %q\npage: %s", err, tab.Problems(), tab.peek())
	}
	return answer
}

// Evaluate returns the value of a JavaScript expression. A promise is awaited.
func Evaluate[T any](tab *Tab, expression string) T {
	tab.t.Helper()
	return Ask(tab, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
}

// Context returns the tab's context, for chromedp's own functions.
func (tab *Tab) Context() context.Context { return tab.ctx }

// Wait waits until a JavaScript expression is true, on whatever page the tab is by then.
func (tab *Tab) Wait(expression string) {
	tab.t.Helper()
	ctx, cancel := context.WithTimeout(tab.ctx, patience)
	defer cancel()
	for {
		err := chromedp.Do(ctx, chromedp.Poll[chromedp.Void](expression))
		if err == nil {
			return
		}
		if left := new(cdproto.Error); ctx.Err() == nil && errors.As(err, &left) {
			continue // the page has gone for another
		}
		tab.t.Fatalf("%s: %v\nproblems: %q\npage: %s", expression, err, tab.Problems(), tab.peek())
	}
}

// WithoutScripts makes the tab run no script of the pages that it goes to from now on.
func (tab *Tab) WithoutScripts() {
	tab.t.Helper()
	off := emulation.SetScriptExecutionDisabledParams{Value: true}
	if _, err := chromedp.Call(tab.ctx, emulation.SetScriptExecutionDisabled, off); err != nil {
		tab.t.Fatal(err)
	}
}

// Requests lists what the tab has asked for so far, such as "GET http://127.0.0.1:1/".
func (tab *Tab) Requests() []string {
	tab.mu.Lock()
	defer tab.mu.Unlock()
	return slices.Clone(tab.requests)
}

// Problems lists what the page and the browser have complained about so far: exceptions, errors and warnings on
// the console, what the page's policy has blocked, and responses with an error's status.
func (tab *Tab) Problems() []string {
	tab.mu.Lock()
	defer tab.mu.Unlock()
	return slices.Clone(tab.problems)
}

// peek returns the page's text, for the log of a failed test.
func (tab *Tab) peek() string {
	ctx, cancel := context.WithTimeout(tab.ctx, time.Second)
	defer cancel()
	text, err := chromedp.Run(ctx, chromedp.Evaluate[string](`document.location + "\n" + document.body.innerText`))
	if err != nil {
		return err.Error()
	}
	return text
}

func described(e *runtime.ExceptionDetails) string {
	if e.Exception != nil && e.Exception.Description != "" {
		return e.Exception.Description
	}
	return e.Text
}

// spoken returns what a page wrote to its console.
func spoken(args []*runtime.RemoteObject) (text string) {
	for _, a := range args {
		text += fmt.Sprintf(" %s%s", a.Value, a.Description)
	}
	return text
}
