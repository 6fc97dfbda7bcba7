/** The browser as the client's `Environment`. */

import type { Environment, Socket } from "./faces.js";

export const browser: Environment = {
  now: () => Date.now(),
  random: () => Math.random(),
  newId: () => {
    // Not `randomUUID`: that one is missing on pages without TLS.
    const bytes = crypto.getRandomValues(new Uint8Array(12));
    // The time first: ids of the same moment lie together in the hub's index of what was sent.
    return Date.now().toString(16) + Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  },
  after(ms, run) {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
  openSocket: (url, subprotocol) => new WebSocket(url, subprotocol) as Socket,
  watchPage({ wake, leave, cut }) {
    const seen = () => document.visibilityState === "visible" && wake();
    const listeners = { online: wake, pageshow: wake, pagehide: leave, offline: cut };
    for (const [name, listener] of Object.entries(listeners)) addEventListener(name, listener);
    document.addEventListener("visibilitychange", seen);
    return () => {
      for (const [name, listener] of Object.entries(listeners)) removeEventListener(name, listener);
      document.removeEventListener("visibilitychange", seen);
    };
  },
};
