/** Writing: a colleague's answer that came meanwhile is asked about, and no text is lost. */
import type { AgentCommand, ApiError, Attachment, Client, Done, Kept, Settled } from "@switchboard/protocol";
import { beforeEach, describe, expect, it } from "vitest";
import { type Compose, heldBackOf, makeCompose } from "../src/desk/compose";
import { type Core, makeCore } from "../src/desk/core";
import { FORGOTTEN_MS } from "../src/desk/shelf";
import { stateFrom, takeDetail } from "../src/state/snapshots";
import { EPOCH, ME, me, memory, message, row, Tabs } from "./events";

const ID = "C1";
let said: AgentCommand[];
let kept: Map<string, string>;
let compose: Compose;
let core: Core;
let outbox: Kept<"agent">[];
/** What it says of what it has done. */
let answer: Done;
/** What the hub says to every command; none: yes. */
let refusal: ApiError | null;
let tellSettled: (settled: Settled<"agent">) => void;
let now: number;
/** More tabs than one. */
let tabs: Tabs | null;
let last: number;

/** A desk with one conversation, of whose five messages the first three had been read. */
function desk(): Compose {
  const state = stateFrom(me());
  takeDetail(state, {
    row: row(ID, { last_number: 5, read_number: 3 }),
    messages: [1, 2, 3, 4, 5].map((number) => message(ID, number)),
    contact: { id: `contact-${ID}` },
    at: { epoch: EPOCH, position: 0 },
  } as never);
  const socket = {
    state: { status: "live", retryAt: null },
    command: async (command: AgentCommand) => {
      said.push(command);
      if (refusal) throw refusal;
      return answer;
    },
    tell: () => true,
    outbox,
    on: (_: "settled", listener: typeof tellSettled) => {
      tellSettled = listener;
      return () => {};
    },
  };
  core = makeCore(
    {
      api: (() => undefined) as never,
      socket: socket as unknown as Client<"agent">,
      clock: () => now,
      newId: () => `id-${++last}`,
      random: () => 0,
      beforeDrawing: (work) => work(),
      later: () => () => {},
      ...(tabs?.open() ?? { storage: memory(kept), otherTabs: () => () => undefined }),
    },
    state,
  );
  const made = makeCompose(core, (_, attachments) => givenBack.push(...attachments));
  made.start();
  return made;
}

let givenBack: Attachment[] = [];

function unsent() {
  return (core.state.pending.get(ID) ?? []).map(({ text, state }) => [text, state.kind]);
}

function write(text: string) {
  compose.setDraft(ID, { text, note: false });
}

function seenBySent(): number | undefined {
  compose.send(ID, { text: "Hello", note: false }, []);
  const command = said.at(-1);
  return command?.do === "reply" ? command.seen : undefined;
}

beforeEach(() => {
  answer = {};
  tabs = null;
  said = [];
  kept = new Map();
  outbox = [];
  refusal = null;
  now = 0;
  last = 0;
  compose = desk();
});

describe("what a reply says that its writer has seen", () => {
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
    compose.send(ID, { text: "Hello", note: false }, []);
    compose.edit(ID, "id-1");
    expect(compose.draft(ID).text).toBe("Hello");
    expect(seenBySent()).toBe(5);
  });
});

describe("what is written anew", () => {
  it("has its files again", async () => {
    const file = { id: "f1", name: "form.pdf", media_type: "application/pdf", bytes: 9, picture: false };
    givenBack = [];
    refusal = { code: "reply_unseen", message: "", unseen: [] };
    compose.send(ID, { text: "The form", note: false }, [file]);
    await Promise.resolve();
    compose.edit(ID, core.state.pending.get(ID)?.[0]?.clientId ?? "");
    expect(compose.draft(ID).text).toBe("The form");
    expect(givenBack).toEqual([file]);
  });
});

describe("what is not sent outlives the page", () => {
  it("when it was refused, with its text and the reason", async () => {
    refusal = { code: "invalid", message: "A message may have at most 10000 characters." };
    compose.send(ID, { text: "Far too long", note: false }, []);
    await Promise.resolve();
    compose = desk();
    expect(unsent()).toEqual([["Far too long", "failed"]]);
    compose.discard(ID, core.state.pending.get(ID)?.[0]?.clientId ?? "");
    compose = desk();
    expect(unsent()).toEqual([]);
  });

  it("when it was held back because a colleague answered, and it can be decided about then", async () => {
    refusal = { code: "reply_unseen", message: "", unseen: [5] };
    compose.send(ID, { text: "Mine", note: false }, []);
    await Promise.resolve();
    compose = desk();
    const held = heldBackOf(core.state.pending.get(ID) ?? []);
    expect([held?.mine.text, held?.unseen]).toEqual(["Mine", [5]]);
    refusal = null;
    compose.again(ID, held?.mine.clientId ?? "", true);
    await Promise.resolve();
    expect(said.at(-1)).toMatchObject({ do: "reply", text: "Mine", over: true });
    compose = desk();
    expect(heldBackOf(core.state.pending.get(ID) ?? [])).toBeNull();
  });

  it("when it waits for a connection, and its refusal comes only after the reload", () => {
    const command = {
      do: "reply",
      conversation_id: ID,
      text: "On the train",
      attachments: [],
      seen: 3,
    } satisfies AgentCommand;
    outbox = [{ id: "kept-1", at: 1, command }];
    compose = desk();
    expect(unsent()).toEqual([["On the train", "kept"]]);
    tellSettled({ id: "kept-1", command, error: { code: "reply_unseen", message: "", unseen: [4] } });
    expect(heldBackOf(core.state.pending.get(ID) ?? [])?.unseen).toEqual([4]);
    outbox = [];
    compose = desk();
    expect(unsent()).toEqual([["On the train", "failed"]]);
  });

  it("and it is known where, until it was decided about", async () => {
    expect([...compose.unsent.value.keys()]).toEqual([]);
    refusal = { code: "reply_unseen", message: "", unseen: [5] };
    compose.send(ID, { text: "Mine", note: false }, []);
    expect(compose.unsent.value.size).toBe(0);
    await Promise.resolve();
    expect(compose.unsent.value.get(ID)?.code).toBe("reply_unseen");
    compose = desk();
    expect(compose.unsent.value.get(ID)?.code).toBe("reply_unseen");
    compose.discard(ID, core.state.pending.get(ID)?.[0]?.clientId ?? "");
    expect(compose.unsent.value.size).toBe(0);
  });

  it("and nothing stays of what was sent", async () => {
    compose.send(ID, { text: "Sent", note: false }, []);
    await Promise.resolve();
    compose = desk();
    expect(unsent()).toEqual([]);
  });
});

describe("a draft", () => {
  it("is its writer's alone", () => {
    write("For my eyes");
    expect([...kept.keys()].every((key) => key.includes(ME))).toBe(true);
  });

  it("is forgotten when nobody came back for it", () => {
    write("Long ago");
    now = FORGOTTEN_MS + 1;
    compose = desk();
    expect(compose.draft(ID).text).toBe("");
    expect(kept.size).toBe(0);
  });
});

describe("what becomes of the conversation with an answer", () => {
  it("goes with it, again when it is tried again, and not with a note", async () => {
    refusal = { code: "reply_unseen", message: "", unseen: [5] };
    expect(await compose.send(ID, { text: "Done", note: false }, [], { to: "close" })).toBe(false);
    compose = desk();
    refusal = null;
    compose.again(ID, core.state.pending.get(ID)?.[0]?.clientId ?? "", true);
    expect(said.at(-1)).toMatchObject({ do: "reply", text: "Done", over: true, after: { to: "close" } });
    expect(await compose.send(ID, { text: "Hm", note: true }, [], { to: "close" })).toBe(true);
    expect(said.at(-1)).toEqual({ do: "note", conversation_id: ID, text: "Hm", attachments: [] });
  });
});

describe("what a mail has beside its text", () => {
  const mail = { cc: ["jan@example.nl"], subject: "Your lamp", html: "<b>Hello</b>" };

  it("is kept with its draft, also before there is a text, and goes with it", () => {
    compose.setDraft(ID, { text: "", note: false, mail: { cc: mail.cc } });
    expect(desk().draft(ID)).toEqual({ text: "", note: false, mail: { cc: mail.cc } });
    compose.setDraft(ID, { text: "Hello", note: false, mail });
    compose.send(ID, compose.draft(ID), []);
    expect(said.at(-1)).toMatchObject({ do: "reply", text: "Hello", mail });
    expect(compose.draft(ID)).toEqual({ text: "", note: false });
    expect(desk().draft(ID).text).toBe("");
  });

  it("does not go with a note, nor what of it is empty", () => {
    compose.send(ID, { text: "Hello", note: true, mail }, []);
    expect(said.at(-1)).toEqual({ do: "note", conversation_id: ID, text: "Hello", attachments: [] });
    compose.send(ID, { text: "Hello", note: false, mail: { cc: [], html: "" } }, []);
    expect(said.at(-1)).not.toHaveProperty("mail");
  });

  it("comes back with a refused answer, without the formatting if other words were written since", async () => {
    refusal = { code: "unavailable", message: "" };
    compose.send(ID, { text: "Hello", note: false, mail }, []);
    await Promise.resolve();
    compose.edit(ID, `id-${last}`);
    expect(compose.draft(ID).mail).toEqual(mail);
    compose.send(ID, compose.draft(ID), []);
    await Promise.resolve();
    compose.setDraft(ID, { text: "More", note: false });
    compose.edit(ID, `id-${last}`);
    expect(compose.draft(ID)).toMatchObject({ text: "Hello\n\nMore", mail: { cc: mail.cc, subject: mail.subject } });
    expect(compose.draft(ID).mail).not.toHaveProperty("html");
  });
});

it("has one draft in all tabs, which goes from all when it is sent", () => {
  tabs = new Tabs();
  const [first, second] = [desk(), desk()];
  const texts = () => [first.draft(ID).text, second.draft(ID).text];
  expect(texts()).toEqual(["", ""]);
  first.setDraft(ID, { text: "Hello", note: true });
  expect(texts()).toEqual(["Hello", "Hello"]);
  expect(second.draft(ID).note).toBe(true);
  second.send(ID, { text: "Hello", note: true }, []);
  expect(texts()).toEqual(["", ""]);
  expect([first.followed.value, second.followed.value]).toEqual([1, 1]);
});

describe("what an answer points at", () => {
  const replies = () => said.flatMap((command) => (command.do === "reply" ? [command.answers] : []));

  it("goes with it once, survives a reload, and comes back with what was refused", () => {
    compose.answer(ID, 2);
    writes("This one");
    compose = desk();
    expect(compose.draft(ID)).toMatchObject({ text: "This one", answers: 2 });
    refusal = { code: "invalid", message: "No." };
    compose.send(ID, compose.draft(ID), []);
    expect(compose.draft(ID).answers).toBeUndefined();
    expect(replies()).toEqual([2]);
  });

  it("is of no note", () => {
    compose.answer(ID, 2);
    compose.send(ID, { ...compose.draft(ID), text: "hm", note: true }, []);
    expect(said.at(-1)).not.toHaveProperty("answers");
  });

  it("is kept while there is no connection, and of what an earlier page left", async () => {
    outbox = [
      {
        id: "kept-1",
        at: 1,
        command: { do: "reply", conversation_id: ID, text: "Later", seen: 5, answers: 3 },
      } as Kept<"agent">,
    ];
    compose = desk();
    expect(core.state.pending.get(ID)?.[0]).toMatchObject({ text: "Later", answers: 3 });
    refusal = { code: "invalid", message: "No." };
    compose.edit(ID, "kept-1");
    expect(compose.draft(ID)).toMatchObject({ text: "Later", answers: 3 });
  });

  function writes(text: string) {
    compose.setDraft(ID, { ...compose.draft(ID), text });
  }
});

describe("an answer that is held", () => {
  const hold = { seconds: 10, onHeld: (id: string) => void heldAs.push(id) };
  let heldAs: string[] = [];

  it("says so once the hub holds it, and comes back with its answer and its files", async () => {
    const file = { id: "f1", name: "form.pdf", media_type: "application/pdf", bytes: 9, picture: false };
    heldAs = [];
    givenBack = [];
    answer = { held_until: 10_000 };
    await compose.send(ID, { text: "Wrong", note: false, answers: 3 }, [file], undefined, hold);
    expect(said.at(-1)).toMatchObject({ do: "reply", text: "Wrong", hold: 10 });
    expect(heldAs).toEqual([core.state.pending.get(ID)?.[0]?.clientId]);
    compose.setDraft(ID, { text: "And more", note: false });
    const [clientId = ""] = heldAs;
    const thread = { messages: [], more: false, at: 1, stale: false };
    const held = { client_id: clientId, conversation_id: ID, by: core.state.me, at: 1, due_at: 2, text: "Wrong" };
    core.state.threads.set(ID, { ...thread, held: [{ ...held, answers: 3, attachments: [file] }] });
    expect(await compose.takeBack(ID, clientId)).toBe(null);
    expect(said.at(-1)).toEqual({ do: "take_back", client_id: clientId });
    expect(compose.draft(ID)).toMatchObject({ text: "Wrong\n\nAnd more", note: false, answers: 3 });
    expect(givenBack).toEqual([file]);
  });

  it("leaves the thread if it was taken back before it was sent again", async () => {
    await compose.send(ID, { text: "Wrong", note: false }, [], undefined, hold);
    expect(core.state.pending.get(ID) ?? []).toEqual([]);
  });
});
