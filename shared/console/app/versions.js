import { html, useLayoutEffect, useRef, useState } from "./preact.js";
import { ConfirmByName, Dialog, Field } from "./dialog.js";
import { Masked } from "./masked.js";
import { Problem, Time } from "./parts.js";
import { explain } from "./refusal.js";
import { useValue, Value } from "./value.js";
import { quoted } from "./words.js";

const states = {
  enabled: "Enabled: it can be read",
  disabled: "Disabled: it is kept, and cannot be read until it is enabled",
  destroyed: "Destroyed: its value is gone for good",
};

// Versions shows a secret's versions, newest first, and what may be done to each. changed is called with a version
// that was changed here, or with nothing if somebody else changed one: then it resolves when all is read again.
export function Versions({ session, notices, secret, versions, changed }) {
  const value = useValue(session, secret, notices);
  const [dialog, setDialog] = useState(null);
  const list = useRef(null);
  const wanted = useRef(null); // the version that gets the focus
  useLayoutEffect(() => {
    if (wanted.current === null) return;
    [...list.current.children].find((item) => item.dataset.id === wanted.current)?.querySelector("h3").focus();
    wanted.current = null;
  });
  const hide = () => {
    if (document.activeElement.closest(".value")) wanted.current = value.shown.id;
    value.hide();
  };
  const active = secret.state === "active";
  const mayWrite = active && session.may("secrets:write");
  const mayAccess = active && session.may("secrets:access");
  const path = (version) => `/secrets/${encodeURIComponent(secret.id)}/versions/${encodeURIComponent(version.id)}`;

  const act = async (version, action) => {
    try {
      const key = action === "enable" ? session.keyFor("enable", version) : undefined;
      const done = await session.call("POST", `${path(version)}:${action}`, { ifMatch: version.etag, key });
      if (value.shown?.id === version.id) value.hide();
      notices.say(`Version ${done.version_number} is ${done.state}.`);
      changed(done);
    } catch (error) {
      if (error.status === 409 || error.status === 404) await changed();
      notices.fail(error, () => act(version, action), `Version ${version.version_number} is as it was. `);
    }
  };
  const destroy = async (version) => {
    const done = await session.call("POST", `${path(version)}:destroy`, { ifMatch: version.etag }).catch(async (error) => {
      if (error.status === 409) await changed();
      throw error;
    });
    setDialog(null);
    value.hide();
    notices.say(`Version ${done.version_number} is destroyed.`);
    wanted.current = done.id;
    changed(done);
  };
  const added = (version) => {
    setDialog(null);
    wanted.current = version.id;
    notices.say(`Version ${version.version_number} is added, and enabled.`);
    changed(version);
  };

  if (versions.error && !versions.value) {
    return html`<section><h2>Versions</h2><${Problem} text=${explain(versions.error)} again=${versions.error.mayHelp && versions.reload} /></section>`;
  }
  const rows = versions.value?.rows ?? [];
  const latest = rows.find((version) => version.state === "enabled");
  return html`<section aria-labelledby="versions">
    <div class="title"><h2 id="versions">Versions</h2>
      ${mayWrite && html`<button type="button" class="primary" onClick=${() => setDialog({ add: true })}>New version</button>`}</div>
    ${mayAccess && latest && html`<p class="hint" id="trace">Showing or copying a value leaves a line in the history: who, when, and from where.</p>`}
    <ol class="versions" ref=${list}>${rows.map((version) => html`<li key=${version.id} data-id=${version.id}>
      <div class="version">
        <div class="what"><h3 tabindex="-1">Version ${version.version_number}</h3>
          ${names(secret, version, latest).map((name) => html` <span class="alias" key=${name}>${name}</span>`)}
          ${version.comment && html`<span class="under">${version.comment}</span>`}</div>
        <p class=${"state " + version.state}>${states[version.state]}<span class="under">added <${Time} at=${version.created_at} />${version.destroyed_at && html`, destroyed <${Time} at=${version.destroyed_at} />`}</span></p>
        <div class="actions">
          ${mayAccess && version.state === "enabled" && html`
            ${value.shown?.id !== version.id && html`<${Button} label="Show value" version=${version} described="trace" act=${() => value.show(version)} />`}
            <${Button} label="Copy value" version=${version} described="trace" act=${() => value.copy(version)} />`}
          ${mayWrite && version.state !== "destroyed" && html`<${Button} label=${version.state === "enabled" ? "Disable" : "Enable"} version=${version}
            act=${() => act(version, version.state === "enabled" ? "disable" : "enable")} />`}
          ${mayWrite && version.state !== "destroyed" && html`<${Button} label="Destroy…" version=${version} danger act=${() => setDialog({ destroy: version })} />`}
        </div>
      </div>
      ${value.shown?.id === version.id && html`<${Value} shown=${value.shown} hide=${hide} />`}
    </li>`)}</ol>
    ${versions.value?.cursor && html`<p class="more">These are the newest ${rows.length} versions. <button type="button" onClick=${versions.next}>Load more</button></p>`}
    ${dialog?.add && html`<${AddVersion} session=${session} secret=${secret} added=${added} close=${() => setDialog(null)} />`}
    ${dialog?.destroy && html`<${ConfirmByName} name=${secret.name} title=${`Destroy version ${dialog.destroy.version_number}`} action=${`Destroy version ${dialog.destroy.version_number}`}
      submit=${() => destroy(dialog.destroy)} close=${() => setDialog(null)}>
      <p>The value of version ${dialog.destroy.version_number} of ${quoted(secret.name)} is gone at once and for good. There is no undo.</p>
    <//>`}
  </section>`;
}

function Button({ label, version, danger, described, act }) {
  return html`<button type="button" class=${danger ? "danger-quiet" : ""} aria-describedby=${described}
    aria-label=${`${label.replace("…", "")}, version ${version.version_number}`} onClick=${act}>${label}</button>`;
}

// names returns what a version is asked for by, beside its id.
function names(secret, version, latest) {
  const aliases = Object.entries(secret.version_aliases ?? {}).filter(([, number]) => number === version.version_number).map(([name]) => name);
  return version === latest ? ["latest", ...aliases] : aliases;
}

function AddVersion({ session, secret, added, close }) {
  const value = useRef(null);
  const comment = useRef(null);
  const key = useRef(null);
  const [problem, setProblem] = useState("");
  const changed = () => { key.current = null; };
  const submit = async () => {
    setProblem("");
    if (value.current.value === "") {
      setProblem("A value is needed.");
      value.current.focus();
      throw Object.assign(new Error(), { field: true });
    }
    const body = { value: value.current.value };
    if (comment.current.value.trim()) body.comment = comment.current.value.trim();
    key.current ??= crypto.randomUUID();
    added(await session.call("POST", `/secrets/${encodeURIComponent(secret.id)}/versions`, { body, key: key.current }));
  };
  return html`<${Dialog} title="New version" action="Add" submit=${submit} close=${close}>
    <p>It becomes the latest version. The others stay as they are.</p>
    <${Masked} control=${value} problem=${problem} changed=${changed} />
    <${Field} label="Comment (optional)" hint="Why there is a new one.">${(field) => html`<input ref=${comment} ...${field} type="text" maxlength="200" autocomplete="off" onInput=${changed} />`}<//>
  <//>`;
}
