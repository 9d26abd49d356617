// What several screens do to a secret. Each change names the etag that the person has seen, and notes what came of
// it, because lists lag behind.

const path = (secret) => "/secrets/" + encodeURIComponent(secret.id);

// undelete brings a secret back, and returns it.
export async function undelete(session, secret) {
  const options = { ifMatch: secret.etag, key: session.keyFor("undelete", secret) };
  const back = await session.call("POST", path(secret) + ":undelete", options);
  session.recent.changed(secret, back);
  return back;
}

// remove deletes a secret, so that it can be undone, and returns it as it is in the trash.
export async function remove(session, secret) {
  const { etag } = await session.call("DELETE", path(secret), { ifMatch: secret.etag });
  const guess = { ...secret, state: "soft_deleted", deleted_at: Math.floor(Date.now() / 1000), etag };
  const gone = { ...await session.call("GET", path(secret)).catch(() => guess), mine: true, deleted_by: undefined, reads_since: undefined };
  session.recent.changed(secret, gone);
  return gone;
}

// erase deletes a secret for good.
export async function erase(session, secret) {
  await session.call("DELETE", path(secret) + "?force=true", { ifMatch: secret.etag });
  session.recent.changed(secret, null);
}
