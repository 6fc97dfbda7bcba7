/**
 * Commands and their answers: those that ask once and those that are kept until the hub has answered.
 *
 * A kept command goes out under the same id at every try, so that the hub does it once however often the connection
 * breaks between doing and answering. Kept commands of one lane go one after another: the next leaves when the one
 * before it is answered, so that a refusal in the middle cannot change their order.
 */

import { Refusal, unreachable } from "./api.js";
import type { CommandOptions, Done, Environment, Face, Faces, Kept, OutboxStorage, Settled } from "./faces.js";
import { type ApiError, COMMAND_MS } from "./generated.js";
import type { AnyFrame } from "./link.js";

/** No answer for this long on a live connection: the connection is not one. The hub answers sooner, also if it cannot. */
const ANSWER_MS = COMMAND_MS + 5_000;
/** Wait before a refusal that passes is tried again, unless the hub says when. */
const HELD_MS = 2_000;
/** Most kept commands. Beyond it a person sees a refusal instead of a promise that nobody can keep. */
export const KEPT_MAX = 200;

/** Nothing was kept by the hub, and the same command may well succeed later. */
const PASSING: readonly string[] = ["rate_limited", "overloaded", "unavailable"];

interface Asked {
  resolve: (done: Done) => void;
  reject: (refusal: Refusal) => void;
}

interface Entry<F extends Face> {
  kept: Kept<F>;
  /** None for what an earlier page left behind. */
  asked: Asked | undefined;
  lane: string;
}

export interface SenderHooks<F extends Face> {
  environment: Environment;
  storage: OutboxStorage<F> | undefined;
  lane: (command: Faces[F]["command"]) => string;
  /** False: there is no live connection. */
  send: (frame: AnyFrame) => boolean;
  onSilent: () => void;
  onSettled: (settled: Settled<F>) => void;
}

export interface Sender<F extends Face> {
  readonly kept: readonly Kept<F>[];
  command(command: Faces[F]["command"], options?: CommandOptions): Promise<Done>;
  tell(command: Faces[F]["command"]): boolean;
  forget(id: string): void;
  answer(id: string, outcome: Done | ApiError, ok: boolean): void;
  /** The connection is live: send what waits. */
  up(): void;
  /** The connection is gone: nothing that was asked on it will be answered. */
  down(): void;
}

export function makeSender<F extends Face>(hooks: SenderHooks<F>): Sender<F> {
  const { environment, storage } = hooks;
  type Command = Faces[F]["command"];
  /** Asked once, by id. */
  const asked = new Map<string, Asked>();
  /** Kept, oldest first. */
  let entries: Entry<F>[] = [];
  /** Ids on their way, with what calls their timeout off. */
  const away = new Map<string, () => void>();
  /** Lanes that a passing refusal holds up, with what calls the hold off. */
  const held = new Map<string, () => void>();
  let lastAt = 0;

  const frameOf = (id: string, command: Command): AnyFrame => ({ t: "command", id, ...command });
  const entryOf = (kept: Kept<F>, waits?: Asked): Entry<F> => ({ kept, asked: waits, lane: hooks.lane(kept.command) });

  function pump() {
    const busy = new Set(held.keys());
    for (const { kept, lane } of entries) {
      if (busy.has(lane)) continue;
      busy.add(lane);
      if (!away.has(kept.id) && hooks.send(frameOf(kept.id, kept.command))) expectAnswer(kept.id);
    }
  }

  function expectAnswer(id: string) {
    away.set(id, environment.after(ANSWER_MS, hooks.onSilent));
  }

  function ask(id: string, command: Command): Promise<Done> {
    return new Promise((resolve, reject) => {
      if (!hooks.send(frameOf(id, command))) return reject(unreachable());
      asked.set(id, { resolve, reject });
      expectAnswer(id);
    });
  }

  function keep(id: string, command: Command): Promise<Done> {
    return new Promise((resolve, reject) => {
      if (entries.length >= KEPT_MAX) {
        return reject(
          new Refusal({ code: "overloaded", message: "Too much waits to be sent. Try again when you are online." }),
        );
      }
      // Strictly rising, so that the order survives in the storage.
      lastAt = Math.max(environment.now(), lastAt + 1);
      const kept: Kept<F> = { id, at: lastAt, command };
      entries.push(entryOf(kept, { resolve, reject }));
      storage?.put(kept);
      pump();
    });
  }

  function hold(entry: Entry<F>, ms: number) {
    held.set(
      entry.lane,
      environment.after(ms, () => {
        held.delete(entry.lane);
        pump();
      }),
    );
  }

  function settle(entry: Entry<F>, outcome: Done | ApiError, ok: boolean) {
    drop(entry);
    const { id, command } = entry.kept;
    if (ok) {
      const done = outcome as Done;
      entry.asked?.resolve(done);
      hooks.onSettled({ id, command, done });
    } else {
      const error = outcome as ApiError;
      entry.asked?.reject(new Refusal(error));
      hooks.onSettled({ id, command, error });
    }
    pump();
  }

  function drop(entry: Entry<F>) {
    entries = entries.filter((other) => other !== entry);
    storage?.remove(entry.kept.id);
  }

  for (const kept of storage?.load() ?? []) {
    entries.push(entryOf(kept));
    lastAt = Math.max(lastAt, kept.at);
  }

  return {
    get kept() {
      return entries.map((entry) => entry.kept);
    },
    command(command, { id = environment.newId(), keep: keeps = false } = {}) {
      return keeps ? keep(id, command) : ask(id, command);
    },
    tell: (command) => hooks.send(frameOf(environment.newId(), command)),
    forget(id) {
      const entry = entries.find((each) => each.kept.id === id);
      if (!entry) return;
      away.get(id)?.();
      away.delete(id);
      drop(entry);
      entry.asked?.reject(unreachable());
      pump();
    },
    answer(id, outcome, ok) {
      // An answer to nothing that is away (a second one, or to `tell`) says nothing.
      const cancel = away.get(id);
      if (!cancel) return;
      cancel();
      away.delete(id);
      const once = asked.get(id);
      asked.delete(id);
      if (once) return ok ? once.resolve(outcome as Done) : once.reject(new Refusal(outcome as ApiError));
      const entry = entries.find((each) => each.kept.id === id);
      if (!entry) return;
      const error = outcome as ApiError;
      if (!ok && PASSING.includes(error.code)) hold(entry, error.retry_after_ms ?? HELD_MS);
      else settle(entry, outcome, ok);
    },
    up: pump,
    down() {
      for (const cancel of [...away.values(), ...held.values()]) cancel();
      away.clear();
      held.clear();
      const lost = [...asked.values()];
      asked.clear();
      for (const { reject } of lost) reject(unreachable());
    },
  };
}
