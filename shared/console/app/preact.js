// The screens take everything of Preact's from here, with htm bound to it.
import { createContext, h, render, Fragment } from "preact";
import { useCallback, useContext, useEffect, useId, useLayoutEffect, useMemo, useReducer, useRef, useState } from "preact/hooks";
import htm from "htm";

export const html = htm.bind(h);
export { createContext, h, render, Fragment, useCallback, useContext, useEffect, useId, useLayoutEffect, useMemo, useReducer, useRef, useState };
