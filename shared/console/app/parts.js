import { html } from "./preact.js";
import { calendar, isSoon, machine, relative } from "./words.js";

// Time shows a time in words.
export function Time({ at }) {
  return at ? html`<time datetime=${machine(at)} title=${calendar(at)}>${relative(at)}</time>` : "at an unknown time";
}

// Deadline shows when a secret is gone for good: as a date, and in words. It is marked if that is soon.
export function Deadline({ at }) {
  if (!at) return "not known yet";
  return html`<time class=${isSoon(at) ? "soon" : ""} datetime=${machine(at)}>
    <b>${relative(at)}</b><span class="under">${calendar(at)}</span></time>`;
}

// Labels shows a secret's labels, each as its filter wants it.
export function Labels({ of }) {
  const labels = Object.entries(of.labels ?? {});
  return labels.length > 0 && html`<ul class="labels" aria-label="Labels">${labels.map(([name, value]) => html`<li key=${name}>${name}:${value}</li>`)}</ul>`;
}

// Link leads to another screen of this page. Opened in another tab, it asks for a token there.
export function Link({ to, go, current, children }) {
  const follow = (event) => {
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    go(to);
  };
  return html`<a href=${to} onClick=${follow} aria-current=${current ? "page" : undefined}>${children}</a>`;
}

// Problem shows an error in place of what could not be loaded.
export function Problem({ text, again }) {
  return html`<div class="problem" role="alert"><p>${text}</p>${again && html`<button type="button" onClick=${again}>Try again</button>`}</div>`;
}
