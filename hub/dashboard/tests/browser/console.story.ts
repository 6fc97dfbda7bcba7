/** Whoever sets a bot up talks to it: the widget's panel beside what the bot makes of it. */
import { readFile } from "node:fs/promises";
import type { Locator, Page } from "playwright-core";
import { expect, it } from "vitest";
import { desks, type Opened, ORIGIN, shot } from "./page";
import { withBots } from "./with-bots";

const WIDGET = new URL("../../../../widget/dist/", import.meta.url).pathname;
const desk = desks();

const TYPES: Readonly<Record<string, string>> = { html: "text/html", js: "text/javascript", css: "text/css" };
const SETTINGS = { widget_key: "CONSOLE", origins: [], accent: "#2458d3", greeting: "", ask_rating: false };

/** The built panel, and as much of a hub as it needs; the tokens with which it comes. */
async function withPanel(page: Page): Promise<string[]> {
  const tokens: string[] = [];
  await page.route(`${ORIGIN}/widget/panel**`, async (route) => {
    await route.fulfill({ contentType: "text/html", body: await readFile(`${WIDGET}panel/index.html`) });
  });
  await page.route(`${ORIGIN}/widget/panel/assets/**`, async (route) => {
    const { pathname } = new URL(route.request().url());
    const type = TYPES[pathname.split(".").at(-1) ?? ""];
    await route.fulfill({ contentType: type ?? "", body: await readFile(WIDGET + pathname.replace("/widget/", "")) });
  });
  await page.route(`${ORIGIN}/api/visitor/**`, async (route) => {
    const asked = route.request();
    if (asked.url().includes("history"))
      return route.fulfill({
        json: { conversations: [], messages: [], more: false, at: { epoch: "e", position: 1 } },
      });
    const { token } = asked.postDataJSON() as { token: string };
    tokens.push(token);
    return route.fulfill({
      json: { token, identity_id: "I", settings: SETTINGS, inbox_name: "Robo", team_online: true },
    });
  });
  await page.routeWebSocket(/\/ws\/visitor/, () => undefined);
  return tokens;
}

async function talks(name: string, { page }: Opened): Promise<Locator> {
  const bot = page.locator(".dk-thing", { hasText: name });
  await bot.getByRole("button", { name: `Edit ${name}` }).click();
  await bot.getByRole("button", { name: "Talk to it" }).click();
  const drawer = page.getByRole("dialog", { name: `Talk to ${name}` });
  await drawer.waitFor();
  return drawer;
}

async function settings(size: { width: number; height: number }): Promise<Opened & { tokens: string[] }> {
  const made = await desk("/inbox", withBots, { viewport: size });
  const tokens = await withPanel(made.page);
  await made.page.goto(`${ORIGIN}/settings/bots`);
  await made.page.locator(".dk-thing").first().waitFor();
  return { ...made, tokens };
}

it("opens the panel as a visitor of its own, and anew as another one", async () => {
  const made = await settings({ width: 1280, height: 800 });
  const { page, hub, tokens } = made;
  const drawer = await talks("Robo", made);
  const panel = page.frameLocator(".dk-console__panel");
  const field = panel.getByRole("textbox");
  await field.waitFor();
  expect(tokens).toEqual(["talk-1"]);
  await expect.poll(() => field.evaluate((one) => one === document.activeElement)).toBe(true);
  await drawer.getByText("No customer sees it").waitFor();
  await shot(page, "console");
  // Where there is room, what it made of it stands beside it; and what is on its side of the door is said in its place.
  await drawer.getByText("What it called and what was delivered to it").waitFor();
  await drawer.getByText("Forbidden: bot was blocked by the user").waitFor();
  await panel.getByText("Console", { exact: true }).waitFor();
  expect(await panel.getByText(/We are here|How can we help/).count()).toBe(0);

  // What is said there is looked at soon.
  hub.bots.looks = 0;
  await field.fill("Are you there?");
  await field.press("Enter");
  await expect.poll(() => hub.bots.looks, { timeout: 1_800 }).toBeGreaterThan(2);

  const by = { kind: "system" as const };
  const blocked = { why: "silent" as const, by, at: hub.now(), until: null };
  hub.bots.inConsole = { bot_id: "bot-robo", blocked, asked_at: null, failing: false };
  await drawer.getByText("It has not answered for 30 s").waitFor();
  await drawer.getByRole("button", { name: "Begin anew" }).click();
  await expect.poll(() => tokens).toEqual(["talk-1", "talk-2"]);
  await drawer.getByText("No customer sees it").waitFor();
  const kept = await page.evaluate(() => Object.keys(localStorage).filter((name) => name.includes("CONSOLE")));
  expect(kept).toEqual([]);
  await field.press("Escape");
  await expect.poll(() => drawer.count()).toBe(0);
  // Opened again it is the same talk.
  await page.getByRole("button", { name: "Talk to it" }).click();
  await expect.poll(() => tokens).toEqual(["talk-1", "talk-2", "talk-2"]);
});

it("says why a bot would be silent, also on a phone", async () => {
  const made = await settings({ width: 360, height: 740 });
  const { page, hub, tokens } = made;
  const robo = hub.bots.all.find(({ id }) => id === "bot-robo");
  Object.assign(robo ?? {}, { last_seen_at: null });
  const drawer = await talks("Robo", made);
  await drawer.getByText("The bot has not asked for messages yet").waitFor();
  await drawer.getByText(`${ORIGIN}/bot`, { exact: true }).waitFor();
  await page.frameLocator(".dk-console__panel").getByRole("textbox").waitFor();
  expect(await drawer.locator("details").evaluate((log) => (log as HTMLDetailsElement).open)).toBe(false);
  const [wide, box] = [await page.evaluate(() => document.documentElement.scrollWidth), await drawer.boundingBox()];
  expect([wide, box?.width]).toEqual([360, 360]);
  await page.emulateMedia({ colorScheme: "dark" });
  await shot(page, "console-phone-dark");
  await drawer.getByRole("button", { name: "Close" }).click();

  const off = await talks("Night watch", made);
  await off.getByText("It is switched off and is asked nothing").waitFor();
  expect(await off.locator("iframe").count()).toBe(0);
  expect(tokens).toEqual(["talk-1"]);
});
