/** The moments that "Remind me" offers. */
import { expect, it } from "vitest";
import { snoozeChoices } from "../src/state/snooze";

function offered(year: number, month: number, day: number, hour: number): string[] {
  return snoozeChoices(new Date(year, month - 1, day, hour).getTime()).map(({ id, at }) => {
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
