/** The list on the screen, over a store that hears events. */
import type { Api, Client } from "@switchboard/protocol";
import { describe, expect, it } from "vitest";
import { makeCore } from "../src/desk/core";
import { makeLists } from "../src/desk/lists";
import { stateFrom } from "../src/state/snapshots";
import { Feed, me, memory } from "./events";

function opened(feed: Feed) {
  const drawings: (() => void)[] = [];
  const core = makeCore(
    {
      api: (async () => feed.page()) as unknown as Api,
      socket: { state: { status: "live", retryAt: null } } as unknown as Client<"agent">,
      clock: () => 0,
      newId: () => "id",
      random: () => 0,
      beforeDrawing: (work) => void drawings.push(work),
      later: () => () => undefined,
      storage: memory(),
      otherTabs: () => () => undefined,
    },
    stateFrom(me()),
  );
  const lists = makeLists(core, { folder: "inbox", sort: "activity" });
  const hear = (): void => {
    for (const frame of feed.frames) core.takeFrame(frame);
    for (const draw of drawings.splice(0)) draw();
  };
  return { lists, hear };
}

describe("the list on the screen", () => {
  it("gives back at once what was dealt with here and reopened by somebody else, though it is held", async () => {
    const feed = new Feed();
    feed.begin("1");
    feed.begin("2");
    const { lists, hear } = opened(feed);
    await lists.open({ folder: "inbox", sort: "activity" });
    lists.dismiss("1");
    feed.change("1", true);
    hear();
    expect(lists.view.value.ids).toEqual(["2"]);
    feed.change("1", false);
    hear();
    expect(lists.view.value.ids).toEqual(["2", "1"]);
    lists.hold(true);
    expect(lists.view.value.ids).toEqual(["2", "1"]);
  });

  it("waits with what is new while it is held", async () => {
    const feed = new Feed();
    feed.begin("1");
    const { lists, hear } = opened(feed);
    await lists.open({ folder: "inbox", sort: "activity" });
    hear();
    lists.hold(true);
    feed.begin("2");
    hear();
    expect(lists.view.value).toMatchObject({ ids: ["1"], waiting: 1 });
    lists.letGo();
    expect(lists.view.value).toMatchObject({ ids: ["2", "1"], waiting: 0 });
  });
});
