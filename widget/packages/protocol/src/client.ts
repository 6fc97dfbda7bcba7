/**
 * The one socket client: what a page hears, in order and once, and what it says.
 *
 * The feed's position is the only thing that decides whether an event is news; a position of another epoch says nothing
 * and leads to a `reset`. What the page makes of events is the page's.
 */

import { browser } from "./environment.js";
import type { Client, ConnectOptions, Done, Face, Faces, Heard } from "./faces.js";
import type { ApiError, ResumePoint, Welcome } from "./generated.js";
import type { AnyFrame } from "./link.js";
import { openLink } from "./link.js";
import { makeSender } from "./sender.js";

/** As the hub's `SUBPROTOCOL`. */
const SUBPROTOCOL = "switchboard.v1";

/** One visitor has one thread of words; an agent's conversations do not wait for each other. */
function laneOf(face: Face, command: Faces[Face]["command"]): string {
  return face === "agent" && "conversation_id" in command ? (command.conversation_id ?? "") : "";
}

function openingFrames<F extends Face>({ face, hello }: ConnectOptions<F>, from: ResumePoint): AnyFrame[] {
  const said = hello?.();
  if (face === "visitor") return [{ t: "hello", ...said, from }];
  const resume: AnyFrame = { t: "resume", from };
  return said ? [{ t: "hello", token: said.token }, resume] : [resume];
}

export function connect<F extends Face>(options: ConnectOptions<F>): Client<F> {
  const environment = options.environment ?? browser;
  let point: ResumePoint | null = options.from ?? null;
  // `on` is what ties a kind to its listeners' type.
  const listeners = new Map<string, ((heard: never) => void)[]>();

  function tellAll<K extends keyof Heard<F>>(kind: K, heard: Heard<F>[K]) {
    for (const listener of listeners.get(kind) ?? []) listener(heard as never);
  }

  const link = openLink({
    environment,
    url: options.url,
    subprotocol: SUBPROTOCOL,
    opening: () => point && openingFrames(options, point),
    onFrame,
    onState(state) {
      if (state.status !== "live") sender.down();
      tellAll("state", state);
      if (state.status === "live") sender.up();
    },
  });

  const sender = makeSender<F>({
    environment,
    storage: options.outbox,
    lane: (command) => laneOf(options.face, command),
    send: link.send,
    onSilent: link.lose,
    onSettled: (settled) => tellAll("settled", settled),
  });

  // The frames' shapes are the generated types; both sides are made from one text.
  function onFrame(frame: AnyFrame): boolean | void {
    switch (frame.t) {
      case "welcome":
        return welcomed(frame as unknown as Welcome);
      case "reset":
        return reset(frame.why as Heard<F>["reset"]);
      case "reply":
        return replied(frame);
      case "event":
        return happened(frame as unknown as Heard<F>["event"]);
      case "signal":
        return tellAll("signal", frame as unknown as Heard<F>["signal"]);
      case "ping":
        return advance(frame.position as number);
      case "bye":
        return tellAll("bye", frame as unknown as Heard<F>["bye"]);
    }
  }

  function welcomed({ epoch }: Welcome): boolean {
    if (epoch === point?.epoch) return true;
    reset("other_epoch");
    return false;
  }

  function reset(why: Heard<F>["reset"]) {
    point = null;
    link.rest();
    tellAll("reset", why);
  }

  function replied(frame: AnyFrame) {
    const { t: _, id, ok, error, ...done } = frame;
    sender.answer(id as string, (ok === "yes" ? done : error) as Done | ApiError, ok === "yes");
  }

  function happened(event: Heard<F>["event"]) {
    if (!point || event.position <= point.position) return;
    advance(event.position);
    tellAll("event", event);
  }

  function advance(position: number) {
    if (point && position > point.position) point = { epoch: point.epoch, position };
  }

  // After this function has returned, so that its caller can put its listeners on first.
  const cancelStart = point ? environment.after(0, link.open) : () => {};

  return {
    get state() {
      return link.state;
    },
    get point() {
      return point;
    },
    get outbox() {
      return sender.kept;
    },
    command: sender.command,
    tell: sender.tell,
    forget: sender.forget,
    on(kind, listener) {
      listeners.set(kind, [...(listeners.get(kind) ?? []), listener]);
      return () => {
        listeners.set(
          kind,
          (listeners.get(kind) ?? []).filter((each) => each !== listener),
        );
      };
    },
    resumeFrom(next) {
      cancelStart();
      point = next;
      // A wait that the hub or the jitter has set goes on.
      if (link.state.status !== "offline") link.open();
    },
    retry() {
      if (link.state.status === "offline" || link.state.status === "connecting") link.open();
    },
    close() {
      cancelStart();
      link.end();
    },
  };
}
