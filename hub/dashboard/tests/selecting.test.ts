/** Which conversations of a list are selected, one by one and by ranges. */
import type { Api, Client } from "@switchboard/protocol";
import { expect, it } from "vitest";
import { makeCore } from "../src/desk/core";
import { makeLists } from "../src/desk/lists";
import { makeSelection } from "../src/desk/selection";
import { stateFrom } from "../src/state/snapshots";
import { Feed, me, memory } from "./events";

/** Of the inbox, newest first: 9, 8, 7 … 1. */
async function listed() {
  const feed = new Feed();
  for (let number = 1; number <= 9; number += 1) feed.begin(String(number));
  const core = makeCore(
    {
      api: (async () => feed.page()) as unknown as Api,
      socket: { state: { status: "live", retryAt: null } } as unknown as Client<"agent">,
      clock: () => 0,
      newId: () => "id",
      random: () => 0,
      beforeDrawing: (work) => work(),
      later: () => () => undefined,
      storage: memory(),
      otherTabs: () => () => undefined,
    },
    stateFrom(me()),
  );
  const lists = makeLists(core, { folder: "inbox", sort: "activity" });
  await lists.open({ folder: "inbox", sort: "activity" });
  const selection = makeSelection(core, lists);
  const closes = (id: string): void => {
    feed.change(id, true);
    for (const frame of feed.frames.splice(0)) core.takeFrame(frame);
  };
  for (const frame of feed.frames.splice(0)) core.takeFrame(frame);
  return { lists, closes, selection, selected: () => [...selection.view.value.ids].join(" ") };
}

it("goes from the one that was touched last to the one that is pressed, up or down", async () => {
  const { selection, selected } = await listed();
  selection.toggle("5");
  selection.through("3");
  expect(selected()).toBe("5 4 3");
  selection.through("6");
  expect(selected()).toBe("5 4 3 6");
});

it("begins anew at the one that is pressed, where the one before has left the list", async () => {
  const { closes, selection, selected } = await listed();
  selection.toggle("7");
  closes("7");
  expect(selected()).toBe("");
  selection.through("3");
  expect(selected()).toBe("3");
  selection.through("2");
  expect(selected()).toBe("3 2");
});

it("and where another list was opened meanwhile", async () => {
  const { lists, selection, selected } = await listed();
  selection.toggle("7");
  await lists.open({ folder: "inbox", sort: "created" });
  selection.through("4");
  expect(selected()).toBe("4");
});

it("grows a row at a time from where the focus stands, and back over what it has come to", async () => {
  const { selection, selected } = await listed();
  expect(selection.step(1, "6")).toBe("5");
  expect(selection.step(1, null)).toBe("4");
  expect(selected()).toBe("6 5 4");
  selection.clear();
  expect(selection.step(1, null)).toBe("9");
  expect(selected()).toBe("9");
});
