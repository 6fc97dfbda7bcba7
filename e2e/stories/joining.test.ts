/** A colleague joins by a link, forgets the password, and comes in again by another one. */
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";

import { Agent } from "../src/agent.js";
import { Crowd, type Seat } from "../src/crowd.js";
import { ALONE } from "../src/deployment.js";
import { OWNER, open, person, type Workspace } from "../src/workspace.js";

const NORA = person("Nora Holm");

let workspace: Workspace;
let crowd: Crowd;

beforeAll(async () => {
  workspace = await open(ALONE);
  crowd = await Crowd.gather(workspace.deployment.url, "joining");
});
afterAll(async () => {
  await crowd?.leave();
  await workspace?.deployment.stop();
});

/** Opens a link that somebody else was shown, over this person's own line. */
async function opens({ page, line }: Seat, link: string): Promise<void> {
  const { pathname, hash } = new URL(link);
  await page.goto(`${line.url}${pathname}${hash}`);
}

/** The link that the page shows, whose address holds these words. */
async function shown(page: Page, words: string): Promise<string> {
  return page.locator("pre", { hasText: words }).innerText();
}

test("a colleague joins, forgets the password, and comes in again", async () => {
  const olive = await Agent.signIn(crowd, OWNER);
  await olive.page.goto(`${olive.seat.line.url}/settings/agents`);
  await olive.page.getByRole("button", { name: "Invite" }).click();
  await olive.page.getByLabel("Name", { exact: true }).fill(NORA.name);
  await olive.page.getByLabel("E-mail").fill(NORA.email);
  await olive.page.getByRole("button", { name: "Invite" }).click();
  const invitation = await shown(olive.page, "/invitation#");

  const atWork = await crowd.seat("Nora");
  await opens(atWork, invitation);
  await expect.poll(() => atWork.page.getByLabel("Your name").inputValue()).toBe(NORA.name);
  await atWork.page.getByLabel("Password", { exact: true }).fill("something long");
  await atWork.page.getByRole("button", { name: "Join the team" }).click();
  await atWork.page.getByRole("navigation", { name: "Folders" }).waitFor();

  const late = await crowd.seat("somebody else");
  await opens(late, invitation);
  await late.page.getByRole("heading", { name: "This link is no longer good" }).waitFor();
  await crowd.picture("joined");

  await olive.page.reload();
  await olive.page.getByRole("button", { name: `Edit ${NORA.name}` }).click();
  await olive.page.getByRole("button", { name: "Make a link for a new password" }).click();
  const link = await shown(olive.page, "/password#");
  const atHome = await crowd.seat("Nora at home");
  await opens(atHome, link);
  await atHome.page.getByText(NORA.email).waitFor();
  await atHome.page.getByLabel("Password", { exact: true }).fill(NORA.password);
  await atHome.page.getByRole("button", { name: "Save and sign in" }).click();
  await atHome.page.getByRole("navigation", { name: "Folders" }).waitFor();
  // Whoever was in with the old password is out, without doing anything.
  await atWork.page.getByRole("button", { name: "Sign in" }).waitFor();
  await crowd.picture("in again");
  await Agent.signIn(crowd, NORA);
});
