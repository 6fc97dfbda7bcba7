/** The browser as the client's `Environment`. */

import type { Environment, Socket } from "./faces.js";

export const browser: Environment = {
  now: () => Date.now(),
  random: () => Math.random(),
  newId: () => {
    // Not `randomUUID`: that one is missing on pages without TLS.
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  },
  after(ms, run) {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
  openSocket: (url, subprotocol) => new WebSocket(url, subprotocol) as Socket,
  watchPage({ wake, leave }) {
    const seen = () => document.visibilityState === "visible" && wake();
    addEventListener("online", wake);
    addEventListener("pageshow", wake);
    addEventListener("pagehide", leave);
    document.addEventListener("visibilitychange", seen);
    return () => {
      removeEventListener("online", wake);
      removeEventListener("pageshow", wake);
      removeEventListener("pagehide", leave);
      document.removeEventListener("visibilitychange", seen);
    };
  },
};
