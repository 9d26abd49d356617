import { html, useState } from "./preact.js";
import { Dialog } from "./dialog.js";

// Aliases changes which version each alias names. done is called with the secret as it is then.
export function Aliases({ session, secret, done, stale, close }) {
  const [rows, setRows] = useState(() => [...Object.entries(secret.version_aliases ?? {}).map(([name, number]) => ({ name, number })), blank()]);
  const set = (at, field) => (event) => {
    const next = rows.map((row, i) => i === at ? { ...row, [field]: event.target.value } : row);
    setRows(next.at(-1).name ? [...next, blank()] : next);
  };
  const drop = (at) => setRows(rows.filter((_, i) => i !== at));
  const submit = async () => {
    const named = rows.filter((row) => row.name.trim() !== "");
    const twice = named.find((row, i) => named.findIndex((other) => other.name.trim() === row.name.trim()) !== i);
    if (twice) throw new Error(`The alias ${twice.name.trim()} is there twice. Take one away.`);
    const numberless = named.find((row) => !/^[1-9][0-9]*$/.test(String(row.number).trim()));
    if (numberless) throw new Error(`Give the alias ${numberless.name.trim()} the number of a version.`);
    const version_aliases = Object.fromEntries(named.map((row) => [row.name.trim(), Number(row.number)]));
    try {
      done(await session.call("PATCH", "/secrets/" + encodeURIComponent(secret.id), { ifMatch: secret.etag, body: { version_aliases } }));
    } catch (error) {
      if (error.status === 409) await stale();
      throw error;
    }
  };
  return html`<${Dialog} title="Aliases" action="Save" submit=${submit} close=${close}>
    <p>An alias names a version. Programs ask for the alias, and you move it. <code>latest</code> always is the newest enabled version.</p>
    <ul class="aliases">${rows.map((row, at) => html`<li key=${at}>
      <label>Alias <input type="text" value=${row.name} onInput=${set(at, "name")} maxlength="128" autocomplete="off" spellcheck=${false} autocapitalize="off" autofocus=${at === 0} /></label>
      <label>Version <input type="text" inputmode="numeric" value=${row.number} onInput=${set(at, "number")} autocomplete="off" /></label>
      ${row.name && html`<button type="button" aria-label=${`Take away ${row.name}`} onClick=${() => drop(at)}>Take away</button>`}
    </li>`)}</ul>
  <//>`;
}

function blank() {
  return { name: "", number: "" };
}
