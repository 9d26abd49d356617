import { html, render, useEffect, useState } from "./preact.js";
import { completeSignIn } from "./signin.js";
import { Notices, useNotices, Waits } from "./notice.js";
import { Link } from "./parts.js";
import { explain } from "./refusal.js";
import { useRoute } from "./route.js";
import { Secret } from "./secret.js";
import { Secrets } from "./secrets.js";
import { openSession } from "./session.js";
import { Token } from "./token.js";
import { Trash } from "./trash.js";

function App() {
  const [route, go] = useRoute();
  const notices = useNotices();
  const [session, setSession] = useState(null);
  const [problem, setProblem] = useState("");
  const [workspaceAsked, setWorkspaceAsked] = useState(false);

  const end = (why) => {
    setSession(null);
    setWorkspaceAsked(false);
    notices.clear();
    setProblem(why);
  };

  // enter tries a token: whether it is known, and for which workspace. What it may do, the screens find out.
  const enter = async (token, workspace = route.workspace) => {
    setProblem("");
    const opened = openSession(token, workspace, { wait: notices.wait, end });
    try {
      await opened.call("GET", "/secrets?limit=1");
    } catch (error) {
      if (error.concerns?.("akua-context")) {
        setWorkspaceAsked(!route.workspace);
        setProblem(error.status === 400 ? (workspace ? "This is not a workspace’s name: it begins with ws_." : "") : explain(error));
        return;
      }
      if (!error.scope) {
        setProblem(explain(error));
        return;
      }
    }
    setSession(opened);
  };

  useEffect(() => {
    completeSignIn().then((token) => token && enter(token), (error) => setProblem(error.message));
  }, []);

  if (!session) {
    return html`<${Waits.Provider} value=${notices.waits}><${Notices} notices=${notices} /><${Token} enter=${enter} problem=${problem} workspaceAsked=${workspaceAsked} /><//>`;
  }
  session.workspace = route.workspace ?? session.workspace;
  const screen = { session, notices, go };
  const mayRead = session.may("secrets:read");
  return html`<${Waits.Provider} value=${notices.waits}>
    <header>
      <span class="brand" aria-hidden="true">Keepsake</span>
      <nav aria-label="Screens">
        <${Link} to="/" go=${go} current=${route.screen === "trash"}>Trash<//>
        ${mayRead && html`<${Link} to="/#secrets" go=${go} current=${route.screen === "secrets"}>Secrets<//>`}
      </nav>
      ${session.workspace && html`<span class="workspace">${session.workspace}</span>`}
      <button type="button" class="quiet" onClick=${() => end("")}>Forget the token</button>
    </header>
    <${Notices} notices=${notices} />
    <main>
      ${route.screen === "trash" && html`<${Trash} ...${screen} />`}
      ${route.screen === "secrets" && html`<${Secrets} ...${screen} />`}
      ${route.screen === "secret" && html`<${Secret} key=${route.id} id=${route.id} ...${screen} />`}
    </main>
  <//>`;
}

render(html`<${App} />`, document.getElementById("app"));
