/** Axe finds nothing to say about the pages, in either theme, at the width of a desk and of a phone. */
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import type { AxeResults } from "axe-core";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { Agent } from "../src/agent.js";
import { Crowd } from "../src/crowd.js";
import { ALONE } from "../src/deployment.js";
import { Site } from "../src/site.js";
import { Visitor } from "../src/visitor.js";
import { OWNER, open, type Workspace } from "../src/workspace.js";

const AXE = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const SIZES = { desk: { width: 1360, height: 860 }, phone: { width: 360, height: 740 } };

let workspace: Workspace;
let site: Site;
let crowd: Crowd;
let olive: Agent;
let vera: Visitor;

beforeAll(async () => {
  workspace = await open(ALONE);
  site = await Site.start();
  const inbox = await workspace.owner.createWebInbox("Lamps and more", [site.origin]);
  crowd = await Crowd.gather(workspace.deployment.url, "access");
  vera = await Visitor.at(crowd, "Vera", site, inbox.web?.widget_key ?? "");
  await vera.openChat();
  await vera.write("Do you ship lamps to Norway?");
  olive = await Agent.signIn(crowd, OWNER);
  await olive.open("Do you ship lamps to Norway?");
  await olive.answer("Yes, in eight days");
  await olive.note("Norway needs the customs form");
  await vera.sees("Yes, in eight days");
});
afterAll(async () => {
  await crowd?.leave();
  await site?.close();
  await workspace?.deployment.stop();
});

describe.each(["light", "dark"] as const)("in the %s theme", (colorScheme) => {
  test.each(Object.entries(SIZES))("the dashboard at the width of a %s", async (name, size) => {
    await olive.page.emulateMedia({ colorScheme });
    await olive.page.setViewportSize(size);
    await crowd.picture(`${colorScheme}-${name}`);
    expect(await findings(olive.page)).toEqual([]);
  });

  test.each(Object.entries(SIZES))("the chat at the width of a %s", async (_name, size) => {
    await vera.seat.page.emulateMedia({ colorScheme });
    await vera.seat.page.setViewportSize(size);
    expect(await findings(vera.seat.page)).toEqual([]);
  });
});

test("the sign-in", async () => {
  const stranger = await crowd.seat("stranger");
  await stranger.page.goto(stranger.line.url);
  await stranger.page.getByRole("button", { name: "Sign in" }).waitFor();
  expect(await findings(stranger.page)).toEqual([]);
});

/** What axe finds in each of the page's frames, one line a finding. The site's own page is not ours to judge. */
async function findings(page: Page): Promise<string[]> {
  const ours = page.frames().filter((frame) => !frame.url().startsWith(site.origin));
  const found = await Promise.all(
    ours.map(async (frame) => {
      // By the inspector, not by a script element: the pages' policy forbids those, and shall.
      await frame.evaluate(AXE);
      const { violations } = (await frame.evaluate("axe.run()")) as AxeResults;
      return violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html.slice(0, 160)}`));
    }),
  );
  return found.flat();
}
