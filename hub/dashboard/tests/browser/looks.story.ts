/** Each screen in each look: axe finds nothing, nothing is wider than the window, and the picture is kept to be looked at. */
import { mkdirSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { browser, ORIGIN, open } from "./page";
import { workspace } from "./workspace";

const AXE = createRequire(import.meta.url).resolve("axe-core/axe.min.js");
/** Where the pictures go; none are kept if it is not given. */
const PICTURES = process.env.PICTURES;

const DESK = { width: 1280, height: 800 };
const PHONE = { width: 360, height: 740 };

interface Look {
  readonly name: string;
  readonly language: "en" | "ar";
  readonly options: BrowserContextOptions;
}

const LOOKS: readonly Look[] = (["light", "dark"] as const).flatMap((colorScheme) =>
  ([DESK, PHONE] as const).flatMap((viewport) =>
    (["en", "ar"] as const).map((language) => ({
      name: `${colorScheme}-${viewport.width}-${language}`,
      language,
      options: { colorScheme, viewport, ...(viewport === PHONE ? { hasTouch: true, isMobile: true } : {}) },
    })),
  ),
);

const SCREENS: readonly {
  readonly name: string;
  readonly path: string;
  readonly ready: string;
  readonly out?: boolean;
  act?(page: Page): Promise<void>;
}[] = [
  { name: "sign-in", path: "/", ready: "input[type=password]", out: true },
  { name: "set-up", path: "/setup#token", ready: "input[type=password]", out: true },
  { name: "invitation", path: "/invite#token", ready: "input[type=password]", out: true },
  { name: "list", path: "/inbox", ready: ".sb-row" },
  { name: "thread", path: "/inbox/C900", ready: ".sb-message" },
  {
    name: "customer",
    path: "/inbox/C900",
    ready: ".sb-message",
    act: async (page) => {
      if (!(await page.locator(".dk-customer").isVisible())) await page.keyboard.press("p");
      await page.waitForSelector(".dk-customer .dk-in-place");
    },
  },
  { name: "note", path: "/inbox/C898", ready: ".sb-message", act: (page) => page.keyboard.press("n") },
  { name: "palette", path: "/inbox/C900", ready: ".sb-message", act: (page) => page.keyboard.press("Control+k") },
  { name: "assign", path: "/inbox/C900", ready: ".sb-message", act: (page) => page.keyboard.press("a") },
  { name: "keys", path: "/inbox", ready: ".sb-row", act: (page) => page.keyboard.press("?") },
  { name: "search", path: "/search?q=parcel", ready: ".sb-row" },
  { name: "empty", path: "/spam", ready: ".sb-empty" },
  {
    name: "inboxes",
    path: "/settings/inboxes",
    ready: ".dk-thing",
    act: async (page) => {
      await page.locator(".dk-thing button").first().click();
      await page.waitForSelector(".dk-code");
    },
  },
  { name: "agents", path: "/settings/agents", ready: ".dk-thing" },
  {
    name: "teams",
    path: "/settings/teams",
    ready: ".dk-thing",
    act: (page) => page.locator(".dk-thing button").first().click(),
  },
  { name: "sessions", path: "/settings/sessions", ready: ".dk-thing" },
  { name: "tokens", path: "/settings/tokens", ready: ".dk-thing" },
  { name: "password", path: "/settings/password", ready: "input[type=password]" },
];

interface Finding {
  readonly id: string;
  readonly nodes: readonly { readonly target: readonly string[]; readonly failureSummary: string }[];
}

async function findings(page: Page): Promise<string[]> {
  await page.evaluate(await readFile(AXE, "utf8"));
  const violations = (await page.evaluate(
    "axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] }).then((r) => r.violations)",
  )) as Finding[];
  return violations.flatMap((one) =>
    one.nodes.map((node) => `${one.id}: ${node.target.join(" ")}: ${node.failureSummary.replace(/\s+/g, " ")}`),
  );
}

let chrome: Browser;
beforeAll(async () => {
  chrome = await browser();
  if (PICTURES) mkdirSync(PICTURES, { recursive: true });
});
afterAll(() => chrome.close());

describe.each(LOOKS)("$name", ({ name, language, options }) => {
  it.each(SCREENS)("$name", async (screen) => {
    const hub = workspace(() => Date.now());
    hub.signedIn = screen.out !== true;
    const { page, complaints } = await open(chrome, hub, options);
    await page.addInitScript((chosen) => localStorage.setItem("switchboard.language", chosen), language);
    await page.goto(ORIGIN + screen.path);
    await page.waitForSelector(screen.ready);
    await screen.act?.(page);
    await page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))");
    if (PICTURES) await page.screenshot({ path: `${PICTURES}/${screen.name}-${name}.png` });
    expect(await findings(page)).toEqual([]);
    expect(await page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")).toBe(
      true,
    );
    expect(complaints).toEqual([]);
    await page.context().close();
  });
});
