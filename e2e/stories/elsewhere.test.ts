/**
 * A shop on another site than the hub, in a browser that gives frames of other sites nothing to keep anything in: as many
 * browsers do by default, and all that block third-party cookies. The visitor must not notice.
 */
import type { ConversationPage } from "@switchboard/protocol";
import { afterAll, beforeAll, expect, test } from "vitest";

import { Crowd } from "../src/crowd.js";
import { ALONE } from "../src/deployment.js";
import { Site } from "../src/site.js";
import { Visitor } from "../src/visitor.js";
import { open, type Workspace } from "../src/workspace.js";

let workspace: Workspace;
let crowd: Crowd;
let site: Site;

beforeAll(async () => {
  workspace = await open(ALONE);
  site = await Site.start("lamps.localhost");
  crowd = await Crowd.gather(workspace.deployment.url, "elsewhere");
});
afterAll(async () => {
  await crowd?.leave();
  await site?.close();
  await workspace?.deployment.stop();
});

test("the conversation is there on the next page, and in the next tab", async () => {
  const { owner } = workspace;
  const inbox = await owner.createWebInbox("Lamps", [site.origin]);
  const vera = await Visitor.at(crowd, "Vera", site, inbox.web?.widget_key ?? "");
  await vera.openChat();
  const own = vera.chat.locator("body").evaluate(() => localStorage.length);
  await expect(own, "this browser does as the story says").rejects.toThrow("Access is denied");
  await vera.write("Is the blue one in stock?");
  await vera.sees("Is the blue one in stock?");
  const conversations = async (): Promise<string[]> =>
    (await owner.get<ConversationPage>("/api/conversations")).rows.map(({ id }) => id);
  await expect.poll(conversations).toHaveLength(1);
  const [id] = await conversations();
  await owner.send("POST", `/api/conversations/${id}/messages`, { text: "Two of them." });
  await vera.sees("Two of them.");

  await vera.goTo("/lamps");
  await vera.sees("Two of them.");
  await vera.write("I take both.");
  await vera.sees("I take both.");

  await vera.seat.page.close();
  const later = await vera.seat.page.context().newPage();
  await later.goto(site.page("/basket", vera.seat.line.url, inbox.web?.widget_key ?? ""));
  await later.getByRole("button", { name: "Open chat" }).click();
  await later.frameLocator("iframe").getByText("I take both.").waitFor();
  expect(await conversations()).toEqual([id]);
});
