/** Writing first: a key for each message, whom it is to, and who is left. */
import { Refusal, type StartConversations, type StartedConversations } from "@switchboard/protocol";
import { beforeEach, describe, expect, it } from "vitest";
import { makeStarting, recipientIn, type Starting, withRecipients } from "../src/desk/starting";

let said: { key: string; body: StartConversations }[];
let answers: (StartedConversations | Refusal)[];
let starting: Starting;

beforeEach(() => {
  said = [];
  answers = [];
  let last = 0;
  const api = async (_: string, given: { body: StartConversations; idempotencyKey: string }) => {
    said.push({ key: given.idempotencyKey, body: given.body });
    const answer = answers.shift();
    if (answer instanceof Refusal) throw answer;
    return answer;
  };
  starting = makeStarting({ api: api as never, newId: () => `key-${++last}` });
});

const sam = { to: { kind: "contact", contact_id: "sam" }, shown: "Sam" } as const;
const jan = { to: { kind: "address", address: "jan@example.nl" }, shown: "jan@example.nl" } as const;
const away = () => new Refusal({ code: "unavailable", message: "" });

describe("a message to customers", () => {
  it("goes under the same key until it is answered, and under another when it is another", async () => {
    answers = [away(), away(), { started: [{ to: 0, conversation_id: "C1", case_number: "1" }], not_started: [] }];
    starting.draft.value = { inbox: null, to: [sam], text: " Hello ", mail: {} };
    await expect(starting.send("mail", [], true)).rejects.toThrow();
    starting.draft.value = { ...starting.draft.value, text: "Hello again" };
    await expect(starting.send("mail", [], true)).rejects.toThrow();
    expect(await starting.send("mail", [], true)).toEqual({ started: ["C1"], missed: [] });
    expect(said.map(({ key }) => key)).toEqual(["key-1", "key-2", "key-2"]);
    expect(said[0]?.body).toEqual({ inbox_id: "mail", to: [sam.to], text: "Hello", attachments: [], mail: {} });
    expect(starting.draft.value).toEqual({ inbox: "mail", to: [], text: "", mail: {} });
  });

  it("keeps its words and those whom it did not reach", async () => {
    answers = [
      {
        started: [{ to: 0, conversation_id: "C1", case_number: "1" }],
        not_started: [{ to: 1, why: "stopped" }],
      },
    ];
    starting.draft.value = { inbox: "sms", to: [sam, jan], text: "Hello", mail: {} };
    const outcome = await starting.send("sms", [], false);
    expect(outcome.missed).toEqual([{ recipient: jan, why: "stopped" }]);
    expect(starting.draft.value).toMatchObject({ to: [jan], text: "Hello" });
    expect(said[0]?.body).not.toHaveProperty("mail");
  });
});

describe("somebody new", () => {
  it.each([
    ["sam@example.com", { kind: "address", address: "sam@example.com" }],
    ["Sam Lee <sam@example.com>", { kind: "address", address: "sam@example.com", name: "Sam Lee" }],
    ["+31 6 12345678", { kind: "address", address: "+31 6 12345678" }],
    ["Sam <06-12345678>", { kind: "address", address: "06-12345678", name: "Sam" }],
  ])("is read out of %j", (text, to) => {
    expect(recipientIn(text)?.to).toEqual(to);
  });

  it("is not made of a word", () => {
    for (const text of ["", "sam", "12", "Sam Lee"]) expect(recipientIn(text)).toBeNull();
  });

  it("is there once", () => {
    expect(withRecipients([jan], [{ ...jan, shown: "Jan" }, sam, sam])).toEqual([jan, sam]);
  });
});
