package console_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"keepsake/infra/cloudtest/browser"
	"keepsake/shared/auth"
)

const workspace = "ws_team"

// person uses the page as people do: with a mouse and a keyboard, and by the words they see.
type person struct {
	*browser.Tab
	*stage
	t     *testing.T
	stack *stack
}

// visit starts a stack, and opens the page at its root.
func visit(t *testing.T, settings ...string) *person {
	t.Helper()
	tab := browser.Open(t) // first, because it skips the test if there is no browser
	s := start(t, settings...)
	p := &person{Tab: tab, stage: newStage(t, s.url), t: t, stack: s}
	p.clock()
	t.Cleanup(p.wantNoViolation)
	p.open("/")
	return p
}

// visitTrash opens the trash, which holds one secret, db-password, of that id.
func visitTrash(t *testing.T) (p *person, o *owner, id string) {
	t.Helper()
	p = visit(t)
	o = p.stack.owner()
	id = o.create("db-password")
	o.delete(id)
	p.enter()
	return p, o, id
}

// visitSecret opens the screen of a new secret, db-password, of that id.
func visitSecret(t *testing.T) (p *person, o *owner, id string) {
	t.Helper()
	p = visit(t)
	o = p.stack.owner()
	id = o.create("db-password")
	p.open(path(id))
	p.enter()
	return p, o, id
}

// clock gives the page a clock that the test can put forward, and a time zone. Timers of a quarter of a second
// and more run by this clock alone; shorter ones are those with which the page draws. Before the clock is put
// forward, the page sets the timers that belong to what it has just drawn.
func (p *person) clock() {
	p.t.Helper()
	const script = `(() => {
		const { setTimeout: later, clearTimeout: never, Date: { now } } = window;
		let ahead = 0, last = 1e6;
		const timers = new Map();
		const add = (f, ms, every) => { timers.set(++last, { f, at: Date.now() + ms, every }); return last; };
		Date.now = () => now() + ahead;
		window.setTimeout = (f, ms = 0, ...rest) => ms < 250 ? later(f, ms, ...rest) : add(() => f(...rest), ms);
		window.setInterval = (f, ms) => add(f, ms, ms);
		window.clearTimeout = window.clearInterval = (id) => timers.delete(id) || never(id);
		window.putForward = async (ms) => {
			await new Promise((resolve) => requestAnimationFrame(() => later(resolve)));
			const end = Date.now() + ms;
			for (;;) {
				const [id, next] = [...timers].filter(([, t]) => t.at <= end).sort(([, a], [, b]) => a.at - b.at)[0] ?? [];
				if (!next) break;
				ahead = Math.max(ahead, next.at - now());
				next.every ? next.at += next.every : timers.delete(id);
				next.f();
				await new Promise((resolve) => later(resolve, 1));
			}
			ahead = Math.max(ahead, end - now());
		};
	})()`
	p.must(chromedp.Call(p.Context(), page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: script}))
	p.must(chromedp.Call(p.Context(), emulation.SetTimezoneOverride, emulation.SetTimezoneOverrideParams{TimezoneID: "UTC"}))
}

// wait puts the page's clock forward.
func (p *person) wait(seconds int) {
	p.t.Helper()
	browser.Evaluate[any](p.Tab, fmt.Sprintf("putForward(%d)", seconds*1000))
}

// open opens one of the page's paths, as a bookmark does.
func (p *person) open(path string) {
	p.t.Helper()
	p.Do(chromedp.Navigate(p.url+path), chromedp.WaitVisible("#app h1"))
}

// enter opens the page with a new token of these scopes, or of all.
func (p *person) enter(scopes ...auth.Scope) {
	p.t.Helper()
	if len(scopes) == 0 {
		scopes = auth.Scopes
	}
	p.give(p.stack.mint(workspace, scopes...))
	p.Wait(`document.querySelector("header") !== null`)
}

// beginSecret enters, and opens the form of a new secret.
func (p *person) beginSecret() {
	p.t.Helper()
	p.enter()
	p.press("Secrets")
	p.press("New secret")
}

// give pastes a token.
func (p *person) give(token string) {
	p.t.Helper()
	p.fill("API token", token)
	p.press("Continue")
}

// press clicks on a button or a link, by its name.
func (p *person) press(name string) {
	p.t.Helper()
	p.click(control("button, a", name))
}

// check clicks on a checkbox.
func (p *person) check(name string) {
	p.t.Helper()
	p.click(control("input[type=checkbox]", name))
}

// click clicks on the element, and again as long as it misses it: a list that loads may move the page between the
// look at where the element is and the click.
func (p *person) click(element string) {
	p.t.Helper()
	for deadline := time.Now().Add(patience); ; {
		p.Wait(element + " !== null")
		browser.Evaluate[any](p.Tab, fmt.Sprintf(`(() => {
			window.missed = true;
			%s?.addEventListener("click", () => { window.missed = false; }, { capture: true, once: true });
		})()`, element))
		p.Do(chromedp.Click(chromedp.JSPath(element)))
		if !browser.Evaluate[bool](p.Tab, "window.missed === true") { // undefined, if the click has led to another page
			return
		}
		if time.Now().After(deadline) {
			p.t.Fatalf("no click has reached %s", element)
		}
	}
}

// fill puts a text into a field, by its label, as a paste does.
func (p *person) fill(label, text string) {
	p.t.Helper()
	p.Wait(control("input, textarea", label) + " !== null")
	p.Do(chromedp.Focus(chromedp.JSPath(control("input, textarea", label))))
	browser.Evaluate[any](p.Tab, `document.activeElement.select()`)
	if text == "" {
		p.key(kb.Delete)
		return
	}
	p.must(chromedp.Call(p.Context(), input.InsertText, input.InsertTextParams{Text: text}))
}

// choose takes an option of a select.
func (p *person) choose(label, option string) {
	p.t.Helper()
	p.Do(chromedp.SetValue(chromedp.JSPath(control("select", label)), option))
	browser.Evaluate[any](p.Tab, control("select", label)+`.dispatchEvent(new Event("change", { bubbles: true }))`)
}

// key presses keys, wherever the focus is.
func (p *person) key(keys string, modifiers ...chromedp.Modifier) {
	p.t.Helper()
	p.Do(chromedp.KeyEvent(keys, chromedp.KeyModifiers(modifiers...)))
}

// patience is how long one condition may take to come true on a busy machine. A test that passes never waits so
// long.
const patience = 30 * time.Second

// Wait waits until a JavaScript expression is true. It looks from outside: in the page, where timers stand still,
// its patience would never end.
func (p *person) Wait(expression string) {
	p.t.Helper()
	for deadline := time.Now().Add(patience); !browser.Evaluate[bool](p.Tab, expression); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			p.t.Fatalf("after %v not yet: %s\nproblems: %q\npage: %s", patience, expression, p.Problems(), browser.Evaluate[string](p.Tab, "document.body.innerText"))
		}
	}
}

// control is a JavaScript expression for a control that can be seen, by its name: in a dialog, if one is open.
func control(selector, name string) string {
	return fmt.Sprintf(`(() => {
		const root = document.querySelector("dialog[open]") ?? document;
		const text = (e) => e.textContent.replace(/\s+/g, " ").trim();
		const name = (e) => e.getAttribute("aria-label") ?? (e.labels?.length ? text(e.labels[0]) : text(e));
		const wanted = %s;
		const all = [...root.querySelectorAll(%s)].filter((e) => e.checkVisibility());
		return all.find((e) => name(e) === wanted) ?? all.find((e) => e.labels?.length && name(e).startsWith(wanted)) ?? null;
	})()`, quote(name), quote(selector))
}

func quote(text string) string {
	quoted, _ := json.Marshal(text)
	return string(quoted)
}

// offered says whether there is a button or a link of this name.
func (p *person) offered(name string) bool {
	p.t.Helper()
	return browser.Evaluate[bool](p.Tab, control("button, a", name)+" !== null")
}

// sees waits until these texts can be read on the page.
func (p *person) sees(texts ...string) {
	p.t.Helper()
	for _, text := range texts {
		p.Wait(`document.body.innerText.replace(/\s+/g, " ").includes(` + quote(text) + `)`)
	}
}

// misses waits until a text cannot be read on the page.
func (p *person) misses(texts ...string) {
	p.t.Helper()
	for _, text := range texts {
		p.Wait(`!document.body.innerText.replace(/\s+/g, " ").includes(` + quote(text) + `)`)
	}
}

// seesRows waits until the table has rows of these names, in this order.
func (p *person) seesRows(names ...string) {
	p.t.Helper()
	p.Wait(fmt.Sprintf(`JSON.stringify([...document.querySelectorAll("tbody tr .name")].map((e) => e.textContent)) === %s`, quote(list(names))))
}

func list(names []string) string {
	if len(names) == 0 {
		return "[]"
	}
	var out strings.Builder
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(names)
	return strings.TrimSpace(out.String())
}

// seesInRow waits until a row has these texts.
func (p *person) seesInRow(name string, texts ...string) {
	p.t.Helper()
	for _, text := range texts {
		p.Wait(fmt.Sprintf(`[...document.querySelectorAll("tbody tr")].some((row) => row.querySelector(".name").textContent === %s && row.innerText.replace(/\s+/g, " ").includes(%s))`, quote(name), quote(text)))
	}
}

// hasFocus waits until the focus is on what has this name, or is in a row of this name.
func (p *person) hasFocus(name string) {
	p.t.Helper()
	p.Wait(fmt.Sprintf(`(() => { const e = document.activeElement; return (e.getAttribute("aria-label") ?? (e.labels?.length ? e.labels[0] : e).textContent).trim().replace(/\s+/g, " ").startsWith(%s); })()`, quote(name)))
}

// wantNoViolation checks that the page's policy had nothing to block, and that no script failed.
func (p *person) wantNoViolation() {
	p.t.Helper()
	for _, problem := range p.Problems() {
		if !strings.HasPrefix(problem, "network: Failed to load resource") {
			p.t.Errorf("%s", problem)
		}
	}
	for _, request := range p.Requests() {
		if _, url, _ := strings.Cut(request, " "); !strings.HasPrefix(url, p.url+"/") && !strings.HasPrefix(url, "data:,") {
			p.t.Errorf("the page asked another host: %s", request)
		}
	}
}

func (p *person) must(_ any, err error) {
	p.t.Helper()
	if err != nil {
		p.t.Fatal(err)
	}
}
