import { html } from "./preact.js";
import { Problem, Time } from "./parts.js";
import { explain } from "./refusal.js";
import { calendar, count } from "./words.js";

const done = {
  "create-secret": "Created, with version 1",
  "update-secret": "Metadata changed",
  "undelete-secret": "Restored",
};
const onVersion = {
  "create-secret-version": "added",
  "enable-secret-version": "enabled",
  "disable-secret-version": "disabled",
  "destroy-secret-version": "destroyed",
};
const refused = {
  not_found: "there was no such value to read, or the secret was deleted",
  conflict: "the version is disabled",
  gone: "the version is destroyed",
  forbidden: "the scope was missing",
};

// History shows versions and trail in one line of time, the newest first. Who did what needs a scope of its own;
// without it, there is what the secret and its versions tell.
export function History({ secret, versions, trail, session }) {
  const error = trail.error;
  const lines = timeline(secret, versions.value, trail.value);
  return html`<section aria-labelledby="history">
    <div class="title"><h2 id="history">History</h2><button type="button" onClick=${trail.reload}>Refresh</button></div>
    ${error && error.status !== 401 && (error.scope
      ? html`<p class="hint">Who did what is not shown: this token lacks the scope ${error.scope}. Use a token that has it.</p>`
      : html`<${Problem} text=${explain(error)} again=${trail.reload} />`)}
    ${lines.length === 0 && trail.value && html`<p class="empty">There is no line about it. A change’s line comes some seconds after the change.</p>`}
    <ol class="history">${lines.map((line) => html`<li key=${line.key} class=${line.tone}>
      <p><b>${line.what}</b>${line.more && html`<span class="under">${line.more}</span>`}</p>
      <p class="when"><span title=${calendar(line.at)}><${Time} at=${line.at} /></span><span class="under">${calendar(line.at)}${line.who && html` · <code>${line.who}</code>`}${line.where && ` · from ${line.where}`}</span></p>
    </li>`)}</ol>
    ${trail.value?.cursor && html`<p class="more"><button type="button" onClick=${trail.next}>Load earlier lines</button></p>`}
  </section>`;
}

// timeline puts the trail's lines and the versions' own times in one order. What both tell is one line.
function timeline(secret, versions, trail) {
  const rows = versions?.rows ?? [];
  const events = trail?.rows ?? [];
  const told = new Set(events.map((event) => event.operation === "create-secret" ? "create-secret-version 1" : `${event.operation} ${event.version}`));
  const oldest = trail?.cursor ? events.at(-1).occurred_at : 0; // before it, the trail is not loaded yet
  const own = rows.flatMap((version) => [
    { told: `create-secret-version ${version.version_number}`, at: version.created_at, what: `Version ${version.version_number} added`, more: version.comment, key: version.id },
    version.destroyed_at && { told: `destroy-secret-version ${version.version_number}`, at: version.destroyed_at, what: `Version ${version.version_number} destroyed`, tone: "bad", key: version.id + " destroyed" },
  ]).filter((line) => line && !told.has(line.told) && line.at >= oldest);
  if (secret?.deleted_at && !events.some((event) => event.operation === "delete-secret" && event.occurred_at >= secret.deleted_at - 5)) {
    own.push({ at: secret.deleted_at, what: "Deleted", tone: "bad", key: "deleted" });
  }
  const comments = new Map(rows.map((version) => [String(version.version_number), version.comment]));
  return [...own, ...events.map((event, at) => inWords(event, comments, at))].sort((a, b) => b.at - a.at || (a.order ?? -1) - (b.order ?? -1));
}

function inWords(event, comments, order) {
  const line = {
    key: event.id, at: event.occurred_at, who: event.principal, where: event.viewer_ip ?? event.source_ip, order,
    what: done[event.operation] ?? event.operation, tone: event.outcome === "denied" ? "denied" : "",
  };
  if (onVersion[event.operation]) {
    line.what = `Version ${event.version} ${onVersion[event.operation]}`;
    if (event.operation === "create-secret-version") line.more = comments.get(event.version);
    if (event.operation === "destroy-secret-version") line.tone = "bad";
  }
  if (event.operation === "access-secret-version") {
    const name = /^[0-9]+$/.test(event.version) ? `Version ${event.version}` : `${event.version ?? "A version"}`;
    line.what = event.outcome === "denied" ? `${name} asked for, and refused` : `${name} read`;
  }
  if (event.operation === "delete-secret") {
    line.what = event.reason === "force" ? "Deleted for good" : "Deleted";
    line.tone = "bad";
  }
  if (event.operation === "purge") {
    line.what = "Erased for good";
    line.more = `${count(event.purge?.versions ?? 0, "version")}${event.purge?.deleted_by ? `; it had been deleted by ${event.purge.deleted_by}` : ""}`;
    line.tone = "bad";
  }
  if (event.outcome === "denied") line.more = refused[event.reason] ?? event.reason?.replaceAll("_", " ");
  return line;
}
