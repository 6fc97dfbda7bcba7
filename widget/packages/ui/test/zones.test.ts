import { expect, test } from "vitest";

import { atWallClock, fullDay, isZone, wallClock } from "../src/time/index";

const at = (iso: string) => Date.parse(iso);

test("what a zone's clocks show is found back, whatever the zone of this machine", () => {
  const noon = at("2026-11-23T12:00:00Z");
  expect(new Date(wallClock(noon, "Asia/Tokyo")).toISOString()).toBe("2026-11-23T21:00:00.000Z");
  for (const zone of ["Asia/Tokyo", "America/New_York", "Asia/Kathmandu", "Pacific/Kiritimati", "UTC"])
    expect(atWallClock(wallClock(noon, zone), zone), zone).toBe(noon);
});

test("an hour that comes twice is the first, and one that is left out lies after the gap", () => {
  // In Amsterdam the clocks go from 3:00 back to 2:00 on 25 October 2026, and from 2:00 to 3:00 on 29 March.
  expect(atWallClock(at("2026-10-25T02:30:00Z"), "Europe/Amsterdam")).toBe(at("2026-10-25T00:30:00Z"));
  expect(atWallClock(at("2026-03-29T02:30:00Z"), "Europe/Amsterdam")).toBe(at("2026-03-29T01:30:00Z"));
  // On the days around it each hour is itself.
  expect(atWallClock(at("2026-10-25T09:00:00Z"), "Europe/Amsterdam")).toBe(at("2026-10-25T08:00:00Z"));
  expect(atWallClock(at("2026-03-29T09:00:00Z"), "Europe/Amsterdam")).toBe(at("2026-03-29T07:00:00Z"));
});

test("a zone is one that the browser knows", () => {
  expect([isZone("Asia/Tokyo"), isZone("Mars/Olympus"), isZone("")]).toEqual([true, false, false]);
});

test("a day is said whole where it is read on another day", () => {
  expect(fullDay(at("2026-11-23T23:30:00Z"), { language: "en-GB", zone: "Asia/Tokyo" })).toBe(
    "Tuesday, 24 November 2026",
  );
});
