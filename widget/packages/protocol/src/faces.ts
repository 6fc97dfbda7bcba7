/** The two sorts of client and what each of them says and hears, taken from the generated frames. Types only. */

import type {
  AgentEventFrame,
  AgentFrame,
  AgentServerFrame,
  AgentSignal,
  ApiError,
  Bye,
  PageNow,
  ResetReason,
  ResumePoint,
  VisitorEventFrame,
  VisitorFrame,
  VisitorSignal,
} from "./generated.js";

type CommandIn<Frame> = Frame extends { t: "command" } ? Omit<Frame, "t" | "id"> : never;

export type AgentCommand = CommandIn<AgentFrame>;
export type VisitorCommand = CommandIn<VisitorFrame>;

/** What a command made: the generated reply without its frame. */
export type Done = Omit<Extract<AgentServerFrame, { t: "reply"; ok: "yes" }>, "t" | "id" | "ok">;

export interface Faces {
  agent: { command: AgentCommand; event: AgentEventFrame; signal: AgentSignal };
  visitor: { command: VisitorCommand; event: VisitorEventFrame; signal: VisitorSignal };
}

export type Face = keyof Faces;

/** What the first frame carries beside the position. An agent's browser has its cookie and needs nothing. */
export interface Hello {
  token: string;
  /** Visitors only: the page that is open now. */
  page?: PageNow;
}

/**
 * - `connecting`: not usable yet, an attempt runs or the snapshot is awaited.
 * - `live`: events flow, commands are answered.
 * - `offline`: the next attempt is at `retryAt` (Unix ms).
 * - `ended`: will not try again by itself: closed by us, or signed out.
 */
export type ClientState =
  | { status: "connecting"; retryAt: null }
  | { status: "live"; retryAt: null }
  | { status: "offline"; retryAt: number }
  | { status: "ended"; retryAt: null };

/** What came of a kept command, in this page or in one before it. */
export type Settled<F extends Face> = { id: string; command: Faces[F]["command"] } & (
  | { done: Done; error?: undefined }
  | { done?: undefined; error: ApiError }
);

export interface Heard<F extends Face> {
  event: Faces[F]["event"];
  signal: Faces[F]["signal"];
  /** Take a new snapshot over REST, then call `resumeFrom` with its point. */
  reset: ResetReason;
  state: ClientState;
  bye: Bye;
  settled: Settled<F>;
}

export interface CommandOptions {
  /** The command's id; made if absent. Give the same one to repeat a command harmlessly. */
  id?: string;
  /**
   * Into the outbox: kept while there is no connection and over a reload of the page, sent in order, under the same id
   * at every try, until the hub has answered. The promise settles only then.
   */
  keep?: boolean;
}

/** A command that waits in the outbox. */
export interface Kept<F extends Face> {
  id: string;
  /** When it was given to the outbox, Unix ms. */
  at: number;
  command: Faces[F]["command"];
}

export interface Client<F extends Face> {
  readonly state: ClientState;
  /** How far this client has heard; null until it has a snapshot's point. */
  readonly point: ResumePoint | null;
  /** What waits for an answer, oldest first. */
  readonly outbox: readonly Kept<F>[];
  /** Rejects with a `Refusal`. */
  command(command: Faces[F]["command"], options?: CommandOptions): Promise<Done>;
  /** Says it if there is a connection, and asks for no answer: typing, viewing. False: it was not sent. */
  tell(command: Faces[F]["command"]): boolean;
  /** Takes a kept command back that has not been answered yet; it may still have reached the hub. */
  forget(id: string): void;
  /** The listener hears in the order of `on`; the returned function takes it off. */
  on<K extends keyof Heard<F>>(kind: K, listener: (heard: Heard<F>[K]) => void): () => void;
  /** The snapshot's point: events after it will come. Also the way back from `ended`. */
  resumeFrom(point: ResumePoint): void;
  /** Try now instead of at `retryAt`. */
  retry(): void;
  /** Closes with code 1000, which tells the hub that this tab is gone. */
  close(): void;
}

/** Where things of one kind outlive the page. Every call may come from several tabs. */
export interface Shelf<T> {
  /** Oldest first. */
  load(): T[];
  put(thing: T): void;
  remove(id: string): void;
}

/** Where kept commands outlive the page. */
export type OutboxStorage<F extends Face> = Shelf<Kept<F>>;

export interface PageHooks {
  wake: () => void;
  leave: () => void;
  cut: () => void;
}

/** The few things of the world that the client touches, so that tests can bring their own. */
export interface Environment {
  /** Unix ms. */
  now(): number;
  /** In [0, 1). */
  random(): number;
  /** A fresh id for a command, at most 64 characters, never given twice. */
  newId(): string;
  /** Runs `run` after `ms`; the returned function calls it off. */
  after(ms: number, run: () => void): () => void;
  openSocket(url: string, subprotocol: string): Socket;
  /**
   * Calls back when the page hides for good (`leave`), when a new attempt is worth it (`wake`), and when the browser says
   * that there is no network (`cut`).
   */
  watchPage(hooks: PageHooks): () => void;
}

/** The part of `WebSocket` that the client uses. */
export interface Socket {
  onopen: ((event: never) => void) | null;
  onmessage: ((event: { data: unknown }) => void) | null;
  onclose: ((event: never) => void) | null;
  send(text: string): void;
  close(code: number): void;
}

export interface ConnectOptions<F extends Face> {
  face: F;
  /** `wss://…/ws/agent` or `…/ws/visitor`. */
  url: string;
  /** Asked anew at every attempt. Visitors must give it; an agent's browser has its cookie. */
  hello?: () => Hello;
  /** The snapshot's point. Absent: nothing is opened before `resumeFrom`. */
  from?: ResumePoint;
  outbox?: OutboxStorage<F>;
  environment?: Environment;
}
