import { useEffect, useRef, useState } from "./preact.js";
import { now } from "./words.js";

// most is how many rows a list loads before it asks.
export const most = 1000;

// useLoaded calls load when the screen opens and if what it depends on changes. It returns what load has
// returned, the last error, and reload; show and fail put something else in its place.
export function useLoaded(load, dependsOn) {
  const [state, setState] = useState({});
  const turn = useRef(0);
  const reload = async () => {
    const mine = ++turn.current;
    try {
      const value = await load();
      if (mine === turn.current) setState({ value });
    } catch (error) {
      if (mine === turn.current) setState((old) => ({ ...old, error }));
    }
  };
  const show = (value) => { turn.current++; setState({ value }); };
  const fail = (error) => setState((old) => ({ ...old, error }));
  useEffect(() => {
    setState({});
    reload();
    return () => { turn.current++; };
  }, dependsOn);
  return { ...state, reload, show, fail };
}

// useList loads a list page by page, up to a thousand rows, and shows them as they come. next loads a thousand
// more.
export function useList(session, path) {
  const [list, setList] = useState({ rows: null, loading: true, askedAt: 0 });
  const turn = useRef(0);
  const load = async (kept, cursor) => {
    const mine = ++turn.current;
    const askedAt = kept.length > 0 ? list.askedAt : now();
    let rows = kept;
    setList((old) => ({ ...old, loading: true, error: undefined }));
    try {
      do {
        const page = await session.call("GET", path + (cursor ? "&cursor=" + encodeURIComponent(cursor) : ""));
        if (mine !== turn.current) return;
        rows = rows.concat(page.data);
        cursor = page.next_cursor;
        setList({ rows, cursor, askedAt, loading: cursor !== null && rows.length - kept.length < most });
      } while (cursor !== null && rows.length - kept.length < most);
    } catch (error) {
      if (mine === turn.current) setList((old) => ({ ...old, error, loading: false }));
    }
  };
  const reload = () => load([], null);
  useEffect(() => {
    reload();
    return () => { turn.current++; };
  }, [path]);
  return { ...list, reload, next: () => load(list.rows, list.cursor) };
}

// usePages loads the first page of a list, and the next ones when the person asks.
export function usePages(session, path) {
  const load = async (kept, cursor) => {
    const page = await session.call("GET", path + (cursor ? "&cursor=" + encodeURIComponent(cursor) : ""));
    return { rows: kept.concat(page.data), cursor: page.next_cursor };
  };
  const pages = useLoaded(() => load([], null), [path]);
  const next = async () => {
    try {
      pages.show(await load(pages.value.rows, pages.value.cursor));
    } catch (error) {
      pages.fail(error);
    }
  };
  return { ...pages, next };
}

// useTick draws the screen again from time to time, so that "2 minutes ago" stays true.
export function useTick(seconds) {
  const [, setTick] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => setTick((n) => n + 1), seconds * 1000);
    return () => clearInterval(timer);
  }, []);
}
