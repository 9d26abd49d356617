import { html, useState } from "./preact.js";
import { Field } from "./dialog.js";
import { count } from "./words.js";

// Masked is a field for a value. It takes several lines, which a password field does not, and shows none of it: only
// what one would overlook in it. control is the ref of its textarea.
export function Masked({ control, problem, changed }) {
  const [hint, setHint] = useState("Typed or pasted, it is not shown.");
  const typed = () => {
    setHint(measure(control.current.value));
    changed?.();
  };
  return html`<${Field} label="Value" hint=${hint} problem=${problem}>
    ${(field) => html`<textarea ref=${control} ...${field} class="masked" rows="3" autocomplete="off" autocapitalize="off"
      spellcheck=${false} onInput=${typed}></textarea>`}
  <//>`;
}

function measure(value) {
  const parts = [count([...value].length, "character")];
  if (value.includes("\n")) parts.push(count(value.split("\n").length, "line"));
  if (/^\s/.test(value)) parts.push("begins with a space or an empty line");
  if (/\n$/.test(value)) parts.push("ends with a line break");
  else if (/\s$/.test(value)) parts.push("ends with a space");
  return parts.join(", ") + ".";
}
