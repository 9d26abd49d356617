import { html, useLayoutEffect, useRef, useState } from "./preact.js";
import { count } from "./words.js";

const shownFor = 30; // seconds

// useValue reads versions' values. A read value is kept in this state alone, for thirty seconds, and goes with the
// screen.
export function useValue(session, secret, notices) {
  const [shown, setShown] = useState(null);
  const read = (version) => session.call("POST", `/secrets/${encodeURIComponent(secret.id)}/versions/${encodeURIComponent(version.id)}:access`)
    .then((body) => body.value);

  const show = async (version) => {
    try {
      setShown({ id: version.id, value: await read(version), until: Date.now() + shownFor * 1000 });
    } catch (error) {
      notices.fail(error, () => show(version));
    }
  };
  // copy gives the browser a promise: it must be asked to copy while the click is fresh.
  const copy = async (version) => {
    let failed;
    const text = read(version).catch((error) => { failed = error; throw error; });
    try {
      await navigator.clipboard.write([new ClipboardItem({ "text/plain": text.then((value) => new Blob([value], { type: "text/plain" })) })]);
      notices.say(`The value of version ${version.version_number} is in the clipboard, until you copy something else.`);
    } catch {
      await text.catch(() => {});
      failed ? notices.fail(failed, () => copy(version)) : notices.fail(new Error("The browser did not allow to copy. Show the value, and copy it by hand."));
    }
  };
  const hide = () => setShown(null);
  return { shown, show, copy, hide };
}

// Value shows a value, counts down, and hides it.
export function Value({ shown, hide }) {
  const left = () => Math.max(0, Math.ceil((shown.until - Date.now()) / 1000));
  const [seconds, setSeconds] = useState(left);
  const text = useRef(null);
  useLayoutEffect(() => {
    text.current.focus(); // before the paint, as in useHeading
    const timer = setInterval(() => left() > 0 ? setSeconds(left()) : hide(), 1000);
    return () => clearInterval(timer);
  }, [shown]);
  return html`<div class="value">
    <pre tabindex="0" role="region" aria-label="The value" ref=${text}>${shown.value}</pre>
    <p class="hint"><span>Hidden again in ${count(seconds, "second")}.</span> <button type="button" onClick=${hide}>Hide</button></p>
  </div>`;
}
