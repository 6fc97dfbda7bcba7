/**
 * The dashboard over 100,000 conversations: how long from a press until what was asked for is painted. A hub of the
 * release build on SQLite and the browser share this machine.
 */
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { flood } from "./flood";
import { type House, openHouse, print, say } from "./house";

const CONVERSATIONS = Number(process.env.CONVERSATIONS ?? 100_000);
const TIMES = 60;
const FOLDERS = ["/closed", "/inbox", "/unread", "/unassigned", "/archived", "/mine"];
const WORDS = ["order", "repair", "pot", "label", "delivery", "thank", "blue", "size", "M2-70", "Nadia"];

let house: House;
let page: Page;

beforeAll(async () => {
  house = await openHouse(CONVERSATIONS);
  page = await house.browser.newPage({ viewport: { width: 1360, height: 850 }, reducedMotion: "reduce" });
  await page.goto(`${house.origin}/`);
  await page.fill("input[type=email]", "astrid@demo.example");
  await page.fill("input[type=password]", "switchboard-demo");
  await page.keyboard.press("Enter");
  await page.waitForSelector("[data-row]");
  await page.evaluate(helpers);
});
afterAll(() => house?.end());

/** In the page: `until` resolves with the milliseconds from `does` until what is `seen` stands on the screen. */
function helpers(): void {
  Object.assign(window, {
    until: (does: () => void, seen: () => boolean) =>
      new Promise<number>((resolve) => {
        const begun = performance.now();
        does();
        const look = (): void => {
          // Painted after the frame in which it was first there.
          if (seen()) requestAnimationFrame(() => resolve(performance.now() - begun));
          else requestAnimationFrame(look);
        };
        requestAnimationFrame(look);
      }),
  });
}
declare const until: (does: () => void, seen: () => boolean) => Promise<number>;

test("a folder is opened", async () => {
  const times: number[] = [];
  for (let n = 0; n < TIMES; n += 1) {
    const path = FOLDERS[n % FOLDERS.length] ?? "/inbox";
    const took = await page.evaluate(async (path) => {
      const link = document.querySelector<HTMLAnchorElement>(`a[href="${path}"]`);
      if (!link) throw new Error(`no folder ${path}`);
      // The rows of the list before are marked, to be told from the ones that come.
      for (const row of document.querySelectorAll("[data-row]")) row.setAttribute("data-before", "");
      const old = document.querySelector("[data-row]")?.getAttribute("data-id");
      return until(
        () => link.click(),
        () => {
          const row = document.querySelector("[data-row]");
          return link.getAttribute("aria-current") === "page" && row !== null && row.getAttribute("data-id") !== old;
        },
      );
    }, path);
    times.push(took);
    await page.waitForTimeout(150);
  }
  say("open a folder", times, 100);
});

test("a conversation is opened", async () => {
  await page.click('a[href="/closed"]');
  await page.waitForTimeout(500);
  const times: number[] = [];
  for (let n = 0; n < TIMES; n += 1) {
    const took = await page.evaluate(async (n) => {
      const list = document.querySelector(".dk-virtual");
      if (n % 8 === 7 && list) {
        list.scrollTop += 600;
        await new Promise((resolve) => setTimeout(resolve, 200));
      }
      const rows = [...document.querySelectorAll<HTMLElement>("[data-row]")];
      const box = list?.getBoundingClientRect();
      const inSight = rows.filter((row) => {
        const { top, bottom } = row.getBoundingClientRect();
        return box !== undefined && top >= box.top && bottom <= box.bottom;
      });
      const row = inSight[n % 8];
      const link = row?.querySelector<HTMLAnchorElement>("a[href]");
      if (!link) throw new Error("no row in sight");
      const end = link.getAttribute("href")?.split("?")[0] ?? "";
      const before = document.querySelector(".sb-message");
      return until(
        () => link.click(),
        () => {
          const message = document.querySelector(".sb-message");
          return location.pathname === end && message !== null && message !== before;
        },
      );
    }, n);
    times.push(took);
    await page.waitForTimeout(150);
  }
  say("open a conversation", times, 100);
});

test("words are searched", async () => {
  await page.goto(`${house.origin}/search?q=`);
  await page.waitForSelector("input[type=search]");
  await page.evaluate(helpers);
  const times: number[] = [];
  for (let n = 0; n < TIMES; n += 1) {
    const took = await page.evaluate(
      async (words) => {
        const field = document.querySelector<HTMLInputElement>("input[type=search]");
        if (!field) throw new Error("no field");
        const said = (): string => document.querySelector(".dk-list [role=status]")?.textContent ?? "";
        const old = document.querySelector("[data-row]");
        for (const row of document.querySelectorAll("[data-row]")) row.setAttribute("data-before", "");
        return until(
          () => {
            field.value = words;
            field.dispatchEvent(new Event("input", { bubbles: true }));
          },
          () => {
            const asked = new URLSearchParams(location.search).get("q") === words;
            const row = document.querySelector("[data-row]");
            return asked && said() !== "" && (row === null || row !== old);
          },
        );
      },
      WORDS[n % WORDS.length] ?? "",
    );
    times.push(took);
    await page.waitForTimeout(200);
  }
  say("search, from the key", times, 100);
});

test("ten thousand rows are scrolled", async () => {
  await page.goto(`${house.origin}/closed`);
  await page.waitForSelector("[data-row]");
  const { frames, rows } = await page.evaluate(async () => {
    const list = document.querySelector(".dk-virtual");
    if (!list) throw new Error("no list");
    const frames: number[] = [];
    let last = performance.now();
    let farthest = 0;
    for (let frame = 0; farthest < 10_000 && frame < 20_000; frame += 1) {
      list.scrollTop += 400;
      await new Promise(requestAnimationFrame);
      const now = performance.now();
      frames.push(now - last);
      last = now;
      const rows = document.querySelectorAll("[data-row]");
      farthest = Math.max(farthest, Number(rows[rows.length - 1]?.getAttribute("aria-posinset") ?? 0));
    }
    return { frames, rows: farthest };
  });
  expect(rows).toBeGreaterThanOrEqual(Math.min(10_000, CONVERSATIONS * 0.8));
  say(`scroll ${rows} rows, a frame`, frames, 50);
  print(`frames over 50 ms: ${frames.filter((ms) => ms > 50).length} of ${frames.length}`);
});

test("somebody types while 200 events a second come", async () => {
  await page.goto(`${house.origin}/inbox`);
  await page.waitForSelector("[data-row]");
  await page.click("[data-row] a");
  await page.waitForSelector(".sb-composer textarea, .sb-composer [contenteditable]");
  const quiet = await typed();
  const coming = await flood(house.origin, "demo-fjord-and-field", 200);
  await page.waitForTimeout(2_000);
  const busy = await typed();
  print(`${coming.stop()} messages came`);
  say("a key's delay, nothing comes", quiet, 50);
  say("a key's delay, 200 events a second", busy, 50);
});

/** The delay of each key: from the press until the page begins to deal with it. */
async function typed(): Promise<number[]> {
  await page.evaluate(() => {
    const delays: number[] = [];
    Object.assign(window, { delays });
    const note = (event: KeyboardEvent): void => void delays.push(performance.now() - event.timeStamp);
    window.addEventListener("keydown", note, { capture: true });
    Object.assign(window, { stopNoting: () => window.removeEventListener("keydown", note, { capture: true }) });
  });
  await page.click(".sb-composer textarea, .sb-composer [contenteditable]");
  await page.keyboard.type("We are looking for it and shall tell you by tomorrow noon where it is. ".repeat(3), {
    delay: 45,
  });
  return page.evaluate(() => {
    const noted = window as unknown as { delays: number[]; stopNoting(): void };
    noted.stopNoting();
    return noted.delays;
  });
}
