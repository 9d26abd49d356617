import { useEffect, useState } from "./preact.js";

// where reads the address. The service has two paths for people: the root, and each secret's own, which is its
// html_url. The list of secrets is a fragment of the root.
function where() {
  const path = location.pathname.match(/^\/workspaces\/([^/]+)\/secrets\/([^/]+)$/);
  if (path) {
    return { screen: "secret", workspace: decodeURIComponent(path[1]), id: decodeURIComponent(path[2]) };
  }
  return { screen: location.hash === "#secrets" ? "secrets" : "trash" };
}

// pathOf returns a secret's own path.
export function pathOf(secret) {
  return `/workspaces/${encodeURIComponent(secret.workspace_id)}/secrets/${encodeURIComponent(secret.id)}`;
}

// useRoute returns where the person is, and go, which leads elsewhere without leaving the page: it would
// forget the token.
export function useRoute() {
  const [route, setRoute] = useState(where);
  useEffect(() => {
    const moved = () => setRoute(where());
    addEventListener("popstate", moved);
    return () => removeEventListener("popstate", moved);
  }, []);
  const go = (path) => {
    history.pushState(null, "", path);
    setRoute(where());
  };
  return [route, go];
}
