/** What a reply says that its writer has seen: a colleague's answer that came while they wrote is asked about. */
import type { AgentCommand, Client } from "@switchboard/protocol";
import { beforeEach, expect, it } from "vitest";
import { type Compose, makeCompose } from "../src/desk/compose";
import { makeCore } from "../src/desk/core";
import { stateFrom, takeDetail } from "../src/state/snapshots";
import { EPOCH, me, message, row } from "./events";

const ID = "C1";
let said: AgentCommand[];
let kept: Map<string, string>;
let compose: Compose;

/** A desk with one conversation, of whose five messages the first three had been read. */
function desk(): Compose {
  let last = 0;
  const state = stateFrom(me());
  takeDetail(state, {
    row: row(ID, { last_number: 5, read_number: 3 }),
    messages: [1, 2, 3, 4, 5].map((number) => message(ID, number)),
    contact: { id: `contact-${ID}` },
    at: { epoch: EPOCH, position: 0 },
  } as never);
  const socket = {
    state: { status: "live", retryAt: null },
    command: async (command: AgentCommand) => void said.push(command),
    tell: () => true,
  };
  const core = makeCore(
    {
      api: (() => undefined) as never,
      socket: socket as unknown as Client<"agent">,
      clock: () => 0,
      newId: () => `id-${++last}`,
      beforeDrawing: (work) => work(),
      later: () => () => {},
      storage: {
        getItem: (name) => kept.get(name) ?? null,
        setItem: (name, value) => void kept.set(name, value),
        removeItem: (name) => void kept.delete(name),
      },
    },
    state,
  );
  return makeCompose(core);
}

function write(text: string) {
  compose.setDraft(ID, { text, note: false });
}

function seenBySent(): number | undefined {
  compose.send(ID, false, "Hello", []);
  const command = said.at(-1);
  return command?.do === "reply" ? command.seen : undefined;
}

beforeEach(() => {
  said = [];
  kept = new Map();
  compose = desk();
});

it("is what stood on the screen when the draft was begun", () => {
  compose.saw(ID, 4);
  write("H");
  compose.saw(ID, 5);
  write("Hello");
  expect(seenBySent()).toBe(4);
});

it("is what had been read, when nothing of it was on the screen yet", () => {
  write("Hello");
  expect(seenBySent()).toBe(3);
});

it("is of the draft that is sent: an emptied field begins anew, and the one after a sent one too", () => {
  compose.saw(ID, 4);
  write("No");
  compose.saw(ID, 5);
  write("");
  write("Hello");
  expect(seenBySent()).toBe(5);
  compose.saw(ID, 6);
  write("More");
  expect(seenBySent()).toBe(6);
});

it("survives a reload with its draft", () => {
  compose.saw(ID, 4);
  write("Hello");
  compose = desk();
  compose.saw(ID, 5);
  expect(compose.draft(ID).text).toBe("Hello");
  expect(seenBySent()).toBe(4);
});

it("is everything, once the question was answered by writing on", () => {
  compose.saw(ID, 4);
  write("Hello");
  compose.send(ID, false, "Hello", []);
  compose.edit(ID, "id-1");
  expect(compose.draft(ID).text).toBe("Hello");
  expect(seenBySent()).toBe(5);
});
