import type { Contact, ConversationRow, Template } from "@switchboard/protocol";
import { describe, expect, it } from "vitest";
import { fill, openIn, VARIABLES, valuesOf } from "../src/desk/filling";
import { found, makeTemplates, slashWord } from "../src/desk/templates";

const row = {
  case_number: "SB-7",
  subject: null,
  contact: { id: "c", name: "Maria de Boer" },
} as unknown as ConversationRow;
const me = { id: "a", name: "An Visser", email: "", role: "agent", display_name: null, disabled: false } as const;
const values = valuesOf({ row, contact: undefined, me, inbox: undefined, team: undefined });

describe("filling in", () => {
  it("puts in what is known, and leaves what is not where one sees it", () => {
    const text = "Hi {{customer.first_name}} ({{ case }}), your {{subject}}. {{agent.name}}";
    const filled = fill(text, values);
    expect(filled).toBe("Hi Maria (SB-7), your {{subject}}. An Visser");
    expect(openIn(filled)).toEqual(["subject"]);
  });

  it("knows nothing of a card that says nothing", () => {
    const contact = { name: "  ", email: null, phone: "+31612345678" } as unknown as Contact;
    const known = valuesOf({ row, contact, me, inbox: undefined, team: undefined });
    expect(fill("{{customer.name}}|{{customer.email}}|{{customer.phone}}", known)).toBe(
      "{{customer.name}}|{{customer.email}}|+31612345678",
    );
  });

  it("makes no formatting of a name", () => {
    const evil = { ...values, "customer.name": "<img src=x>&" };
    expect(fill("<b>{{customer.name}}</b>", evil, true)).toBe("<b>&lt;img src=x&gt;&amp;</b>");
    expect(fill("{{customer.name}}", { ...values, "customer.name": "{{case}}" })).toBe("{{case}}");
  });

  it("leaves the braces of others alone", () => {
    expect(openIn("Write {{name}} or {{ customer.nmae }}")).toEqual([]);
    expect(openIn(VARIABLES.map((one) => `{{${one}}}`).join())).toEqual(VARIABLES);
  });
});

describe("picking", () => {
  it("begins with a slash that begins a word", () => {
    expect(slashWord("/")).toBe("");
    expect(slashWord("Hello\n/thx")).toBe("thx");
    for (const text of ["and/or", "https://shop", "/ a", "/etc/hosts", ""]) expect(slashWord(text)).toBe(null);
  });

  it("finds by name first, and by what stands in it", () => {
    const make = (name: string, text: string) => ({ name, text }) as Template;
    const list = [make("Sorry", "late"), make("Prices", "thank you"), make("Thanks", "bye"), make("Many thanks", "")];
    expect(found(list, "than").map(({ name }) => name)).toEqual(["Thanks", "Many thanks", "Prices"]);
    expect(found(list, "")).toBe(list);
  });

  it("asks once, and again when something has changed", async () => {
    let asked = 0;
    const api = async () => {
      asked += 1;
      if (asked === 1) throw new Error("away");
      return { templates: [] };
    };
    const templates = makeTemplates({ api } as never);
    templates.stale();
    expect(asked).toBe(0);
    templates.want();
    await Promise.resolve();
    await Promise.resolve();
    templates.want();
    await Promise.resolve();
    templates.want();
    expect(asked).toBe(2);
    expect(templates.list.value).toEqual([]);
    templates.stale();
    expect(asked).toBe(3);
  });
});
