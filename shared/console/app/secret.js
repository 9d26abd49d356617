import { html, useState } from "./preact.js";
import { Aliases } from "./aliases.js";
import { erase, remove, undelete } from "./changes.js";
import { ConfirmByName } from "./dialog.js";
import { useHeading } from "./focus.js";
import { History } from "./history.js";
import { useLoaded, usePages, useTick } from "./load.js";
import { Deadline, Labels, Problem, Time } from "./parts.js";
import { explain } from "./refusal.js";
import { Asked } from "./trash.js";
import { Versions } from "./versions.js";
import { calendar, count, kindInWords, quoted, versionsInWords } from "./words.js";

// Secret shows one secret: active, deleted, or gone, of which the history is left.
export function Secret({ id, session, notices }) {
  const heading = useHeading("Secret");
  const path = "/secrets/" + encodeURIComponent(id);
  const loaded = useLoaded(() => session.call("GET", path), [id]);
  const versions = usePages(session, path + "/versions?limit=100");
  const trail = usePages(session, path + "/events?limit=100");
  const [dialog, setDialog] = useState(null);
  const [erased, setErased] = useState(null);
  useTick(20);

  const secret = loaded.error?.status === 404 ? null : loaded.value;
  const gone = loaded.error?.status === 404 || erased;
  // refresh resolves when all is read again, so that a text which says so is true.
  const refresh = () => Promise.all([loaded.reload(), versions.reload(), trail.reload()]);

  // changed shows a secret that was just changed here.
  const changed = (after) => {
    loaded.show(after);
    trail.reload();
    heading.current?.focus();
  };
  // versionChanged shows a version that was just changed or made here, and asks for the rest.
  const versionChanged = (version) => {
    if (!version) return refresh();
    const newer = versions.value.rows.filter((other) => other.version_number > version.version_number);
    const older = versions.value.rows.filter((other) => other.version_number < version.version_number);
    versions.show({ ...versions.value, rows: [...newer, version, ...older] });
    loaded.reload();
    trail.reload();
  };

  const restore = async () => {
    try {
      const back = await undelete(session, secret);
      changed(back);
      notices.say(`${quoted(back.name)} is back, with ${count(back.version_count, "version")}.`);
    } catch (error) {
      if (error.status === 404 || error.status === 409) await refresh();
      notices.fail(error, restore, `${quoted(secret.name)} is not back. `);
    }
  };
  const deleteIt = async () => {
    try {
      const deleted = await remove(session, secret);
      changed(deleted);
      notices.say(`${quoted(secret.name)} is in the trash.`, [{ label: "Undo", run: () => undo(deleted) }]);
    } catch (error) {
      if (error.status === 404 || error.status === 409) await refresh();
      notices.fail(error, deleteIt, `${quoted(secret.name)} is not deleted. `);
    }
  };
  const undo = async (deleted) => {
    try {
      changed(await undelete(session, deleted));
      notices.say(`${quoted(deleted.name)} is back.`);
    } catch (error) {
      notices.fail(error, () => undo(deleted), `${quoted(deleted.name)} is not back. `);
    }
  };
  const eraseIt = async () => {
    try {
      await erase(session, secret);
    } catch (error) {
      if (error.status === 409) await loaded.reload();
      throw error;
    }
    setDialog(null);
    setErased(secret);
    trail.reload();
    notices.say(`${quoted(secret.name)} is gone for good.`);
    heading.current?.focus();
  };
  const aliased = (after) => {
    setDialog(null);
    session.recent.changed(secret, after);
    loaded.show(after);
    trail.reload();
    notices.say("The aliases are changed.");
  };

  if (gone) {
    return html`<div class="title"><h1 tabindex="-1" ref=${heading}>${erased ? erased.name : "Gone"}</h1></div>
      <p class="banner bad">There is no such secret: it is gone for good, or it never was in this workspace. Only its history is left.</p>
      <code class="under">${id}</code>
      <${History} secret=${null} versions=${{}} trail=${trail} session=${session} />`;
  }
  if (!secret) {
    return html`<div class="title"><h1 tabindex="-1" ref=${heading}>Secret</h1></div><code class="under">${id}</code>
      ${loaded.error ? loaded.error.status !== 401 && html`<${Problem} text=${explain(loaded.error)} again=${loaded.error.mayHelp && refresh} />
        <${History} secret=${null} versions=${versions} trail=${trail} session=${session} />` : html`<p class="hint">Loading…</p>`}`;
  }
  const deleted = secret.state === "soft_deleted";
  return html`
    <div class="title">
      <h1 tabindex="-1" ref=${heading} class="name">${secret.name}</h1>
      <div class="actions">
        <button type="button" onClick=${refresh}>Refresh</button>
        ${!deleted && session.may("secrets:write") && html`<button type="button" onClick=${deleteIt}>Delete</button>`}
      </div>
    </div>
    ${deleted && html`<${Deleted} secret=${secret} session=${session} restore=${restore} />`}
    <${Facts} secret=${secret} edit=${!deleted && session.may("secrets:write") && (() => setDialog("aliases"))} />
    <${Versions} session=${session} notices=${notices} secret=${secret} versions=${versions} changed=${versionChanged} />
    <${History} secret=${secret} versions=${versions} trail=${trail} session=${session} />
    ${session.may("secrets:write") && html`<section class="danger-zone" aria-labelledby="for-good">
      <h2 id="for-good">Delete for good</h2>
      <p>Destroys every version at once, without a deadline and without an undo.</p>
      <button type="button" class="danger-quiet" onClick=${() => setDialog("erase")}>Delete for good…</button>
    </section>`}
    ${dialog === "aliases" && html`<${Aliases} session=${session} secret=${secret} done=${aliased} stale=${loaded.reload} close=${() => setDialog(null)} />`}
    ${dialog === "erase" && html`<${ConfirmByName} name=${secret.name} title="Delete for good" action="Delete for good" submit=${eraseIt} close=${() => setDialog(null)}>
      <p>${quoted(secret.name)} and its ${count(secret.version_count, "version")} are gone at once and for good. There is no undo.</p>
    <//>`}`;
}

// Deleted says what the trash says of a secret: who deleted it, until when it can be restored, and who asks for it.
function Deleted({ secret, session, restore }) {
  const trashed = useLoaded(async () => {
    const page = await session.call("GET", "/trash?name=" + encodeURIComponent(secret.name));
    return page.data.find((row) => row.id === secret.id) ?? null;
  }, [secret.id, secret.etag]);
  const row = trashed.value;
  return html`<div class="banner deleted">
    <dl class="facts">
      <div><dt>Deleted</dt><dd><${Time} at=${secret.deleted_at} />${row?.deleted_by && html`<span class="under">by <code>${row.deleted_by}</code></span>`}</dd></div>
      <div><dt>Gone for good</dt><dd><${Deadline} at=${secret.purge_at} /></dd></div>
      ${row && html`<div><dt>Still asked for</dt><dd><${Asked} since=${row.reads_since} /></dd></div>`}
    </dl>
    <button type="button" class="primary" onClick=${restore}>Restore</button>
  </div>`;
}

function Facts({ secret, edit }) {
  const aliases = Object.entries(secret.version_aliases ?? {});
  return html`<dl class="facts card">
    <div><dt>Id</dt><dd><code>${secret.id}</code></dd></div>
    <div><dt>Kind</dt><dd>${kindInWords(secret.kind)}</dd></div>
    <div><dt>Versions</dt><dd>${versionsInWords(secret)}</dd></div>
    ${secret.description && html`<div><dt>Description</dt><dd>${secret.description}</dd></div>`}
    ${secret.labels && html`<div><dt>Labels</dt><dd><${Labels} of=${secret} /></dd></div>`}
    ${secret.mime_type && html`<div><dt>Form</dt><dd>${secret.mime_type}</dd></div>`}
    <div><dt>Created</dt><dd>${calendar(secret.created_at)}</dd></div>
    <div><dt>Changed</dt><dd>${calendar(secret.updated_at)}</dd></div>
    ${secret.validation && html`<div><dt>The provider says</dt><dd>${verdict(secret.validation)}</dd></div>`}
    <div><dt>Aliases</dt><dd>${aliases.length === 0 ? "none" : aliases.map(([name, number]) => html`<span key=${name} class="alias">${name} → ${number}</span> `)}
      ${edit && html` <button type="button" class="small" onClick=${edit}>Change aliases</button>`}</dd></div>
  </dl>`;
}

function verdict(validation) {
  const words = { valid: "it is valid", invalid: "it is not valid", unspecified: "nothing yet" }[validation.state];
  return html`${words}${validation.error && `: ${validation.error}`}<span class="under">asked <${Time} at=${validation.validated_at} /></span>`;
}
