/**
 * Whatever the network and the hub do, when it is over the page has what the hub has, and every
 * word that the visitor said is there once, in the order in which it was said.
 */

import fc from "fast-check";
import { expect, test } from "vitest";
import type { Client, VisitorEventFrame } from "../src/index.js";
import { connect } from "../src/index.js";
import { Clock, chance, Hub, MemoryStorage } from "./world.js";

type Step =
  | { do: "wait"; ms: number }
  | {
      do:
        | "say"
        | "staff"
        | "cut"
        | "halfOpen"
        | "bye"
        | "prune"
        | "restored"
        | "muddle"
        | "refuse"
        | "reload"
        | "unreachable"
        | "mute";
    };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant("wait" as const),
      ms: fc.oneof(fc.integer({ min: 0, max: 60 }), fc.integer({ min: 0, max: 40_000 })),
    }),
  },
  { weight: 6, arbitrary: fc.constantFrom<Step>({ do: "say" }, { do: "staff" }) },
  { weight: 4, arbitrary: fc.constantFrom<Step>({ do: "cut" }, { do: "halfOpen" }, { do: "unreachable" }) },
  { weight: 2, arbitrary: fc.constantFrom<Step>({ do: "muddle" }, { do: "refuse" }, { do: "mute" }, { do: "reload" }) },
  { weight: 1, arbitrary: fc.constantFrom<Step>({ do: "bye" }, { do: "prune" }, { do: "restored" }) },
);

/** A page as the panel is one: a snapshot, then events; a new snapshot after a reset. */
function openPage(hub: Hub, storage: MemoryStorage, name: string) {
  let events: VisitorEventFrame[] = [];
  const client: Client<"visitor"> = connect({
    face: "visitor",
    url: "wss://x",
    environment: hub.environment(name),
    outbox: storage,
    hello: () => ({ token: "t" }),
  });
  const takeSnapshot = () => {
    // The answer of the REST call: true at one moment, here a little later.
    const { messages, at } = hub.snapshot();
    hub.clock.after(80, () => {
      if (!hub.reachable) return void hub.clock.after(1_000, takeSnapshot);
      events = messages;
      client.resumeFrom(at);
    });
  };
  client.on("event", (event) => {
    expect(event.position).toBeGreaterThan(events.at(-1)?.position ?? 0);
    events = [...events, event];
  });
  client.on("reset", takeSnapshot);
  takeSnapshot();
  return { client, positions: () => events.map((event) => event.position) };
}

test("nothing is lost, nothing comes twice, and page and hub agree in the end", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60 }), fc.integer(), async (steps, seed) => {
      const clock = new Clock();
      const hub = new Hub(clock, chance(seed));
      const storage = new MemoryStorage();
      let pages = 0;
      let page = openPage(hub, storage, `p${pages}`);
      const said: string[] = [];
      for (const each of steps) {
        switch (each.do) {
          case "wait":
            await clock.pass(each.ms);
            break;
          case "say":
            said.push(`v${said.length}`);
            void page.client.command({ do: "send", text: said.at(-1) ?? "" }, { keep: true });
            break;
          case "staff":
            hub.staffSays("s");
            break;
          case "cut":
            hub.cut();
            break;
          case "halfOpen":
            hub.halfOpen();
            break;
          case "unreachable":
            hub.reachable = !hub.reachable;
            break;
          case "muddle":
            hub.muddled = !hub.muddled;
            break;
          case "mute":
            hub.silentAnswers = !hub.silentAnswers;
            break;
          case "refuse":
            hub.refusals += 2;
            break;
          case "bye":
            hub.bye("draining", 3_000);
            break;
          case "prune":
            hub.pruned = hub.position;
            break;
          case "restored":
            hub.restored();
            break;
          case "reload":
            page.client.close();
            page = openPage(hub, storage, `p${++pages}`);
        }
      }
      Object.assign(hub, { reachable: true, silentAnswers: false, refusals: 0 });
      await clock.pass(300_000);

      expect(hub.texts().filter((text) => text !== "s")).toEqual(said);
      expect(page.positions()).toEqual(hub.log.map((event) => event.position));
      expect(page.client.outbox).toEqual([]);
      expect(storage.rows.size).toBe(0);
    }),
    { numRuns: 400 },
  );
}, 60_000);
