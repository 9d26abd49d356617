// Package browser gives tests a headless Chromium: one process for a test binary, and for each test a tab that
// shares nothing with the others' tabs. A package that uses it needs
//
//	func TestMain(m *testing.M) { os.Exit(browser.Run(m)) }
//
// If there is no Chromium, its tests are skipped; if BROWSER=required is set, as in CI, they fail.
package browser

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"sync"
	"testing"

	"github.com/chromedp/chromedp"
)

// names are those under which systems install Chromium.
var names = []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable"}

// shared is the one browser of this process.
var shared struct {
	once sync.Once
	ctx  context.Context
	stop context.CancelFunc
	err  error
}

var errNoBrowser = errors.New("no browser: install chromium")

// Run runs a package's tests and then ends the browser, if a test has started it. It returns the exit code.
func Run(m *testing.M) int {
	defer func() {
		if shared.stop != nil {
			shared.stop()
		}
	}()
	return m.Run()
}

// running returns the browser's context. The first call starts the browser.
func running(t testing.TB) context.Context {
	t.Helper()
	shared.once.Do(launch)
	if errors.Is(shared.err, errNoBrowser) && os.Getenv("BROWSER") != "required" {
		t.Skip(shared.err)
	}
	if shared.err != nil {
		t.Fatal(shared.err)
	}
	return shared.ctx
}

func launch() {
	path := executable()
	if path == "" {
		shared.err = errNoBrowser
		return
	}
	allocator, stopAllocator := chromedp.NewExecAllocator(context.Background(), append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path),
		chromedp.NoSandbox, // which root may not have; the pages are ours
		// No name resolves: a page that asks another host for anything fails the same everywhere.
		chromedp.Flag("host-resolver-rules", "MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost"),
	)...)
	ctx, stopBrowser := chromedp.NewContext(allocator)
	shared.ctx, shared.stop = ctx, func() { stopBrowser(); stopAllocator() }
	shared.err = chromedp.Do(ctx)
}

func executable() string {
	for _, name := range names {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	return ""
}
