import { html, render } from "./preact.js";
import { signInOffered } from "./signin.js";

function App() {
  return html`<main><h1>Keepsake</h1><p>${signInOffered() ? "Sign in, or paste a token." : "Paste a token."}</p></main>`;
}

render(html`<${App} />`, document.getElementById("app"));
