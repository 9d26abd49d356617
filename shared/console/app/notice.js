import { createContext, html, useContext, useEffect, useRef, useState } from "./preact.js";
import { explain } from "./refusal.js";
import { count } from "./words.js";

// Waits has the waits that are going on, for dialogs: what is behind a dialog cannot be reached.
export const Waits = createContext([]);

// useNotices returns what the screens tell the person with: say, fail and wait; and what they told last.
export function useNotices() {
  const [notice, setNotice] = useState(null);
  const [waits, setWaits] = useState([]);

  // say shows a text, until the next one. actions are buttons: [{ label, run }].
  const say = (text, actions = []) => setNotice({ text, actions });

  // fail shows what is wrong. again repeats the action, if that may help.
  const fail = (error, again, before = "") => {
    if (error.status === 401) return; // the token is asked for
    const actions = again && error.mayHelp ? [{ label: "Try again", run: again }] : [];
    setNotice({ text: before + explain(error), actions, bad: true });
  };

  // wait resolves after as many seconds, and shows that it waits. If the person stops it, it throws.
  const wait = (seconds, status) => new Promise((resolve, reject) => {
    const one = { status, until: Date.now() + seconds * 1000, stop: () => end(() => reject(new Error("You stopped waiting. It may have been done all the same: look before you try again."))) };
    const end = (settle) => {
      clearTimeout(timer);
      setWaits((all) => all.filter((other) => other !== one));
      settle();
    };
    const timer = setTimeout(() => end(resolve), seconds * 1000);
    setWaits((all) => all.concat(one));
  });

  const clear = () => setNotice(null);
  return { notice, waits, say, fail, wait, clear };
}

// Notices shows them. The two regions are always there: what comes into them is read aloud.
export function Notices({ notices: { notice, clear } }) {
  const act = (run) => { clear(); run(); };
  const content = notice && html`<p>${notice.text}</p>${notice.actions.map(({ label, run }) => html`
    <button key=${label} type="button" onClick=${() => act(run)}>${label}</button>`)}
    <button type="button" class="quiet" aria-label="Dismiss" onClick=${clear}>✕</button>`;
  return html`<div class="notices">
    <div role="status" class=${notice && !notice.bad ? "notice" : ""}>${notice && !notice.bad && content}</div>
    <div role="alert" class=${notice?.bad ? "notice bad" : ""}>${notice?.bad && content}</div>
    <${Waiting} />
  </div>`;
}

// Waiting shows that the service is waited for.
export function Waiting() {
  const waits = useContext(Waits);
  return html`<div role="status" class=${waits.length > 0 ? "notice wait" : ""}>${waits.length > 0 && html`<${Wait} waits=${waits} />`}</div>`;
}

// Wait counts down to the next try. Only the first sentence is read aloud.
function Wait({ waits }) {
  const last = waits.reduce((a, b) => a.until > b.until ? a : b);
  const left = () => Math.max(1, Math.ceil((last.until - Date.now()) / 1000));
  const first = useRef(left());
  const [seconds, setSeconds] = useState(left);
  useEffect(() => {
    setSeconds(left());
    const timer = setInterval(() => setSeconds(left()), 1000);
    return () => clearInterval(timer);
  }, [last]);
  return html`<p>The service is ${last.status === 429 ? "asked for too much" : "busy"}, and asks to wait
    ${" "}${count(first.current, "second")}. Then it is tried again.</p>
    <span class="countdown" aria-hidden="true">${seconds} s</span>
    <button type="button" onClick=${() => waits.forEach((one) => one.stop())}>Stop</button>`;
}
