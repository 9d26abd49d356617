import { html, useEffect, useState } from "./preact.js";
import { remove, undelete } from "./changes.js";
import { CreateSecret } from "./create.js";
import { useHeading, useRowFocus } from "./focus.js";
import { most, useList, useTick } from "./load.js";
import { Labels, Link, Problem, Time } from "./parts.js";
import { explain } from "./refusal.js";
import { pathOf } from "./route.js";
import { calendar, count, kindInWords, kinds, quoted, versionsInWords } from "./words.js";

const state = "active";
const noFilter = { name: "", kind: "", label: "" };

// Secrets shows the active secrets. Up to a thousand are filtered here; if there are more, the service filters.
export function Secrets({ session, notices, go }) {
  const heading = useHeading("Secrets");
  const [filter, setFilter] = useState(noFilter);
  const [many, setMany] = useState(false);
  const settled = useSettled(filter);
  const list = useList(session, "/secrets?limit=100" + (many ? query(settled) : ""));
  const focus = useRowFocus();
  const [creating, setCreating] = useState(false);
  const [busy, setBusy] = useState(null);
  useTick(20);
  useEffect(() => { if (list.cursor && !list.loading) setMany(true); }, [list.cursor, list.loading]);

  const rows = session.recent.settle(list.rows ?? [], state, list.askedAt).sort((a, b) => a.name.localeCompare(b.name) || a.created_at - b.created_at);
  const shown = rows.filter((secret) => matches(secret, filter));
  const set = (field) => (event) => setFilter({ ...filter, [field]: event.target.value });
  const filtered = filter.name || filter.kind || filter.label;

  const deleteOne = async (secret) => {
    if (busy) return;
    setBusy(secret.id);
    try {
      const gone = await remove(session, secret);
      focus.leaving(new Set([secret.id]));
      notices.say(`${quoted(secret.name)} is in the trash${gone.purge_at ? ` until ${calendar(gone.purge_at)}` : ""}.`, [{ label: "Undo", run: () => undo(gone) }]);
    } catch (error) {
      if (error.status === 404) {
        focus.leaving(new Set([secret.id]));
        session.recent.changed(secret, null);
      }
      if (error.status === 409) await list.reload();
      notices.fail(error, () => deleteOne(secret), `${quoted(secret.name)} is not deleted. `);
    } finally {
      setBusy(null);
    }
  };

  const undo = async (secret) => {
    try {
      const back = await undelete(session, secret);
      focus.coming(back.id);
      notices.say(`${quoted(back.name)} is back, with ${count(back.version_count, "version")}.`);
    } catch (error) {
      notices.fail(error, () => undo(secret), `${quoted(secret.name)} is not back. `);
    }
  };

  const created = (secret) => {
    session.recent.changed({ id: secret.id, etag: "" }, secret);
    setCreating(false);
    notices.say(`${quoted(secret.name)} is created.`);
    setFilter(noFilter);
    focus.coming(secret.id);
  };

  return html`
    <div class="title">
      <h1 tabindex="-1" ref=${heading}>Secrets</h1>
      <p class="hint">${list.loading ? "Loading…" : rows.length > 0 && !list.error ? `${count(rows.length, "secret")}${list.cursor ? " of more" : ""}, by name.` : ""}</p>
    </div>
    <div class="tools" role="search">
      <label>Name <input type="search" value=${filter.name} onInput=${set("name")} autocomplete="off" spellcheck=${false} /></label>
      <label>Kind <select value=${filter.kind} onChange=${set("kind")}><option value="">All kinds</option>${Object.entries(kinds).map(([kind, words]) => html`<option key=${kind} value=${kind}>${words}</option>`)}</select></label>
      <label>Label <input type="search" value=${filter.label} onInput=${set("label")} placeholder="team:payments" autocomplete="off" spellcheck=${false} /></label>
      <button type="button" onClick=${list.reload}>Refresh</button>
      ${session.may("secrets:write") && html`<button type="button" class="primary" onClick=${() => setCreating(true)}>New secret</button>`}
    </div>
    ${many && html`<p class="hint">There are more than ${most.toLocaleString("en")} secrets, so the service filters them: by how a name begins, by kind, and by a whole label.</p>`}
    ${list.error && list.error.status !== 401 && html`<${Problem} text=${explain(list.error)} again=${list.error.mayHelp && list.reload} />`}
    ${rows.length === 0 && !list.loading && !list.error && !filtered && html`<p class="empty">There is no secret here yet.</p>`}
    ${shown.length === 0 && !list.loading && !list.error && filtered && html`<p class="empty">No secret matches. <button type="button" onClick=${() => setFilter(noFilter)}>Clear the filter</button></p>`}
    ${shown.length > 0 && html`
      <table role="table" class="rows" ref=${focus.table} aria-label="Active secrets, by name">
        <thead role="rowgroup"><tr role="row">
          ${["Secret", "Kind", "Versions", "Changed"].map((name) => html`<th role="columnheader" scope="col" key=${name}>${name}</th>`)}
          <th role="columnheader" scope="col"><span class="hidden">Delete</span></th>
        </tr></thead>
        <tbody role="rowgroup">${shown.map((secret) => html`<${Row} key=${secret.id} secret=${secret} go=${go} busy=${busy === secret.id}
          remove=${session.may("secrets:write") && (() => deleteOne(secret))} />`)}</tbody>
      </table>`}
    ${list.cursor && !list.loading && html`<p class="more"><button type="button" onClick=${list.next}>Load ${most.toLocaleString("en")} more</button></p>`}
    ${creating && html`<${CreateSecret} session=${session} created=${created} close=${() => setCreating(false)} />`}`;
}

function Row({ secret, go, busy, remove }) {
  return html`<tr role="row" data-id=${secret.id} tabindex="-1" aria-label=${secret.name} aria-busy=${busy}>
    <td role="cell" class="what"><${Link} to=${pathOf(secret)} go=${go}><span class="name">${secret.name}</span><//>
      ${secret.description && html`<span class="under">${secret.description}</span>`}<${Labels} of=${secret} /><code class="under">${secret.id}</code></td>
    <td role="cell" data-label="Kind">${kindInWords(secret.kind)}</td>
    <td role="cell" data-label="Versions">${versionsInWords(secret)}</td>
    <td role="cell" data-label="Changed"><${Time} at=${secret.updated_at} /></td>
    <td role="cell" class="act">${remove && html`<button type="button" aria-disabled=${busy} aria-label=${"Delete " + secret.name} onClick=${remove}>${busy ? "Deleting…" : "Delete"}</button>`}</td>
  </tr>`;
}

function matches(secret, { name, kind, label }) {
  const has = (text, part) => text.toLowerCase().includes(part.trim().toLowerCase());
  const labels = Object.entries(secret.labels ?? {}).map(([key, value]) => `${key}:${value}`);
  return (has(secret.name, name) || has(secret.id, name)) && (!kind || secret.kind === kind) && (!label.trim() || labels.some((one) => has(one, label)));
}

// query is what the service filters by.
function query({ name, kind, label }) {
  const fields = { name_prefix: name, kind, label: label.includes(":") ? label : "" };
  return Object.entries(fields).filter(([, value]) => value !== "").map(([field, value]) => `&${field}=${encodeURIComponent(value)}`).join("");
}

// useSettled returns a value once it has not changed for a while, so that not every letter is a call.
function useSettled(value) {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), 400);
    return () => clearTimeout(timer);
  }, [value.name, value.kind, value.label]);
  return settled;
}
