/** What an agent sees of bots and does with them, and how an admin sets one up. */
import type { Locator, Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { desks, type Opened } from "./page";
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
    await page.keyboard.type("unblock all");
    await page.keyboard.press("Enter");
    await expect.poll(() => badge(page).textContent()).toBe("Robo answers");
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
