import { html, useRef, useState } from "./preact.js";
import { remove, undelete } from "./changes.js";
import { useHeading, useRowFocus } from "./focus.js";
import { most, useList, useTick } from "./load.js";
import { Deadline, Labels, Link, Problem, Time } from "./parts.js";
import { explain } from "./refusal.js";
import { pathOf } from "./route.js";
import { count, kindInWords, quoted, versionsInWords } from "./words.js";

const state = "soft_deleted";

// Trash shows what was deleted and can be brought back, the soonest deadline first.
export function Trash({ session, notices, go }) {
  const heading = useHeading("Trash");
  const list = useList(session, "/trash?limit=100");
  const focus = useRowFocus();
  const [filter, setFilter] = useState("");
  const [picked, setPicked] = useState(new Set());
  const [busy, setBusy] = useState(new Set());
  const working = useRef(false);
  useTick(20);

  const rows = session.recent.settle(list.rows ?? [], state, list.askedAt).sort((a, b) => (a.purge_at ?? Infinity) - (b.purge_at ?? Infinity));
  const shown = rows.filter((secret) => holds(secret, filter.trim().toLowerCase()));
  const chosen = shown.filter((secret) => picked.has(secret.id));

  // restore brings secrets back one after another, and tells in the end what became of them.
  const restore = async (secrets) => {
    if (working.current) return;
    working.current = true;
    setBusy(new Set(secrets.map((secret) => secret.id)));
    const back = [], gone = [];
    let failed;
    for (const secret of secrets) {
      try {
        back.push(await undelete(session, secret));
      } catch (error) {
        if (error.status === 404) {
          session.recent.changed(secret, null);
          gone.push(secret);
          continue;
        }
        failed = { secret, error };
        break;
      }
    }
    focus.leaving(new Set([...back, ...gone].map((secret) => secret.id)));
    working.current = false;
    setBusy(new Set());
    setPicked(new Set([...picked].filter((id) => !secrets.some((secret) => secret.id === id))));
    if (failed?.error.status === 409) await list.reload();
    report(back, gone, failed, secrets.slice(back.length + gone.length));
  };

  const report = (back, gone, failed, left) => {
    const parts = [];
    if (back.length === 1) parts.push(`${quoted(back[0].name)} is back, with ${count(back[0].version_count, "version")}.`);
    if (back.length > 1) parts.push(`${count(back.length, "secret")} are back.`);
    if (gone.length > 0) parts.push(`${gone.map((secret) => quoted(secret.name)).join(", ")} ${gone.length === 1 ? "is" : "are"} gone for good: the deadline has passed, or somebody destroyed it.`);
    if (failed) {
      const before = [...parts, `${quoted(failed.secret.name)} is not back.`].join(" ") + " ";
      return notices.fail(failed.error, () => restore(left), before);
    }
    const undo = { label: "Undo", run: () => deleteAgain(back) };
    notices.say(parts.join(" "), back.length > 0 && mayDelete ? [undo] : []);
  };

  const mayDelete = session.may("secrets:read") && session.may("secrets:write");

  // deleteAgain is the undo of a restore.
  const deleteAgain = async (secrets) => {
    const again = [];
    try {
      for (const secret of secrets) again.push(await remove(session, secret));
    } catch (error) {
      const secret = secrets[again.length];
      return notices.fail(error, () => deleteAgain(secrets.slice(again.length)), `${quoted(secret.name)} is not in the trash. `);
    } finally {
      if (again.length > 0) focus.coming(again[0].id);
      setBusy(new Set());
    }
    notices.say(`${again.length === 1 ? `${quoted(again[0].name)} is` : `${count(again.length, "secret")} are`} in the trash again.`, [
      { label: "Restore", run: () => restore(again) },
    ]);
  };

  const pick = (id, on) => {
    const next = new Set(picked);
    on ? next.add(id) : next.delete(id);
    setPicked(next);
  };
  const all = shown.length > 0 && chosen.length === shown.length;

  return html`
    <div class="title">
      <h1 tabindex="-1" ref=${heading}>Trash</h1>
      <p class="hint">${summary(list, rows)}</p>
    </div>
    <div class="tools" role="search">
      <label>Filter <input type="search" value=${filter} onInput=${(event) => setFilter(event.target.value)}
        placeholder="Name, label, kind, id or who" autocomplete="off" spellcheck=${false} /></label>
      <button type="button" onClick=${list.reload}>Refresh</button>
      ${shown.length > 0 && html`<label class="check"><input type="checkbox" checked=${all} indeterminate=${chosen.length > 0 && !all}
        onChange=${(event) => setPicked(new Set(event.target.checked ? shown.map((secret) => secret.id) : []))} /> Select all</label>`}
      ${chosen.length > 0 && html`<button type="button" class="primary" data-bulk onClick=${() => restore(chosen)}>Restore ${chosen.length.toLocaleString("en")} selected</button>`}
    </div>
    ${list.error && list.error.status !== 401 && html`<${Problem} text=${readable(list.error)} again=${list.error.mayHelp && list.reload} />`}
    ${rows.length === 0 && !list.loading && !list.error && html`<p class="empty">Nothing is in the trash. What is deleted stays here until its deadline.</p>`}
    ${rows.length > 0 && shown.length === 0 && html`<p class="empty">None of ${count(rows.length, "deleted secret")} matches. <button type="button" onClick=${() => setFilter("")}>Clear the filter</button></p>`}
    ${shown.length > 0 && html`
      <table role="table" class="rows" ref=${focus.table} aria-label="Deleted secrets, the soonest to go first">
        <thead role="rowgroup"><tr role="row">
          <th role="columnheader" scope="col"><span class="hidden">Select</span></th>
          ${["Secret", "Kind", "Deleted", "Gone for good", "Still asked for"].map((name) => html`<th role="columnheader" scope="col" key=${name}>${name}</th>`)}
          <th role="columnheader" scope="col"><span class="hidden">Restore</span></th>
        </tr></thead>
        <tbody role="rowgroup">${shown.map((secret) => html`<${Row} key=${secret.id} secret=${secret} go=${go}
          busy=${busy.has(secret.id)} picked=${picked.has(secret.id)} pick=${(on) => pick(secret.id, on)} restore=${() => restore([secret])} />`)}</tbody>
      </table>`}
    ${list.cursor && !list.loading && html`<p class="more">Only the first ${count(rows.length, "secret")} are shown, those that go soonest.
      <button type="button" onClick=${list.next}>Load ${most.toLocaleString("en")} more</button></p>`}`;
}

function Row({ secret, go, busy, picked, pick, restore }) {
  return html`<tr role="row" data-id=${secret.id} tabindex="-1" aria-label=${secret.name} aria-busy=${busy}>
    <td role="cell" class="pick"><input type="checkbox" aria-label=${"Select " + secret.name} checked=${picked} onChange=${(event) => pick(event.target.checked)} /></td>
    <td role="cell" class="what"><${Link} to=${pathOf(secret)} go=${go}><span class="name">${secret.name}</span><//>
      <${Labels} of=${secret} /><code class="under">${secret.id}</code></td>
    <td role="cell" class="tight" data-label="Kind">${kindInWords(secret.kind)}<span class="under">${versionsInWords(secret)}</span></td>
    <td role="cell" class="who" data-label="Deleted"><${Time} at=${secret.deleted_at} /><span class="under">${deletedBy(secret)}</span></td>
    <td role="cell" class="tight" data-label="Gone for good"><${Deadline} at=${secret.purge_at} /></td>
    <td role="cell" class="who" data-label="Still asked for"><${Asked} since=${secret.reads_since} /></td>
    <td role="cell" class="act"><button type="button" class="primary" aria-disabled=${busy} aria-label=${"Restore " + secret.name} onClick=${() => busy || restore()}>${busy ? "Restoring…" : "Restore"}</button></td>
  </tr>`;
}

// deletedBy says who deleted a secret, as far as that is known.
function deletedBy(secret) {
  if (secret.deleted_by) return html`by <code>${secret.deleted_by}</code>`;
  return secret.mine ? "by you" : "by an unknown caller";
}

// Asked says whether anybody has tried to read the secret since it was deleted: somebody may need it.
export function Asked({ since }) {
  if (!since || since.count === 0) return html`<span class="hint">no</span>`;
  return html`<b>${since.more ? `more than ${since.count} tries` : count(since.count, "try", "tries")} since</b>
    <span class="under">the last <${Time} at=${since.last_at} />${since.last_by && html`, by <code>${since.last_by}</code>`}</span>`;
}

function summary(list, rows) {
  if (list.loading) return rows.length > 0 ? `Loading… ${count(rows.length, "secret")} so far.` : "Loading…";
  return rows.length > 0 ? `${count(rows.length, "deleted secret")}, the soonest to go first. Values are not shown here.` : "";
}

function readable(error) {
  return error.scope ? "This token may not see the trash: it lacks the scope secrets:read, or secrets:restore. Use a token that has one of them." : explain(error);
}

function holds(secret, text) {
  const labels = Object.entries(secret.labels ?? {}).map(([name, value]) => `${name}:${value}`);
  return [secret.name, secret.id, secret.kind, kindInWords(secret.kind), secret.deleted_by ?? "", secret.description ?? "", ...labels]
    .some((part) => part.toLowerCase().includes(text));
}
