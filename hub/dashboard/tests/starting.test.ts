/** Writing first: a key for each message, whom it is to, and who is left. */
import { Refusal, type StartConversations, type StartedConversations } from "@switchboard/protocol";
import { beforeEach, describe, expect, it } from "vitest";
import type { Shelf } from "../src/desk/shelf";
import {
  cannotReach,
  hasTooManyCopies,
  makeStarting,
  recipientIn,
  recipientsIn,
  type StartDraft,
  type Starting,
  whyNotTo,
  withRecipients,
} from "../src/desk/starting";

let said: { key: string; body: StartConversations }[];
let answers: (StartedConversations | Refusal)[];
let starting: Starting;
let begin: () => Starting;

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
  let kept: StartDraft | undefined;
  const shelf: Shelf<StartDraft> = {
    get: () => kept,
    all: () => (kept ? [kept] : []),
    put: (_, draft) => (kept = draft),
    remove: () => (kept = undefined),
    elsewhere: () => () => undefined,
  };
  begin = () => makeStarting({ api: api as never, newId: () => `key-${++last}` }, shelf);
  starting = begin();
});

const sam = { to: { kind: "contact", contact_id: "sam" }, shown: "Sam" } as const;
const jan = { to: { kind: "address", address: "jan@example.nl" }, shown: "jan@example.nl" } as const;
const away = () => new Refusal({ code: "unavailable", message: "" });

describe("a message to customers", () => {
  it("has no more mails than go out at once, with each recipient's copies, also the hidden ones", () => {
    const to = (n: number) => Array.from({ length: n }, () => jan);
    const [cc, bcc] = [["depot@shop.nl"], ["boss@shop.nl"]];
    const said = (recipients: number, mail: StartDraft["mail"]) => hasTooManyCopies({ to: to(recipients), mail });
    expect([said(100, {}), said(100, { cc: [], bcc: [] })]).toEqual([false, false]);
    expect([said(50, { cc }), said(51, { cc }), said(51, { bcc })]).toEqual([false, true, true]);
    expect([said(33, { cc, bcc }), said(34, { cc, bcc })]).toEqual([false, true]);
  });

  it("is there again after a reload, and after it was sent the inbox that it went from", async () => {
    starting.draft.value = { inbox: "mail", to: [sam], text: "Hello", mail: { subject: "Lamp" } };
    starting = begin();
    expect(starting.draft.value).toEqual({ inbox: "mail", to: [sam], text: "Hello", mail: { subject: "Lamp" } });
    answers = [{ started: [{ to: 0, conversation_id: "C1", case_number: "1" }], not_started: [] }];
    await starting.send("mail", [], true);
    expect(begin().draft.value).toEqual({ inbox: "mail", to: [], text: "", mail: {} });
  });

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

  it("is many at once as they are pasted, and nothing of it is dropped", () => {
    const read = (text: string) => recipientsIn(text).map(({ shown }) => shown);
    expect(read("")).toEqual([]);
    expect(read("an@shop.nl ben@shop.nl,rubbish;\n+31 6 12345678")).toEqual([
      "an@shop.nl",
      "ben@shop.nl",
      "rubbish",
      "+31 6 12345678",
    ]);
    expect(read('"Visser, An" <an@shop.nl>, Sam Lee')).toEqual(["Visser, An <an@shop.nl>", "Sam Lee"]);
  });

  const mail = { id: "mail", channel: "email", address: "help@shop.nl" } as const;
  const sms = { id: "sms", channel: "sms", address: "+31612345678" } as const;
  const named = { ...sms, address: "SHOP" };
  const gateway = { id: "gateway", channel: "gateway", address: "SHOP" } as const;
  it.each([
    ["sam@example.com", [true, false, false, true]],
    ["+31 6 12345678", [false, true, true, true]],
    ["06 12345678", [false, true, false, true]],
    ["whoever-42", [false, false, false, true]],
    ["Nadia <@nadia_gw>", [false, false, false, true]],
    ["bob@exam ple", [false, false, false, true]],
    ["12", [false, false, false, true]],
  ])("is %j by mail, by SMS, by SMS under a name, and by a gateway: %j", (text, wanted) => {
    const recipient = recipientIn(text) ?? jan;
    expect([mail, sms, named, gateway].map((from) => whyNotTo(recipient, from) === null)).toEqual(wanted);
  });

  it("is known to have an address there, or one on their card, or not", () => {
    const known = { inboxes: ["sms"], email: "sam@example.com", phone: null };
    const why = (from: Parameters<typeof whyNotTo>[1]) => whyNotTo({ ...sam, known }, from);
    expect([why(sms), why(mail), why(gateway), whyNotTo(sam, gateway)]).toEqual([null, null, "no_address", null]);
    expect(cannotReach([jan, { ...sam, known }], { ...sms, id: "other" })?.recipient).toBe(jan);
  });

  it("is there once", () => {
    expect(withRecipients([jan], [{ ...jan, shown: "Jan" }, sam, sam])).toEqual([jan, sam]);
  });
});
