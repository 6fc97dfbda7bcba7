/** Whom a note names: by what stands in its text, and nothing beside it. */
import { describe, expect, it } from "vitest";
import { atWord, mentionedIn, offered, pieces } from "../src/desk/mentions";

const people = [
  { id: "ben", name: "Ben" },
  { id: "ben-visser", name: "Ben Visser" },
  { id: "åse", name: "Åse Lie" },
];

describe("the word behind the @", () => {
  it("begins where a word may begin, and takes the spaces of a name", () => {
    expect(atWord("@")).toBe("");
    expect(atWord("ask @Ben")).toBe("Ben");
    expect(atWord("ask\n(@Ben Vis")).toBe("Ben Vis");
    for (const text of ["ben@shop", "ask", "@@", "ask @Ben\n", ""]) expect(atWord(text)).toBe(null);
  });

  it("finds by any part of a name, the first one before", () => {
    const names = (typed: string) => offered(people, typed).map(({ name }) => name);
    expect(names("")).toEqual(["Åse Lie", "Ben", "Ben Visser"]);
    expect(names("ben")).toEqual(["Ben", "Ben Visser"]);
    expect(names("ben v")).toEqual(["Ben Visser"]);
    expect(names("L")).toEqual(["Åse Lie"]);
    expect(names("ben is here")).toEqual([]);
  });
});

describe("who is named", () => {
  it("is whose whole name stands there, the longest of those that begin alike", () => {
    expect(mentionedIn("@Ben Visser, and @Åse Lie?", people)).toEqual(["ben-visser", "åse"]);
    expect(mentionedIn("@Ben, look", people)).toEqual(["ben"]);
    expect(mentionedIn("@Ben @Ben", people)).toEqual(["ben"]);
  });

  it("is nobody of whom less stands there, or more", () => {
    for (const text of ["@Benedict", "me@Ben", "@ Ben", "Ben", "@Be"]) expect(mentionedIn(text, people)).toEqual([]);
  });

  it("is both where two have one name", () => {
    expect(mentionedIn("@Ben", [...people, { id: "other", name: "Ben" }])).toEqual(["ben", "other"]);
  });

  it("leaves every character where it was", () => {
    const text = "Hi @Ben Visser! Mail me@Ben @Nobody @Ben";
    expect(pieces(text, people).map((one) => one.text)).toEqual([
      "Hi ",
      "@Ben Visser",
      "! Mail me@Ben @Nobody ",
      "@Ben",
    ]);
  });
});
