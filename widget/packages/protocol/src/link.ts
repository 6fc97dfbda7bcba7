/**
 * Keeps one socket open: attempts, heartbeats, and when to try again. Knows of frames only what keeping alive needs
 * (`welcome`, `ping`, `bye`); events, commands and positions belong to the client above it.
 */

import type { ClientState, Environment, Socket } from "./faces.js";
import type { Bye, Welcome } from "./generated.js";
import { HEARTBEAT_MS } from "./generated.js";

/** The first wait after a loss is at least this long, and every wait. */
const RETRY_MIN_MS = 300;
/** Ceiling of the first wait; doubles with each attempt that fails. */
const RETRY_FIRST_MS = 1_000;
const RETRY_MAX_MS = 20_000;
/** From opening the socket to `welcome`. */
const HANDSHAKE_MS = 10_000;
/** An attempt that has had no answer for this long may hang on a network that is gone: a new network deserves a new one. */
const HANGS_MS = 1_000;
/** A connection that lived this long was a good one: the next wait starts small again. */
const STEADY_MS = 10_000;
/** "I will be back": unlike 1000, the hub keeps this person present for a while. */
const CLOSE_RECONNECT = 4000;
const CLOSE_GONE = 1000;

export type AnyFrame = { t: string } & Record<string, unknown>;

export interface LinkHooks {
  environment: Environment;
  url: string;
  subprotocol: string;
  /** The first frames of a new socket; null: nothing can be opened yet. */
  opening: () => AnyFrame[] | null;
  /** Every frame but `pong`; also those that the link itself acts on. False to a `welcome`: do not go live. */
  onFrame: (frame: AnyFrame) => boolean | void;
  onState: (state: ClientState) => void;
}

export interface Link {
  readonly state: ClientState;
  send(frame: AnyFrame): boolean;
  /** Opens now, whatever was planned. */
  open(): void;
  /** The socket is no longer trusted: closes it and tries again after the usual wait. */
  lose(): void;
  /** Closes and waits for `open`. */
  rest(): void;
  /** Closes for good: the tab is gone or the person signed out. */
  end(): void;
}

const CONNECTING: ClientState = { status: "connecting", retryAt: null };

export function retryDelay(attempt: number, random: number): number {
  const ceiling = Math.min(RETRY_MAX_MS, RETRY_FIRST_MS * 2 ** attempt);
  return Math.round(RETRY_MIN_MS + random * (ceiling - RETRY_MIN_MS));
}

export function openLink({ environment, url, subprotocol, opening, onFrame, onState }: LinkHooks): Link {
  let state = CONNECTING;
  let socket: Socket | null = null;
  let failures = 0;
  let openedAt = 0;
  let liveSince = 0;
  let heardAt = 0;
  let silenceMs = 2 * HEARTBEAT_MS;
  /** A hub that said `bye` named the time; an eager page does not come earlier. */
  let notBefore = 0;
  let left = false;
  let cancelTimer = () => {};

  function become(next: ClientState) {
    if (next.status === state.status && next.retryAt === state.retryAt) return;
    state = next;
    onState(next);
  }

  function timer(ms: number, run: () => void) {
    cancelTimer();
    cancelTimer = environment.after(ms, run);
  }

  function detach(code: number) {
    cancelTimer();
    if (!socket) return;
    const old = socket;
    socket = null;
    old.onopen = old.onmessage = old.onclose = null;
    old.close(code);
  }

  function open() {
    const frames = opening();
    detach(CLOSE_RECONNECT);
    left = false;
    if (!frames) return become(CONNECTING);
    become(CONNECTING);
    const opened = environment.openSocket(url, subprotocol);
    socket = opened;
    openedAt = environment.now();
    opened.onopen = () => {
      for (const frame of frames) opened.send(JSON.stringify(frame));
    };
    opened.onmessage = ({ data }) => hear(String(data));
    opened.onclose = lose;
    timer(HANDSHAKE_MS, lose);
  }

  function hear(text: string) {
    heardAt = environment.now();
    const frame = JSON.parse(text) as AnyFrame;
    if (frame.t === "ping") send({ t: "pong" });
    const accepted = onFrame(frame);
    if (frame.t === "welcome" && accepted !== false) goLive(frame as unknown as Welcome);
    if (frame.t === "bye") leaveAsTold(frame as unknown as Bye);
  }

  function goLive(welcome: Welcome) {
    liveSince = heardAt;
    silenceMs = 2 * welcome.heartbeat_ms;
    become({ status: "live", retryAt: null });
    // A listener of the state may have closed the link already.
    if (state.status === "live") watchSilence();
  }

  function watchSilence() {
    const silent = environment.now() - heardAt;
    if (silent >= silenceMs) return lose();
    timer(silenceMs - silent, watchSilence);
  }

  function leaveAsTold({ why, after_ms }: Bye) {
    if (why === "signed_out") return end();
    notBefore = environment.now() + after_ms;
    lose();
  }

  function lose() {
    const steady = state.status === "live" && environment.now() - liveSince >= STEADY_MS;
    failures = steady ? 0 : failures;
    detach(CLOSE_RECONNECT);
    const now = environment.now();
    const wait = notBefore > now ? notBefore - now : retryDelay(failures, environment.random());
    failures += 1;
    timer(wait, open);
    become({ status: "offline", retryAt: now + wait });
  }

  function send(frame: AnyFrame): boolean {
    if (!socket || (state.status !== "live" && frame.t !== "pong")) return false;
    socket.send(JSON.stringify(frame));
    return true;
  }

  function rest() {
    detach(CLOSE_RECONNECT);
    become(CONNECTING);
  }

  function end() {
    detach(CLOSE_GONE);
    stopWatching();
    become({ status: "ended", retryAt: null });
  }

  /** The network or the person is back: worth an attempt now, and a look at whether the socket still lives. */
  function wake() {
    const hangs = state.status === "connecting" && socket && environment.now() - openedAt >= HANGS_MS;
    if (left || hangs) open();
    else if (state.status === "offline" && environment.now() >= notBefore) open();
    else if (state.status === "live") watchSilence();
  }

  /** The page goes. It may come back from the browser's cache; then `wake` opens anew. */
  function leave() {
    if (!socket && state.status !== "offline") return;
    detach(CLOSE_GONE);
    left = true;
    become(CONNECTING);
  }

  /** There is no network: said at once, not when the silence has lasted long enough. */
  function cut() {
    if (state.status === "live") lose();
  }

  const page = { wake, leave, cut };
  let stopWatching = environment.watchPage(page);

  return {
    get state() {
      return state;
    },
    send,
    open() {
      if (state.status === "ended") stopWatching = environment.watchPage(page);
      open();
    },
    lose,
    rest,
    end,
  };
}
