/** What an agent sees of bots and does with them, and how an admin sets one up. */
import type { Locator, Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { desks, type Opened, ORIGIN, shot } from "./page";
import { BOTS, botSays, withBots } from "./with-bots";

const desk = desks();
const ROOMY = { viewport: { width: 1440, height: 900 } };

async function withRobo(prepare: (hub: Opened["hub"]) => void = () => undefined): Promise<Opened> {
  const made = await desk(
    `/inbox/${BOTS}`,
    (hub) => {
      withBots(hub);
      prepare(hub);
    },
    ROOMY,
  );
  await made.page.locator(".dk-bot-badge").waitFor();
  return made;
}

const bot = (page: Page, name: string): Locator => page.locator(".dk-bot", { hasText: name });
const badge = (page: Page): Locator => page.locator(".dk-bot-badge");

describe("bots in a conversation", () => {
  it("speak by their names, with their formatting, and their buttons are the customer's", async () => {
    const { page, hub } = await withRobo(botSays);
    const message = page.locator(".sb-message--bot").first();
    await message.getByText("Robo").waitFor();
    expect(await message.locator("strong").textContent()).toBe("today until 18:00 🚲");
    expect(await message.locator("strong em").textContent()).toBe("18:00");
    const map = message.getByRole("link", { name: "the map" });
    expect([await map.getAttribute("href"), await map.getAttribute("rel")]).toEqual([
      "https://maps.example/quay",
      "noopener noreferrer nofollow ugc",
    ]);
    const covered = message.getByRole("button", { name: "Hidden words" });
    await covered.click();
    await expect.poll(() => message.getByRole("button", { name: "Hidden words" }).count()).toBe(0);
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe("4711");
    const buttons = message.getByRole("list", { name: "Buttons that the customer has" });
    expect(await buttons.textContent()).toContain("Yes, that helps");
    expect(await buttons.locator("button, a").count()).toBe(0);
    await page.getByText("pressed “Yes, that helps”").waitFor();
    expect(await buttons.locator("[data-pressed]").allTextContents()).toEqual(["Yes, that helps(pressed)"]);
    expect(await page.locator(`.sb-row[href*="${BOTS}"]`).textContent()).toContain("Robo");
    hub.signal({
      signal: "typing",
      conversation_id: BOTS,
      who: { kind: "bot", id: "bot-robo" },
      on: true,
      note: false,
      ttl_ms: 6_000,
    });
    await page.locator(".sb-typing", { hasText: "Robo is typing" }).waitFor();
    await badge(page).getByText("Robo is typing").waitFor();
  });

  it("are seen at a glance, and blocked for a while with the way back", async () => {
    const { page, hub } = await withRobo();
    expect(await badge(page).textContent()).toBe("Robo answers");
    expect(await bot(page, "Order helper").textContent()).toContain("Next in line");
    await bot(page, "Robo").getByRole("button", { name: "Block Robo" }).click();
    await page.getByRole("menuitem", { name: "For 1 hour" }).click();
    await bot(page, "Robo").getByText("Blocked until").waitFor();
    await bot(page, "Robo").getByText("By Anna de Vries").waitFor();
    expect(await badge(page).textContent()).toBe("Order helper answers");
    await page.locator(".sb-system", { hasText: "Anna de Vries blocked Robo until" }).waitFor();
    await page.locator(".sb-toast").getByRole("button", { name: "Undo" }).click();
    await expect.poll(() => badge(page).textContent()).toBe("Robo answers");
    expect(hub.bots.told.map((one) => one.do)).toEqual(["block_bot", "unblock_bot"]);
    const [blocked] = hub.bots.told;
    const minutes = blocked?.do === "block_bot" ? ((blocked.until ?? 0) - hub.now()) / 60_000 : 0;
    expect(Math.round(minutes)).toBe(60);
  });

  it("are all blocked by a key, let free by it again, and asked by another", async () => {
    const { page, hub } = await withRobo();
    await page.keyboard.press("b");
    await expect.poll(() => badge(page).textContent()).toBe("People answer");
    await page.locator(".sb-toast", { hasText: "All bots are blocked here" }).waitFor();
    await page.keyboard.press("w");
    await bot(page, "Robo").getByText("no answer yet").waitFor();
    expect(await badge(page).textContent()).toBe("Robo was asked");
    await page.keyboard.press("b");
    await bot(page, "Order helper").getByText("Next in line").waitFor();
    hub.bots.set(BOTS, "bot-robo", { asked_at: null });
    await expect.poll(() => badge(page).textContent()).toBe("Robo answers");
    await page.keyboard.press("z");
    await expect.poll(() => badge(page).textContent()).toBe("People answer");
    await page.keyboard.press("Control+k");
    await page.getByRole("dialog", { name: "Find anything" }).waitFor();
    await page.keyboard.type("unblock all");
    await page.keyboard.press("Enter");
    await expect.poll(() => badge(page).textContent()).toBe("Robo answers");
  });

  it("that are blocked for a time stay so when the key blocks the others and lets them in again", async () => {
    const { page } = await withRobo();
    await bot(page, "Robo").getByRole("button", { name: "Block Robo" }).click();
    await page.getByRole("menuitem", { name: "For 15 minutes" }).click();
    await expect.poll(() => badge(page).textContent()).toBe("Order helper answers");
    await page.keyboard.press("b");
    await expect.poll(() => badge(page).textContent()).toBe("People answer");
    await page.keyboard.press("b");
    await expect.poll(() => badge(page).textContent()).toBe("Order helper answers");
    await bot(page, "Robo").getByText("Blocked until").waitFor();
    // One way back stands there: that of what was done last.
    expect(await page.locator(".sb-toast").getByRole("button", { name: "Undo" }).count()).toBe(1);
    await page.keyboard.press("z");
    await expect.poll(() => badge(page).textContent()).toBe("People answer");
  });

  it("are found by what they are, each by itself; settings only by whoever has them", async () => {
    const { page, hub } = await withRobo((one) => Object.assign(one.me, { role: "agent" }));
    const find = async (words: string): Promise<string[]> => {
      await page.keyboard.press("Control+k");
      const dialog = page.getByRole("dialog", { name: "Find anything" });
      await dialog.waitFor();
      await page.keyboard.type(words);
      return dialog.getByRole("option").allTextContents();
    };
    const found = await find("bot");
    expect(found.filter((one) => one.includes("Settings"))).toEqual([]);
    expect(found.some((one) => one.includes("Ask Robo to answer now"))).toBe(true);
    await page.keyboard.press("Escape");
    await find("bot helper 15");
    await page.keyboard.press("Enter");
    await bot(page, "Order helper").getByText("Blocked until").waitFor();
    expect(hub.bots.told.map(({ do: does, bot_id }) => [does, bot_id])).toEqual([["block_bot", "bot-orders"]]);
  });

  it("are blocked by the one that handed over, and the line and the panel say who did", async () => {
    const { page, hub } = await withRobo();
    const robo = { kind: "bot" as const, id: "bot-robo" };
    hub.bots.blocks(BOTS, "bot-robo", "handed_over", robo);
    hub.bots.blocks(BOTS, "bot-orders", "handed_over", robo);
    await bot(page, "Robo").getByText("It handed over to the team").waitFor();
    await bot(page, "Order helper").getByText("Robo handed over to the team").waitFor();
    await bot(page, "Order helper").getByText("Until the case closes").waitFor();
    await page.locator(".sb-system", { hasText: "Robo handed over to the team, so Order helper is blocked" }).waitFor();
    expect(await page.getByText("Order helper handed over").count()).toBe(0);
  });

  it("leave a mark in the list where a customer waits for a person, at once and until that is over", async () => {
    const { page, hub } = await withRobo(botSays);
    const mark = page.locator(`.sb-row[href*="${BOTS}"]`).getByText("Waits for a person");
    const waits = (asked_person: boolean): void =>
      hub.push({
        event: "conversation_changed",
        conversation_id: BOTS,
        patch: { asked_person },
        by: { kind: "system" },
        lines: [],
      });
    expect(await mark.count()).toBe(0);
    waits(true);
    await mark.waitFor();
    await shot(page, "row-waits");
    waits(false);
    await mark.waitFor({ state: "detached" });
  });

  it("that answer at certain times alone are said to, and are not next in line", async () => {
    const { page, hub } = await withRobo();
    hub.bots.set(BOTS, "bot-robo", { answers: "outside_hours" } as object);
    await bot(page, "Robo").getByText("Only outside business hours").waitFor();
    await bot(page, "Order helper").getByText("Answers", { exact: true }).waitFor();
    expect(await badge(page).textContent()).toBe("Order helper answers");
    hub.bots.set(BOTS, "bot-robo", { asked_at: hub.now() });
    await expect.poll(() => badge(page).textContent()).toBe("Robo was asked");
  });

  it("say why they are quiet, and may be let answer again", async () => {
    const { page, hub } = await withRobo();
    hub.bots.blocks(BOTS, "bot-robo", "answered", { kind: "agent", id: "agent-ben" });
    await bot(page, "Robo").getByText("Ben Okafor answered").waitFor();
    await page.locator(".sb-system", { hasText: "Ben Okafor took over from Robo" }).waitFor();
    hub.bots.set(BOTS, "bot-orders", { failing: true });
    await bot(page, "Order helper").getByText("Cannot be reached").waitFor();
    expect(await badge(page).textContent()).toBe("Order helper cannot be reached");
    await bot(page, "Robo").getByRole("button", { name: "Unblock Robo" }).click();
    await bot(page, "Robo").getByText("Answers", { exact: true }).waitFor();
  });

  it("are kept out again by Undo for the reason that there was, and for longer by whoever wants that", async () => {
    const { page, hub } = await withRobo();
    hub.bots.blocks(BOTS, "bot-robo", "answered", { kind: "agent", id: "agent-ben" });
    const robo = bot(page, "Robo");
    await robo.getByText("Ben Okafor answered").waitFor();
    await robo.getByRole("button", { name: "Unblock Robo" }).click();
    await robo.getByText("Answers", { exact: true }).waitFor();
    await page.keyboard.press("z");
    await robo.getByText("Ben Okafor answered").waitFor();
    // Never open in between.
    hub.bots.told.length = 0;
    await robo.getByRole("button", { name: "Block Robo for another time" }).click();
    await page.getByRole("menuitem", { name: "Until I undo it" }).click();
    await robo.getByText("By Anna de Vries").waitFor();
    expect(hub.bots.told.map((one) => one.do)).toEqual(["block_bot"]);
    await page.keyboard.press("z");
    await robo.getByText("Ben Okafor answered").waitFor();
    await page.keyboard.press("Control+k");
    await page.getByRole("dialog", { name: "Find anything" }).waitFor();
    await page.keyboard.type("until I undo");
    await page.keyboard.press("Enter");
    await robo.getByText("By Anna de Vries").waitFor();
    await expect.poll(() => badge(page).textContent()).toBe("People answer");
  });

  it("of which one is refused are done but for that one, which is named, and Undo is for the others", async () => {
    const { page, hub } = await withRobo();
    hub.bots.refusesFor = "bot-orders";
    await page.keyboard.press("b");
    await page.locator(".sb-toast--danger", { hasText: "Order helper: not changed." }).waitFor();
    await page.locator(".sb-toast", { hasText: "Robo is blocked here" }).waitFor();
    await expect.poll(() => badge(page).textContent()).toBe("Order helper answers");
    await page.keyboard.press("z");
    await expect.poll(() => badge(page).textContent()).toBe("Robo answers");
  });

  it("are those of now when an admin puts others into the inbox", async () => {
    const { page, hub } = await withRobo();
    hub.bots.changed(hub.bots.add("bot-new", "Newcomer"));
    await bot(page, "Newcomer").getByText("Next in line").waitFor();
    const [robo] = hub.bots.all;
    if (robo) hub.bots.changed(Object.assign(robo, { inboxes: [] }));
    await bot(page, "Robo").waitFor({ state: "detached" });
    expect(await badge(page).textContent()).toBe("Order helper answers");
  });

  it("speak with one voice, and not of who types", async () => {
    const { page, hub } = await withRobo();
    const voice = page.locator(".dk-bots ~ [role=status]");
    const typing = {
      signal: "typing",
      conversation_id: BOTS,
      who: { kind: "bot", id: "bot-robo" },
      note: false,
    } as const;
    hub.signal({ ...typing, on: true, ttl_ms: 6_000 });
    await bot(page, "Robo").getByText("Is typing").waitFor();
    expect([await voice.count(), await voice.textContent()]).toEqual([1, ""]);
    hub.bots.blocks(BOTS, "bot-robo", "silent", { kind: "system" });
    await expect.poll(() => voice.textContent()).toBe("Robo: Blocked");
    expect(await page.locator(".dk-bot [role=status]").count()).toBe(0);
  });

  it("are as they were when the hub refuses", async () => {
    const { page, hub } = await withRobo();
    hub.bots.refuses = true;
    await page.keyboard.press("b");
    await page.locator(".sb-toast--danger", { hasText: "Not changed." }).waitFor();
    expect(await badge(page).textContent()).toBe("Robo answers");
  });

  it("show their log of the conversation", async () => {
    const { page } = await withRobo();
    await bot(page, "Robo").getByRole("button", { name: "Log of Robo" }).click();
    const drawer = page.getByRole("dialog", { name: "Log of Robo" });
    await drawer.getByText("Forbidden: bot was blocked by the user").waitFor();
    await page.keyboard.press("Escape");
    await drawer.waitFor({ state: "detached" });
    expect(await page.evaluate(() => document.activeElement?.getAttribute("aria-label"))).toBe("Log of Robo");
  });

  it("are nothing where there are none, and a line that is not known yet breaks nothing", async () => {
    const { page, hub } = await desk("/inbox/C900");
    await page.locator(".sb-message").first().waitFor();
    expect([await badge(page).count(), await page.locator(".dk-bots").count()]).toEqual([0, 0]);
    hub.say("C900", "", { kind: "system", line: { kind: "of_tomorrow" } as never });
    await page.getByText("this page is too old to tell").waitFor();
    await page.keyboard.press("b");
    expect(await page.locator(".sb-toast").count()).toBe(0);
  });
});

const thing = (page: Page, name: string): Locator =>
  page.locator(".dk-thing", { has: page.locator("strong", { hasText: name }) });

async function settings(prepare: (hub: Opened["hub"]) => void = withBots, page = "bots"): Promise<Opened> {
  const made = await desk("/inbox", prepare);
  await made.page.goto(`${ORIGIN}/settings/${page}`);
  await made.page.locator(".dk-settings__head").waitFor();
  return made;
}

describe("setting up bots", () => {
  it("begins with what a bot is, and ends with a token that is shown once", async () => {
    const { page, hub } = await settings(() => undefined);
    await page.getByText("No bot yet").waitFor();
    const shown = page.locator(".dk-code");
    for (const part of ['TOKEN = "TOKEN"', `.base_url("${ORIGIN}/bot")`, `.base_file_url("${ORIGIN}/file/bot")`])
      expect(await shown.textContent()).toContain(part);
    await page.getByRole("button", { name: "New bot" }).click();
    const username = page.getByLabel("User name");
    await page.getByLabel("Name", { exact: true }).fill("Robo helper");
    expect(await username.inputValue()).toBe("robo_helper_bot");
    await username.fill("robo");
    // What was written by hand stays.
    await page.getByLabel("Name", { exact: true }).fill("Robo");
    expect(await username.inputValue()).toBe("robo");
    await page.getByLabel("Shop").check();
    await page.getByLabel("When it answers in Shop").selectOption("nobody_online");
    await shot(page, "bot-new");
    await page.getByRole("button", { name: "Create bot" }).click();
    await page.getByRole("alert").first().waitFor();
    await username.fill("robo_bot");
    await page.getByRole("button", { name: "Create bot" }).click();
    const made = thing(page, "Robo");
    await made.getByText("It is not shown again").waitFor();
    const [token, example] = await made.locator(".dk-code").allTextContents();
    expect(token).toMatch(/^\d+:AAH/);
    expect(example).toContain(`TOKEN = "${token}"`);
    await shot(page, "bot-made");
    expect(hub.bots.all[0]?.inboxes).toEqual([{ inbox_id: "inbox-shop", rank: 0, answers: "nobody_online" }]);
    // Whatever else is pressed: until it was copied, and closed then.
    await made.getByRole("button", { name: "Save" }).click();
    await page.getByText("Saved", { exact: true }).waitFor();
    await made.getByRole("button", { name: "Switch off" }).click();
    await made.getByText("Switched off").waitFor();
    await made.getByRole("button", { name: "Close Robo" }).click();
    await made.getByRole("button", { name: "Edit Robo" }).click();
    expect(await made.locator(".dk-code").first().textContent()).toBe(token);
    await page.evaluate(() => Object.defineProperty(navigator, "clipboard", { value: { writeText: async () => {} } }));
    await made.getByRole("button", { name: "Copy token" }).click();
    await page.getByText("Copied").waitFor();
    expect(await made.locator(".dk-code").count()).toBe(2);
    await made.getByRole("button", { name: "Close Robo" }).click();
    await made.getByRole("button", { name: "Edit Robo" }).click();
    expect(await made.locator(".dk-code").count()).toBe(0);
    expect(await made.getByText(`It ends in ${token?.slice(-4)}.`).count()).toBe(1);
  });

  it("says how each does", async () => {
    const { page } = await settings();
    const helper = thing(page, "Order helper");
    await helper.getByText("502 Bad Gateway").waitFor();
    const line = await helper.locator(".dk-thing__main").textContent();
    for (const part of ["Shop", "orders.example", "3 messages wait", "Last seen"]) expect(line).toContain(part);
    expect(await thing(page, "Robo").textContent()).toContain("Fetches its messages");
    const night = await thing(page, "Night watch").textContent();
    for (const part of ["Switched off", "Help centre", "Never seen", "It has no token"]) expect(night).toContain(part);
  });

  it("asks before a token is void, and before a bot is removed", async () => {
    const { page, hub } = await settings();
    const robo = thing(page, "Robo");
    await robo.getByRole("button", { name: "Edit Robo" }).click();
    await robo.getByRole("button", { name: "New token" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Cancel" }).click();
    expect(await robo.locator(".dk-code").count()).toBe(0);
    await robo.getByRole("button", { name: "New token" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "New token" }).click();
    await robo.getByText("It is not shown again").waitFor();
    await robo.getByRole("button", { name: "Revoke token" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Revoke token" }).click();
    await robo.getByText("It has no token").first().waitFor();
    expect(await robo.locator(".dk-code").count()).toBe(0);
    await robo.getByRole("button", { name: "Switch off" }).click();
    await robo.getByText("Switched off").waitFor();
    expect(hub.bots.all[0]?.off).toBe(true);
    await robo.getByRole("button", { name: "Show log" }).click();
    const log = page.getByRole("dialog", { name: "Log of Robo" });
    await log.getByRole("link", { name: "Open conversation" }).first().waitFor();
    await page.keyboard.press("Escape");
    await robo.getByRole("button", { name: "Remove this bot" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Remove this bot" }).click();
    await robo.waitFor({ state: "detached" });
  });

  it("puts them in the order in which they are asked, and the focus stays", async () => {
    const { page, hub } = await settings();
    const order = page.locator(".dk-order li");
    await expect.poll(() => order.allTextContents()).toEqual(["Robo", "Order helper"]);
    await page.getByRole("button", { name: "Ask Order helper earlier" }).press("Enter");
    await expect.poll(() => order.allTextContents()).toEqual(["Order helper", "Robo"]);
    expect(await page.evaluate(() => document.activeElement?.getAttribute("aria-label"))).toBe(
      "Ask Order helper earlier",
    );
    await expect.poll(() => hub.bots.all.slice(0, 2).map(({ inboxes }) => inboxes[0]?.rank)).toEqual([1, 0]);
    // The inbox's order, at once.
    expect(hub.bots.orders).toEqual([["bot-orders", "bot-robo"]]);
  });

  it("is as it is now, and a save takes nothing back that another has done meanwhile", async () => {
    const { page, hub } = await settings();
    const robo = thing(page, "Robo");
    await robo.getByRole("button", { name: "Edit Robo" }).click();
    await robo.getByLabel("When it answers in Shop").selectOption("first_message");
    const [bot] = hub.bots.all;
    if (bot) bot.inboxes.push({ inbox_id: "inbox-help", rank: 4, answers: "nobody_online" });
    if (bot) hub.bots.changed(Object.assign(bot, { name: "Robo the second", trouble: "504 Gateway Timeout" }));
    await robo.getByText("504 Gateway Timeout").waitFor();
    expect(await robo.getByLabel("When it answers in Shop").inputValue()).toBe("first_message");
    expect(await robo.getByLabel("When it answers in Help centre").inputValue()).toBe("nobody_online");
    await robo.getByRole("button", { name: "Save" }).click();
    await page.getByText("Saved", { exact: true }).waitFor();
    expect(bot?.name).toBe("Robo the second");
    expect(bot?.inboxes.map(({ inbox_id, answers }) => [inbox_id, answers])).toEqual([
      ["inbox-help", "nobody_online"],
      ["inbox-shop", "first_message"],
    ]);
  });

  it("says for each inbox what bots do when people answer", async () => {
    const { page, hub } = await settings(withBots, "inboxes");
    const shop = thing(page, "Shop");
    await shop.getByRole("button", { name: "Edit Shop" }).click();
    const rules = shop.locator(".dk-part", { hasText: "Bots and people" });
    expect(await rules.getByLabel("When somebody of the team has answered").inputValue()).toBe("undone");
    await rules.getByLabel("When somebody of the team has answered").selectOption("60");
    await rules.getByLabel("once the case is closed").uncheck();
    await rules.getByLabel("Seconds that a customer waits").fill("20");
    await rules.getByRole("button", { name: "Save" }).click();
    await page.getByText("Saved", { exact: true }).waitFor();
    expect(hub.bots.rules).toEqual({ quiet_minutes: 60, back_on_close: false, patience_seconds: 20 });
    expect(await rules.locator(".dk-order li").count()).toBe(2);
  });
});
