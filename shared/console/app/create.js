import { html, useRef, useState } from "./preact.js";
import { Dialog, Field } from "./dialog.js";
import { Masked } from "./masked.js";
import { kinds } from "./words.js";

// One field more belongs to the value of these kinds.
const besides = {
  "oci_registry": { field: "username", label: "User name" },
  "cloud_provider/aws": { field: "aws_access_key_id", label: "Access key id" },
};

// CreateSecret asks for a new secret, and calls created with it.
export function CreateSecret({ session, created, close }) {
  const fields = { name: useRef(null), value: useRef(null), description: useRef(null), labels: useRef(null), beside: useRef(null) };
  const [kind, setKind] = useState("generic");
  const [faults, setFaults] = useState({});
  const key = useRef(null); // of this form as it is; another text is another request
  const changed = () => { key.current = null; };

  const submit = async () => {
    const { labels, wrong } = readLabels(fields.labels.current.value);
    const missing = { name: fields.name.current.value.trim() === "" && "Give it a name.", value: fields.value.current.value === "" && "A value is needed.", labels: wrong };
    if (Object.values(missing).some(Boolean)) throw marked(missing);
    const body = { name: fields.name.current.value.trim(), kind, value: fields.value.current.value };
    if (fields.description.current.value.trim()) body.description = fields.description.current.value.trim();
    if (labels) body.labels = labels;
    if (besides[kind] && fields.beside.current.value) body[besides[kind].field] = fields.beside.current.value;
    key.current ??= crypto.randomUUID();
    try {
      setFaults({});
      created(await session.call("POST", "/secrets", { body, key: key.current }));
    } catch (error) {
      const named = Object.fromEntries((error.faults ?? []).filter((fault) => fault.path?.[0] === "body" && fields[fault.path[1]]).map((fault) => [fault.path[1], sentence(fault.message)]));
      throw Object.keys(named).length > 0 ? marked(named) : error;
    }
  };
  const marked = (problems) => {
    setFaults(problems);
    const first = Object.keys(fields).find((name) => problems[name]);
    fields[first]?.current.focus();
    return Object.assign(new Error(), { field: true });
  };

  const beside = besides[kind];
  return html`<${Dialog} title="New secret" action="Create" submit=${submit} close=${close}>
    <${Field} label="Name" problem=${faults.name}>${(field) => html`<input ref=${fields.name} ...${field} type="text" maxlength="200" autocomplete="off" autofocus onInput=${changed} />`}<//>
    <${Field} label="Kind">${(field) => html`<select ...${field} value=${kind} onChange=${(event) => { setKind(event.target.value); changed(); }}>
      ${Object.entries(kinds).map(([name, words]) => html`<option key=${name} value=${name}>${words}</option>`)}</select>`}<//>
    ${beside && html`<${Field} key=${kind} label=${beside.label + " (optional)"}>${(field) => html`<input ref=${fields.beside} ...${field} type="text" autocomplete="off" spellcheck=${false} onInput=${changed} />`}<//>`}
    <${Masked} control=${fields.value} problem=${faults.value} changed=${changed} />
    <${Field} label="Description (optional)" problem=${faults.description}>${(field) => html`<input ref=${fields.description} ...${field} type="text" maxlength="500" autocomplete="off" onInput=${changed} />`}<//>
    <${Field} label="Labels (optional)" hint="One a line, like team:payments." problem=${faults.labels}>${(field) => html`<textarea ref=${fields.labels} ...${field} rows="2" spellcheck=${false} onInput=${changed}></textarea>`}<//>
  <//>`;
}

function sentence(message) {
  return message.charAt(0).toUpperCase() + message.slice(1) + ".";
}

// readLabels reads lines of name:value.
function readLabels(text) {
  const lines = text.split("\n").map((line) => line.trim()).filter(Boolean);
  const wrong = lines.find((line) => line.indexOf(":") < 1);
  if (wrong) return { wrong: `${wrong}: a label is a name, a colon and a value.` };
  if (lines.length === 0) return {};
  return { labels: Object.fromEntries(lines.map((line) => [line.slice(0, line.indexOf(":")).trim(), line.slice(line.indexOf(":") + 1).trim()])) };
}
