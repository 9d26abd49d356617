import { Refusal } from "./refusal.js";
import { recentChanges } from "./recent.js";

const tries = 5; // of one call, while the service is busy
const longest = 120; // seconds that a call waits; a person who is asked for more is told so

// openSession returns what the screens call the service with. The token is in this closure and nowhere else: no
// storage, no cookie, no address has it. page has wait(seconds, status), which resolves when it is time to try
// again and throws if the person has enough, and end(why), which asks for a token again.
export function openSession(token, workspace, page) {
  const lacking = new Set();
  const keys = new Map();
  const session = { workspace, call, may, keyFor, recent: recentChanges() };
  return session;

  // call returns the response's body. A 204 has none: then it returns the etag. It throws a Refusal.
  // options are ifMatch, an etag; key, an idempotency key; and body. A call that the service is too busy for is
  // made again, which is safe: each change has an etag or a key.
  async function call(method, path, options = {}) {
    for (let left = tries; ; left--) {
      const answer = await send(method, path, options);
      if (answer.ok) {
        return answer.status === 204 ? { etag: unquoted(answer.headers.get("ETag")) } : answer.json();
      }
      const refusal = await Refusal.of(answer);
      if (!refusal.busy || left === 1 || refusal.wait > longest) {
        throw noted(refusal);
      }
      await page.wait(refusal.wait, refusal.status);
    }
  }

  async function send(method, path, { ifMatch, key, body }) {
    const headers = { Authorization: "Bearer " + token };
    if (session.workspace) headers["Akua-Context"] = session.workspace;
    if (ifMatch) headers["If-Match"] = `"${ifMatch}"`;
    if (key) headers["Idempotency-Key"] = key;
    if (body) headers["Content-Type"] = "application/json";
    try {
      return await fetch("/v1" + path, {
        method, headers, body: body && JSON.stringify(body),
        cache: "no-store", credentials: "omit", redirect: "error", referrerPolicy: "no-referrer",
      });
    } catch {
      throw new Refusal(0);
    }
  }

  function noted(refusal) {
    if (refusal.scope) lacking.add(refusal.scope);
    if (refusal.status === 401) page.end("The service does not know this token, or not any more. Give it a token that is valid.");
    return refusal;
  }

  // may says whether the token may have a scope: only a refusal tells that it has not.
  function may(scope) {
    return !lacking.has(scope);
  }

  // keyFor returns the idempotency key of an action on a resource as it is now, so that a second try of the same
  // action has the same key.
  function keyFor(action, resource) {
    const name = [action, resource.id, resource.etag].join(" ");
    if (!keys.has(name)) keys.set(name, crypto.randomUUID());
    return keys.get(name);
  }
}

function unquoted(etag) {
  return etag?.replace(/^(W\/)?"|"$/g, "");
}
