import { html, useId, useLayoutEffect, useRef, useState } from "./preact.js";
import { Waiting } from "./notice.js";
import { explain } from "./refusal.js";

// Dialog is a question in front of the screen. The browser keeps the focus in it, closes it on Escape, and gives the
// focus back. submit does what the dialog is for; if it throws, the dialog stays and says why. close is called when
// the dialog is done with.
export function Dialog({ title, action, danger, submit, close, children }) {
  const dialog = useRef(null);
  const titleId = useId();
  const [problem, setProblem] = useState("");
  const [busy, setBusy] = useState(false);
  useLayoutEffect(() => {
    const element = dialog.current;
    element.showModal();
    return () => element.close();
  }, []);
  const submitted = async (event) => {
    event.preventDefault();
    if (busy) return;
    setBusy(true);
    setProblem("");
    try {
      await submit();
    } catch (error) {
      setProblem(error.field ? "" : explain(error));
      dialog.current?.querySelector("[aria-invalid=true]")?.focus();
    } finally {
      setBusy(false);
    }
  };
  const cancelled = (event) => { event.preventDefault(); close(); };
  return html`<dialog ref=${dialog} aria-labelledby=${titleId} onCancel=${cancelled}>
    <form onSubmit=${submitted} autocomplete="off" novalidate>
      <h2 id=${titleId}>${title}</h2>
      ${children}
      <p class="problem-line" role="alert">${problem}</p>
      <${Waiting} />
      <div class="actions">
        <button type="button" onClick=${close}>Cancel</button>
        <button type="submit" class=${danger ? "danger" : "primary"} aria-disabled=${busy}>${busy ? "Working…" : action}</button>
      </div>
    </form>
  </dialog>`;
}

// ConfirmByName is a Dialog for what cannot be undone. The name must be typed.
export function ConfirmByName({ name, title, action, submit, close, children }) {
  const typed = useRef(null);
  const [wrong, setWrong] = useState(false);
  const confirmed = async () => {
    const right = typed.current.value.trim() === name.trim();
    setWrong(!right);
    if (!right) {
      typed.current.setAttribute("aria-invalid", "true");
      throw Object.assign(new Error(), { field: true });
    }
    await submit();
  };
  return html`<${Dialog} danger title=${title} action=${action} submit=${confirmed} close=${close}>
    ${children}
    <${Field} label=${html`Type the secret’s name, <b class="name">${name}</b>, to confirm`} problem=${wrong && "This is not its name."}>
      ${(field) => html`<input ref=${typed} ...${field} type="text" autocomplete="off" spellcheck=${false} autofocus />`}
    <//>
  <//>`;
}

// Field is a labelled control. children is called with the control's attributes.
export function Field({ label, hint, problem, children }) {
  const id = useId();
  const described = [hint && id + "-hint", problem && id + "-problem"].filter(Boolean).join(" ") || undefined;
  return html`<div class="field">
    <label for=${id}>${label}</label>
    ${children({ id, "aria-describedby": described, "aria-invalid": problem ? "true" : undefined })}
    ${hint && html`<p class="hint" id=${id + "-hint"}>${hint}</p>`}
    ${problem && html`<p class="problem-line" id=${id + "-problem"}>${problem}</p>`}
  </div>`;
}
