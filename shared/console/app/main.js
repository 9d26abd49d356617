import { html, render, useEffect, useState } from "./preact.js";
import { completeSignIn, signIn, signInOffered } from "./signin.js";

function App() {
  const [names, setNames] = useState(null);
  const [problem, setProblem] = useState("");
  const enter = async (token) => {
    const answer = await fetch("/v1/trash", { headers: { Authorization: "Bearer " + token } });
    const body = await answer.json();
    if (answer.ok) setNames(body.data.map((secret) => secret.name));
    else setProblem(body.errors[0].message);
  };
  useEffect(() => {
    completeSignIn().then((token) => token && enter(token), (error) => setProblem(error.message));
  }, []);
  const begin = () => signIn().catch((error) => setProblem(error.message));
  return html`<main><h1>Keepsake</h1>
    <p role="alert">${problem}</p>
    ${signInOffered() && html`<button type="button" onClick=${begin}>Sign in</button>`}
    ${names && html`<ul>${names.map((name) => html`<li>${name}</li>`)}</ul>`}</main>`;
}

render(html`<${App} />`, document.getElementById("app"));
