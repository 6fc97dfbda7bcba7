/** What every story of the widget has: a hub, a site on another origin, Chromium, and what a visitor does there. */

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { type Browser, chromium, type Frame, type Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach } from "vitest";

import { FakeHub, startSite } from "./fake-hub.js";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const SHOTS = process.env.SHOTS;
/** One pixel. */
export const PNG = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
  "base64",
);

let browser: Browser;
/** Of the test that runs. */
export let hub: FakeHub;
export let site: Awaited<ReturnType<typeof startSite>>;
export let page: Page;
/** What the console called an error. */
export let problems: string[];

export function stage() {
  beforeAll(async () => {
    browser = await chromium.launch({
      executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
      args: ["--no-sandbox"],
    });
  });
  afterAll(() => browser.close());

  beforeEach(async () => {
    hub = await FakeHub.start();
    site = await startSite(hub.origin);
  });
  afterEach(async () => {
    await page.context().close();
    await site.stop();
    await hub.stop();
  });
}

/** Another site in the place of the one that every test has. */
export async function siteWith(attributes: string, lang?: string) {
  await site.stop();
  site = await startSite(hub.origin, attributes, lang);
}

export async function visit(options: Parameters<Browser["newContext"]>[0] = {}, path = "/") {
  const context = await browser.newContext({ viewport: { width: 1000, height: 760 }, ...options });
  page = await context.newPage();
  problems = [];
  page.on("console", (message) => message.type() === "error" && problems.push(message.text()));
  page.on("pageerror", (error) => problems.push(String(error)));
  await page.goto(site.origin + path);
}

export const launcher = (name = "Open chat") => page.getByRole("button", { name });
export const panel = () => page.frameLocator("iframe");
export const field = () => panel().getByRole("textbox");

export async function openChat() {
  await launcher().click();
  await field().waitFor();
}

export async function say(text: string) {
  await field().fill(text);
  await field().press("Enter");
}

export async function pick(name: string, mimeType: string) {
  await frame()
    .locator("input[type=file]")
    .setInputFiles([{ name, mimeType, buffer: PNG }]);
}

export function frame(): Frame {
  const found = page.frames().find((each) => each.url().includes("/widget/panel"));
  if (!found) throw new Error("the panel is not open");
  return found;
}

export async function axe() {
  // The test's own script: it comes past the policy by the debugger.
  const run = `${AXE}; axe.run(document, { resultTypes: ["violations"] }).then((r) => r.violations.map((v) => v.id + ": " + v.nodes.map((n) => n.html).join(" ")))`;
  return [...((await page.evaluate(run)) as string[]), ...((await frame().evaluate(run)) as string[])];
}

export async function shot(name: string) {
  // Motion is over.
  await page.waitForTimeout(SHOTS ? 400 : 0);
  if (SHOTS) await page.screenshot({ path: `${SHOTS}/${name}.png` });
}
