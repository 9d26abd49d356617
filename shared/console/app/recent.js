const lag = 10; // seconds; lists lag by a second or so

// recentChanges remembers what this page changed, because lists lag behind: they may still show a secret as it
// was. A secret that was changed here is known by the etags that the change replaced.
export function recentChanges() {
  const known = new Map();
  return { changed, settle };

  // changed notes that before became after; null: it is gone for good.
  function changed(before, after) {
    const replaced = known.get(before.id)?.replaced ?? new Set();
    replaced.add(before.etag);
    known.set(before.id, { replaced, after, at: Date.now() / 1000 });
  }

  // settle returns a list of the secrets in a state, which was asked for at a time, as it is now.
  function settle(rows, state, askedAt) {
    const listed = new Set(rows.map((row) => row.id));
    const settled = rows.flatMap((row) => {
      const change = known.get(row.id);
      if (!change || change.after && !change.replaced.has(row.etag)) return [row];
      return change.after?.state === state ? [{ ...row, ...change.after }] : [];
    });
    for (const [id, { after, at }] of known) {
      if (!listed.has(id) && after?.state === state && at > askedAt - lag) settled.push(after);
    }
    return settled;
  }
}
