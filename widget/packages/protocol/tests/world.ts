/**
 * A closed world for the client: a clock that stands still until it is told to go on, a wire that can be cut or fall
 * silent, and a hub that speaks the real frames and keeps the real promises (commit once per id, positions, resume, reset).
 */

import type { Environment, Kept, OutboxStorage, PageHooks, Socket } from "../src/faces.js";
import type { VisitorEventFrame, VisitorFrame, VisitorServerFrame } from "../src/generated.js";

export const CONVERSATION = "01JD6Q4Z8V3M6W0X5T9R2K7B1C";
const HEARTBEAT_MS = 12_000;

/** A clock with its timers. Nothing happens between two `pass`. */
export class Clock {
  now = 1_700_000_000_000;
  private timers: { at: number; order: number; run: () => void }[] = [];
  private order = 0;

  after(ms: number, run: () => void): () => void {
    const timer = { at: this.now + ms, order: this.order++, run };
    this.timers.push(timer);
    return () => {
      this.timers = this.timers.filter((other) => other !== timer);
    };
  }

  /** Lets `ms` go by and runs what falls due, in order. Promises get their turn after each. */
  async pass(ms: number) {
    const end = this.now + ms;
    await settle();
    for (;;) {
      const next = this.timers.filter((t) => t.at <= end).sort((a, b) => a.at - b.at || a.order - b.order)[0];
      if (!next) break;
      this.now = next.at;
      this.timers = this.timers.filter((t) => t !== next);
      next.run();
      await settle();
    }
    this.now = end;
  }
}

/** The microtasks that the last step started, and those that they start. */
async function settle() {
  for (let i = 0; i < 4; i++) await Promise.resolve();
}

/** A small, seeded source of chance. */
export function chance(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

export class MemoryStorage implements OutboxStorage<"visitor"> {
  readonly rows = new Map<string, string>();
  load() {
    return [...this.rows.values()].map((row) => JSON.parse(row) as Kept<"visitor">).sort((a, b) => a.at - b.at);
  }
  put(kept: Kept<"visitor">) {
    this.rows.set(kept.id, JSON.stringify(kept));
  }
  remove(id: string) {
    this.rows.delete(id);
  }
}

/** The hub's end of one socket. */
export class Wire implements Socket {
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onclose: (() => void) | null = null;
  /** Nothing gets through any more, and nobody is told. */
  dead = false;
  closedWith: number | null = null;
  ready = false;

  constructor(private readonly hub: Hub) {}

  send(text: string) {
    this.hub.later(() => this.hub.receive(this, JSON.parse(text) as VisitorFrame), this);
  }

  close(code: number) {
    this.closedWith = code;
    this.hub.gone(this);
  }

  /** To the client, a little later. A closed wire may still deliver; the client has to take no notice. */
  deliver(frame: VisitorServerFrame) {
    this.hub.later(() => this.onmessage?.({ data: JSON.stringify(frame) }), this);
  }
}

export class Hub {
  epoch = "epoch-1";
  log: VisitorEventFrame[] = [];
  /** Positions up to this are no longer in the feed. */
  pruned = 0;
  reachable = true;
  /** How many of the next sends are refused for the moment. */
  refusals = 0;
  /** Answers come twice and out of order. */
  muddled = false;
  silentAnswers = false;
  attempts = 0;
  hellos: VisitorFrame[] = [];
  pongs = 0;
  signals: VisitorFrame[] = [];
  closes: number[] = [];
  private readonly done = new Map<string, VisitorEventFrame>();
  private wires = new Set<Wire>();

  constructor(
    readonly clock: Clock,
    readonly random: () => number,
  ) {}

  environment(ids = "id"): Environment & PageHooks {
    let last = 0;
    const nobody = { wake: () => {}, leave: () => {}, cut: () => {} };
    const page = { ...nobody };
    return {
      now: () => this.clock.now,
      random: this.random,
      newId: () => `${ids}-${++last}`,
      after: (ms, run) => this.clock.after(ms, run),
      openSocket: () => this.accept(),
      watchPage: (hooks) => {
        Object.assign(page, hooks);
        return () => Object.assign(page, nobody);
      },
      wake: () => page.wake(),
      leave: () => page.leave(),
      cut: () => page.cut(),
    };
  }

  snapshot() {
    return { messages: [...this.log], at: { epoch: this.epoch, position: this.position } };
  }

  get position() {
    return this.log.at(-1)?.position ?? 0;
  }

  get open() {
    return this.wires.size;
  }

  texts() {
    return this.log.map((event) => (event.event === "message_created" ? event.message.text : event.event));
  }

  staffSays(text: string) {
    this.commit(text, { kind: "agent", name: "An" });
  }

  private commit(
    text: string,
    author: { kind: "you" } | { kind: "agent"; name: string },
    id?: string,
  ): VisitorEventFrame {
    // Holes: what others do has positions too.
    const position = this.position + 1 + Math.floor(this.random() * 3);
    const event: VisitorEventFrame = {
      position,
      at: this.clock.now,
      event: "message_created",
      message: {
        id: `m${position}`,
        conversation_id: CONVERSATION,
        number: this.log.length + 1,
        author,
        at: this.clock.now,
        text,
        ...(id ? { client_id: id } : {}),
      },
    };
    this.log.push(event);
    for (const wire of this.wires) if (wire.ready) wire.deliver({ t: "event", ...event });
    return event;
  }

  /** Frames keep their order on one wire: every delay is the same. */
  later(run: () => void, wire: Wire) {
    this.clock.after(20, () => {
      if (!wire.dead) run();
    });
  }

  private accept(): Wire {
    this.attempts += 1;
    const wire = new Wire(this);
    this.clock.after(10, () => {
      if (!this.reachable) return wire.onclose?.();
      if (wire.closedWith !== null) return;
      this.wires.add(wire);
      wire.onopen?.();
    });
    return wire;
  }

  gone(wire: Wire) {
    if (wire.closedWith !== null) this.closes.push(wire.closedWith);
    this.wires.delete(wire);
    wire.dead = true;
  }

  /** Both ends hear of it. */
  cut() {
    for (const wire of [...this.wires]) {
      this.wires.delete(wire);
      wire.dead = true;
      wire.onclose?.();
    }
  }

  /** Neither end hears of it. */
  halfOpen() {
    for (const wire of this.wires) wire.dead = true;
    this.wires.clear();
  }

  bye(why: "draining" | "signed_out", after_ms: number) {
    for (const wire of this.wires) wire.deliver({ t: "bye", why, after_ms });
  }

  restored() {
    this.epoch = `epoch-${Number(this.epoch.slice(6)) + 1}`;
    this.cut();
  }

  ping() {
    for (const wire of this.wires) if (wire.ready) wire.deliver({ t: "ping", position: this.position });
  }

  receive(wire: Wire, frame: VisitorFrame) {
    switch (frame.t) {
      case "hello":
        return this.hello(wire, frame);
      case "pong":
        this.pongs += 1;
        return;
      case "command":
        if (frame.do === "send") return this.send(wire, frame.id, frame.text);
        this.signals.push(frame);
        return wire.deliver({ t: "reply", id: frame.id, ok: "yes" });
    }
  }

  private hello(wire: Wire, frame: Extract<VisitorFrame, { t: "hello" }>) {
    this.hellos.push(frame);
    const { from } = frame;
    if (!from || from.epoch !== this.epoch) return wire.deliver({ t: "reset", why: "other_epoch" });
    if (from.position < this.pruned) return wire.deliver({ t: "reset", why: "too_old" });
    wire.ready = true;
    wire.deliver({
      t: "welcome",
      connection_id: "c",
      epoch: this.epoch,
      position: from.position,
      heartbeat_ms: HEARTBEAT_MS,
      now: this.clock.now,
    });
    for (const event of this.log) if (event.position > from.position) wire.deliver({ t: "event", ...event });
    this.beat(wire);
  }

  private beat(wire: Wire) {
    this.clock.after(HEARTBEAT_MS, () => {
      if (!this.wires.has(wire)) return;
      wire.deliver({ t: "ping", position: this.position });
      this.beat(wire);
    });
  }

  private send(wire: Wire, id: string, text: string) {
    if (this.refusals > 0) {
      this.refusals -= 1;
      return wire.deliver({
        t: "reply",
        id,
        ok: "no",
        error: { code: "rate_limited", message: "Slower.", retry_after_ms: 700 },
      });
    }
    if (text === "never") {
      return wire.deliver({ t: "reply", id, ok: "no", error: { code: "too_large", message: "Too long." } });
    }
    const event = this.done.get(id) ?? this.commit(text, { kind: "you" }, id);
    this.done.set(id, event);
    if (this.silentAnswers) return;
    const reply: VisitorServerFrame = {
      t: "reply",
      id,
      ok: "yes",
      position: event.position,
      conversation_id: CONVERSATION,
    };
    wire.deliver(reply);
    if (this.muddled) {
      wire.deliver({ t: "event", ...event });
      wire.deliver({ t: "reply", id: "nobody", ok: "yes" });
      wire.deliver(reply);
    }
  }
}
