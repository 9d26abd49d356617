// The screens take everything of Preact's from here, with htm bound to it.
import { h, render, Fragment } from "preact";
import { useCallback, useEffect, useId, useLayoutEffect, useMemo, useReducer, useRef, useState } from "preact/hooks";
import htm from "htm";

export const html = htm.bind(h);
export { h, render, Fragment, useCallback, useEffect, useId, useLayoutEffect, useMemo, useReducer, useRef, useState };
