import { html, useLayoutEffect, useRef, useState } from "./preact.js";
import { signIn, signInOffered } from "./signin.js";
import { Field } from "./dialog.js";
import { useHeading } from "./focus.js";

// Token asks for a token, and for a workspace if the token is good for several. enter tries them; it resolves to a
// text that says what is wrong, or to nothing. workspaceAsked says whether a workspace is needed.
export function Token({ enter, problem, workspaceAsked, workspace }) {
  const heading = useHeading("Token");
  const token = useRef(null);
  const context = useRef(null);
  const [busy, setBusy] = useState(false);
  const [said, setSaid] = useState("");
  useLayoutEffect(() => (workspaceAsked ? context : token).current?.focus(), [workspaceAsked]);
  const submitted = async (event) => {
    event.preventDefault();
    if (busy) return;
    const text = token.current.value.trim();
    if (text === "") {
      token.current.focus();
      return setSaid("Paste a token first.");
    }
    setSaid("");
    setBusy(true);
    await enter(text, context.current?.value.trim());
    setBusy(false);
  };
  const signedIn = () => signIn().catch((error) => setSaid(error.message));
  return html`<main class="narrow">
    <h1 tabindex="-1" ref=${heading}>Keepsake</h1>
    <p class="lead">See what was deleted, and bring it back.</p>
    <form class="card" onSubmit=${submitted} novalidate>
      <${Field} label="API token" hint="It stays in this tab’s memory. A reload forgets it.">
        ${(field) => html`<input ref=${token} ...${field} type="password" autocomplete="off" spellcheck=${false} autocapitalize="off" required />`}
      <//>
      ${workspaceAsked && html`<${Field} label="Workspace" hint="This token is good for several. Which one?">
        ${(field) => html`<input ref=${context} ...${field} type="text" defaultValue=${workspace ?? ""} placeholder="ws_…" autocomplete="off" spellcheck=${false} autocapitalize="off" required />`}
      <//>`}
      <p class="problem-line" role="alert">${said || problem}</p>
      <div class="actions">
        ${signInOffered() && html`<button type="button" onClick=${signedIn}>Sign in</button>`}
        <button type="submit" class="primary" aria-disabled=${busy}>${busy ? "Asking…" : "Continue"}</button>
      </div>
    </form>
    <p class="hint">To see the trash and restore from it, a token with the scope <code>secrets:restore</code> is enough.</p>
  </main>`;
}
