/** What a channel carries, and how addresses are read. */
import type { ChannelCapabilities, Message } from "@switchboard/protocol";
import { describe, expect, it } from "vitest";
import { addressesIn, answersGoTo, copiedIn, isAddress, joined } from "../src/desk/addresses";
import { CHAT, cannot, carriesOf, charsIn } from "../src/desk/carries";

const SMS: ChannelCapabilities = { ...CHAT, files: 0, file_bytes: 0, text_chars: 1600, segments: true };

describe("what a channel carries", () => {
  it("is no more than the hub takes", () => {
    const carries = { ...CHAT, files: 50, file_bytes: 1e12, text_chars: 1e9 };
    expect(carriesOf({ carries }, "email")).toEqual(CHAT);
    expect(carriesOf({ carries: SMS }, "sms")).toEqual(SMS);
  });

  it("is a text until it has said more, and everything in web chat", () => {
    expect(carriesOf(undefined, "web")).toEqual(CHAT);
    expect(carriesOf({}, "telegram").files).toBe(0);
  });

  it("is held against the draft", () => {
    const file = { name: "a.pdf", size: 10, kind: "application/pdf" };
    expect(cannot(SMS, "sms", { text: "Hello", files: [] })).toBeNull();
    expect(cannot(SMS, "sms", { text: "Hello", files: [file] })).toEqual({ why: "noFiles" });
    expect(cannot({ ...CHAT, files: 1 }, "email", { text: "", files: [file, file] })).toEqual({
      why: "files",
      most: 1,
    });
    const small = { ...CHAT, file_bytes: 15 };
    expect(cannot(small, "email", { text: "", files: [file, file] })).toEqual({ why: "bytes", most: 15, are: 20 });
    expect(cannot(SMS, "sms", { text: "x".repeat(1601), files: [] })).toEqual({ why: "chars", most: 1600, over: 1 });
    const mms = { ...SMS, files: 10, file_bytes: 1e6 };
    const odd = { ...file, name: "report.bin", kind: "application/octet-stream" };
    expect(cannot(mms, "sms", { text: "", files: [file, odd] })).toEqual({ why: "kind", name: "report.bin" });
    expect(cannot(mms, "sms", { text: "", files: [file, { ...odd, kind: undefined }] })).toBeNull();
    expect(cannot(mms, "email", { text: "", files: [odd] })).toBeNull();
    expect(cannot(SMS, "sms", { text: "👍".repeat(1600), files: [] })).toBeNull();
  });

  it("counts signs as the hub does", () => {
    for (const text of ["", "abc", "é👍a", "👍".repeat(20)]) expect(charsIn(text)).toBe([...text].length);
  });
});

describe("addresses", () => {
  it.each([
    ["jan@example.nl", ["jan@example.nl"]],
    [" Jan@Example.nl , kim@example.nl;an@example.nl\n", ["jan@example.nl", "kim@example.nl", "an@example.nl"]],
    ['"Jansen, Maria" <maria@example.nl>, Jan <jan@example.nl>', ["maria@example.nl", "jan@example.nl"]],
    ["mailto:jan@example.nl", ["jan@example.nl"]],
    ["nobody", ["nobody"]],
    [" ,; ", []],
  ])("are read out of %j", (text, expected) => {
    expect(addressesIn(text)).toEqual(expected);
  });

  it("have an outline", () => {
    for (const good of ["a@b.c", "first.last+tag@mail.example.co.uk"]) expect(isAddress(good), good).toBe(true);
    for (const bad of ["", "a", "a@b", "@b.c", "a@.c", "a@b.", "a b@c.d", "a@b@c.d"])
      expect(isAddress(bad), bad).toBe(false);
  });

  it("stand there once", () => {
    expect(joined(["a@b.c"], ["d@e.f", "a@b.c"])).toEqual(["a@b.c", "d@e.f"]);
  });

  const mail = (from: string | null, rest: object): Message =>
    ({
      kind: "in",
      mail: { ...(from === null ? {} : { from: { address: from } }), subject: "", html: false, folded: false, ...rest },
    }) as Message;

  it("are where the last mail that somebody wrote wants answers", () => {
    const ours = "help@shop.example";
    const first = mail("maria@example.nl", { reply_to: "orders@example.nl" });
    const out = { ...mail(null, {}), kind: "out" } as Message;
    const away = mail("maria@example.nl", { automatic: "reply" });
    expect(answersGoTo([mail("jan@example.nl", {}), first, out, away], ours, "m@x.nl")).toBe("orders@example.nl");
    expect(answersGoTo([first, mail("jan@example.nl", {})], ours, null)).toBe("jan@example.nl");
    expect(answersGoTo([mail("jan@example.nl", { reply_to: "Help+x@shop.example" })], ours, null)).toBe(
      "jan@example.nl",
    );
    expect(answersGoTo([away], ours, null)).toBe("maria@example.nl");
    expect(answersGoTo([], ours, "known@example.nl")).toBe("known@example.nl");
  });

  it("of others in the last mail may be copied, and ours and the customer's not", () => {
    const last = mail("maria@example.nl", {
      to: [{ address: "help+token@shop.example" }],
      cc: [{ address: "Jan@example.nl" }, { address: "maria@example.nl" }],
    });
    const shop = "help@shop.example";
    const customer = "maria@example.nl";
    expect(copiedIn([mail("x@y.z", {}), last], customer, [shop, customer, null])).toEqual(["jan@example.nl"]);
    const jans = mail("jan@example.nl", { to: [{ address: shop }] });
    expect(copiedIn([last, jans], customer, [shop, "jan@example.nl"])).toEqual([customer]);
    expect(copiedIn([last], customer, [shop, "orders@example.nl", "jan@example.nl"])).toEqual([customer]);
    // A machine that answers, and we ourselves, leave nobody out.
    const away = mail("jan@example.nl", { automatic: "reply", to: [{ address: shop }] });
    const ours: Message = { ...mail("", { to: [{ address: "jan@example.nl" }] }), kind: "out" };
    expect(copiedIn([last, jans, away], customer, [shop, "jan@example.nl"])).toEqual([customer]);
    expect(copiedIn([last, jans, ours], customer, [shop, "jan@example.nl"])).toEqual([customer]);
    expect(
      copiedIn([last, { ...ours, mail: { ...away.mail, to: [{ address: customer }] } as never }], customer, [
        shop,
        customer,
      ]),
    ).toEqual(["jan@example.nl"]);
  });
});
