/** The widget on a slow phone: a quarter of the processor, and a slow mobile network. */
import { afterAll, beforeAll, test } from "vitest";
import { type House, openHouse, say } from "./house";

const TIMES = 10;
/** What DevTools calls slow 4G: bytes a second, and the way there and back in milliseconds. */
const SLOW = { offline: false, latency: 150, downloadThroughput: 180_000, uploadThroughput: 84_000 };

let house: House;
beforeAll(async () => {
  house = await openHouse(0);
});
afterAll(() => house?.end());

test("a page with the widget is loaded, and the chat is opened", async () => {
  const blocked: number[] = [];
  const shifts: number[] = [];
  const opened: number[] = [];
  for (let n = 0; n < TIMES; n += 1) {
    const context = await house.browser.newContext({
      viewport: { width: 360, height: 720 },
      hasTouch: true,
      isMobile: true,
      deviceScaleFactor: 2,
    });
    const page = await context.newPage();
    const devtools = await context.newCDPSession(page);
    await devtools.send("Network.enable");
    await devtools.send("Network.emulateNetworkConditions", SLOW);
    await devtools.send("Emulation.setCPUThrottlingRate", { rate: 4 });
    await page.addInitScript(() => {
      const seen = { blocked: 0, shift: 0 };
      Object.assign(window, { seen });
      new PerformanceObserver((list) => {
        for (const task of list.getEntries()) seen.blocked += Math.max(0, task.duration - 50);
      }).observe({ type: "longtask", buffered: true });
      new PerformanceObserver((list) => {
        for (const shift of list.getEntries()) seen.shift += (shift as unknown as { value: number }).value;
      }).observe({ type: "layout-shift", buffered: true });
    });
    await page.goto(`${house.origin}/demo`, { waitUntil: "load" });
    await page.waitForTimeout(3_000);
    const loaded = await page.evaluate(() => (window as unknown as { seen: { blocked: number; shift: number } }).seen);
    blocked.push(loaded.blocked);
    const begun = performance.now();
    await page.evaluate(() => (window as unknown as { Switchboard(verb: string): void }).Switchboard("open"));
    const panel = page.frameLocator("iframe");
    await panel.locator("textarea").waitFor({ timeout: 30_000 });
    opened.push(performance.now() - begun);
    const after = await page.evaluate(() => (window as unknown as { seen: { blocked: number; shift: number } }).seen);
    shifts.push(after.shift);
    await context.close();
  }
  say("the page's blocking time, loading", blocked, 50);
  say("layout shift (without a unit), loading and opening", shifts, 0.001);
  say("the chat is there after a press", opened, 5_000);
});
