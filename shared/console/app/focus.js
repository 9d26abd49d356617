import { useLayoutEffect, useRef } from "./preact.js";

// useRowFocus keeps the focus where one expects it when a row goes. table is the ref of the table; leaving(ids)
// is called before rows go: the next row gets the focus, or the one before, or the heading. coming(id) gives it
// to a row that comes. A row or a heading says by data-id which it is.
export function useRowFocus() {
  const table = useRef(null);
  const wanted = useRef(null);
  useLayoutEffect(() => {
    if (wanted.current === null) return;
    const row = rowOf(table.current, wanted.current);
    (row ?? document.querySelector("h1"))?.focus();
    wanted.current = null;
  });
  const leaving = (ids) => {
    if (!table.current || !hasFocus(table.current, ids)) return;
    const rows = [...table.current.querySelectorAll("tr[data-id]")];
    const first = rows.findIndex((row) => ids.has(row.dataset.id));
    const stays = (row) => !ids.has(row.dataset.id);
    const next = rows.slice(first).find(stays) ?? rows.slice(0, first).findLast(stays);
    wanted.current = next?.dataset.id ?? "";
  };
  const coming = (id) => { wanted.current = id; };
  return { table, leaving, coming };
}

function rowOf(table, id) {
  return table && [...table.querySelectorAll("tr[data-id]")].find((row) => row.dataset.id === id);
}

// hasFocus says whether the focus is in a row that goes, or nowhere, or on a button for several rows. If the
// person is elsewhere by now, they stay there.
function hasFocus(table, ids) {
  const active = document.activeElement;
  const row = active?.closest("tr[data-id]");
  return row ? ids.has(row.dataset.id) : active === document.body || active?.closest("[data-bulk]") !== null;
}

// useHeading gives the focus to the screen's heading when the screen opens, and names the page after it. The
// title names no secret: titles stay in the browser's history. The focus moves before the screen is painted: later,
// it would scroll away what the person is about to press.
export function useHeading(title) {
  const heading = useRef(null);
  useLayoutEffect(() => {
    document.title = `${title} · Keepsake`;
    heading.current?.focus();
  }, []);
  return heading;
}
