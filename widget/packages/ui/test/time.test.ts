import { describe, expect, test } from "vitest";

import { ago, clock, coming, dayLine, dayNumber, exact, longAgo, span } from "../src/time/index";

const at = (iso: string) => Date.parse(iso);
const london = { language: "en", zone: "Europe/London" };
const tokyo = { language: "en", zone: "Asia/Tokyo" };
const now = at("2026-11-18T12:00:00Z");

test("a time that no calendar has is shown as the nearest one, and throws nothing", () => {
  const zone = { language: "en", zone: "UTC" };
  for (const at of [2 ** 63, -(2 ** 63), Number.MAX_SAFE_INTEGER]) {
    for (const said of [clock(at, zone), exact(at, zone), coming(at, 0, zone), ago(at, 0, zone, "now")])
      expect(said).not.toBe("");
  }
});

describe("how long ago", () => {
  test.each([
    ["2026-11-18T12:00:20Z", "now"],
    ["2026-11-18T11:59:30Z", "now"],
    ["2026-11-18T11:58:00Z", "2 min"],
    ["2026-11-18T09:00:00Z", "3 hr"],
    ["2026-11-17T23:50:00Z", "yesterday"],
    ["2026-11-16T12:00:00Z", "Mon"],
    ["2026-11-11T12:00:00Z", "Nov 11"],
    ["2025-11-11T12:00:00Z", "Nov 11, 2025"],
  ])("%s is %s", (iso, said) => expect(ago(at(iso), now, london, "now")).toBe(said));

  test("a day is the reader's own", () => {
    const evening = at("2026-11-17T22:00:00Z");
    expect(ago(evening, now, london, "now")).toBe("yesterday");
    // Seven in the morning of the same day in Tokyo.
    expect(ago(evening, now, tokyo, "now")).toBe("14 hr");
  });

  test("within the hour minutes are said, even across midnight", () => {
    expect(ago(at("2026-11-17T23:50:00Z"), at("2026-11-18T00:05:00Z"), london, "now")).toBe("15 min");
  });
});

describe("how long ago, in a sentence", () => {
  test.each([
    ["2026-11-18T11:59:30Z", "now"],
    ["2026-11-18T11:57:00Z", "3 minutes ago"],
    ["2026-11-18T09:00:00Z", "3 hours ago"],
    ["2026-11-17T09:00:00Z", "yesterday"],
    ["2026-11-14T12:00:00Z", "4 days ago"],
    ["2026-11-11T12:00:00Z", "Nov 11"],
  ])("%s is %s", (iso, said) => expect(longAgo(at(iso), now, london, "now")).toBe(said));

  test("in the reader's language", () => {
    expect(longAgo(at("2026-11-18T11:57:00Z"), now, { ...london, language: "fr" }, "")).toBe("il y a 3 minutes");
    expect(longAgo(at("2026-11-18T11:57:00Z"), now, { ...london, language: "nb" }, "")).toBe("for 3 minutter siden");
  });
});

test("days are counted over the change of the clocks", () => {
  const before = at("2026-10-24T23:30:00+01:00");
  const after = at("2026-10-25T23:30:00Z");
  expect(dayNumber(after, "Europe/London") - dayNumber(before, "Europe/London")).toBe(1);
});

test("the lines of days begin with a capital, and name the year when it is another", () => {
  expect(dayLine(now, now, london)).toBe("Today");
  expect(dayLine(at("2026-11-17T12:00:00Z"), now, { ...london, language: "nl" })).toBe("Gisteren");
  expect(dayLine(at("2026-11-02T12:00:00Z"), now, { ...london, language: "fr" })).toBe("Lundi 2 novembre");
  expect(dayLine(at("2025-11-02T12:00:00Z"), now, london)).toContain("2025");
});

test("what is to come is said shortly", () => {
  expect(coming(at("2026-11-18T17:00:00Z"), now, { ...london, language: "en-GB" })).toBe("today 17:00");
  expect(coming(at("2026-11-19T09:00:00Z"), now, { ...london, language: "en-GB" })).toBe("tomorrow 09:00");
  expect(coming(at("2026-12-24T09:00:00Z"), now, { ...london, language: "en-GB" })).toMatch(/^24 Dec\D+9:00$/);
  expect(coming(at("2027-12-24T09:00:00Z"), now, { ...london, language: "en-GB" })).toMatch(/^24 Dec 2027\D+9:00$/);
});

test("the exact time names day and zone's hour", () => {
  expect(exact(now, { ...tokyo, language: "en-GB" })).toMatch(/18 November 2026.*21:00/);
});

test("a length has one unit, and none is below nothing", () => {
  expect([-5, 400, 59_000, 60_000, 3_600_000, 90_000_000].map((ms) => span(ms, "en"))).toEqual([
    "0 sec",
    "1 sec",
    "59 sec",
    "1 min",
    "1 hr",
    "1 day",
  ]);
});
