/** The moments that "Remind me" offers. */
import { browserZone } from "@switchboard/ui/time";
import { expect, it } from "vitest";
import { snoozeChoices } from "../src/state/snooze";

function offered(year: number, month: number, day: number, hour: number): string[] {
  return snoozeChoices(new Date(year, month - 1, day, hour).getTime(), browserZone()).map(({ id, at }) => {
    const date = new Date(at);
    return `${id} ${date.getDate()}. ${date.getHours()}:00`;
  });
}

it("are the person's own hours on a working day", () => {
  expect(offered(2026, 11, 18, 11)).toEqual([
    "laterToday 18. 14:00",
    "tomorrow 19. 9:00",
    "monday 23. 9:00",
    "week 25. 9:00",
  ]);
});

it("are none twice: on a Sunday tomorrow is Monday, on a Monday the next one is in a week", () => {
  expect(offered(2026, 11, 22, 11)).toEqual(["laterToday 22. 14:00", "tomorrow 23. 9:00", "week 29. 9:00"]);
  expect(offered(2026, 11, 23, 11)).toEqual(["laterToday 23. 14:00", "tomorrow 24. 9:00", "monday 30. 9:00"]);
});

it("are named truly late in the evening and at night", () => {
  expect(offered(2026, 11, 18, 22)[0]).toBe("tomorrow 19. 9:00");
  expect(offered(2026, 11, 18, 1)[0]).toBe("thisMorning 18. 9:00");
});

it("are mornings of the zone that the person chose, also across a change of the clocks", () => {
  // Half past seven in the evening in Tokyo, half past six in the morning in New York; its clocks go back on 1 November.
  const now = Date.UTC(2026, 9, 30, 10, 30);
  const of = (zone: string) => snoozeChoices(now, zone).map(({ id, at }) => `${id} ${new Date(at).toISOString()}`);
  expect(of("America/New_York")).toEqual([
    "laterToday 2026-10-30T13:30:00.000Z",
    "tomorrow 2026-10-31T13:00:00.000Z",
    "monday 2026-11-02T14:00:00.000Z",
    "week 2026-11-06T14:00:00.000Z",
  ]);
  expect(of("Asia/Tokyo")[1]).toBe("tomorrow 2026-10-31T00:00:00.000Z");
});
