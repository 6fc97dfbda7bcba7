/** Somebody writes to a shop by the contact form on its page, with scripts and without, and an agent has it. */
import { readFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import { createRequire } from "node:module";
import type { ContactFormSetup, ConversationPage, Inbox, MessagePage } from "@switchboard/protocol";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";

import { Crowd } from "../src/crowd.js";
import { ALONE } from "../src/deployment.js";
import { open, type Workspace } from "../src/workspace.js";

const PATIENCE_MS = 30_000;
const AXE = createRequire(import.meta.url).resolve("axe-core/axe.min.js");
/** A page of the shop without the form and its script. */
const BARE = "/bare";

let workspace: Workspace;
let crowd: Crowd;
let shop: Server;
let form: ContactFormSetup;
let site: string;
let inbox: Inbox;

beforeAll(async () => {
  workspace = await open(ALONE);
  const { owner, deployment } = workspace;
  shop = createServer(({ url }, response) => {
    // The strictest policy that a careful site would have.
    const policy = `default-src 'none'; script-src ${deployment.url}; connect-src ${deployment.url}; form-action ${deployment.url}`;
    response.writeHead(200, { "content-type": "text/html; charset=utf-8", "content-security-policy": policy });
    response.end(`<!doctype html><meta name="viewport" content="width=device-width"><title>Lamps</title>
<meta name="color-scheme" content="light dark"><h1>Write to us</h1>${url === BARE ? "" : form.snippet}`);
  });
  await new Promise<void>((resolve) => shop.listen(0, "127.0.0.1", resolve));
  const address = shop.address();
  if (address === null || typeof address === "string") throw new Error("no port in the address");
  site = `http://127.0.0.1:${address.port}`;
  inbox = await owner.post<Inbox>("/api/inboxes", { name: "Lamps by mail", channel: "email", case_prefix: "L-" });
  const channel = { settings: { kind: "email", address: "help@lamps.example" }, untested: true };
  await owner.send("PUT", `/api/inboxes/${inbox.id}/channel`, channel);
  await set("en");
  crowd = await Crowd.gather(deployment.url, "contact-form");
});
afterAll(async () => {
  await crowd?.leave();
  await workspace?.deployment.stop();
  await new Promise<void>((resolve) => (shop ? shop.close(() => resolve()) : resolve()));
});

async function set(language: string): Promise<void> {
  const asks = { name: "optional", subject: "optional", files: true, confirm: true };
  const settings = { on: true, origins: [site], language, ...asks };
  const saved = await workspace.owner.send("PUT", `/api/inboxes/${inbox.id}/form`, settings);
  form = (await saved.json()) as ContactFormSetup;
}

/** What the team has of the newest case. */
async function newest() {
  const [row] = (await workspace.owner.get<ConversationPage>("/api/conversations")).rows;
  if (!row) return undefined;
  const { messages } = await workspace.owner.get<MessagePage>(`/api/conversations/${row.id}/messages`);
  return { row, first: messages[0] };
}

async function fill(page: Page, email: string, message: string): Promise<void> {
  await page.locator("[name=email]").fill(email);
  await page.locator("[name=message]").fill(message);
}

test("with scripts the answer comes in place, under the page's strict policy", async () => {
  const { page } = await crowd.seat("Maria");
  const troubles: string[] = [];
  page.on("console", (line) => {
    if (line.type() === "error" && !line.text().includes("favicon")) troubles.push(line.text());
  });
  const names = () => page.evaluate(() => Object.keys(window));
  await page.goto(site + BARE);
  const before = await names();
  await page.goto(`${site}/contact?from=footer#here`);
  await fill(page, "help@lamps.example", "Where is my lamp?");
  await page.getByRole("button", { name: "Send" }).click();
  // Our own address is nobody's; what is wrong stands at its field, which has the focus.
  await page.getByText("This is our own address. Please write yours.").waitFor();
  expect(await page.evaluate(() => document.activeElement?.getAttribute("name"))).toBe("email");
  expect(await page.locator("[name=email]").getAttribute("aria-invalid")).toBe("true");
  await crowd.picture("wrong");
  await page.locator("[name=email]").fill("maria@example.nl");
  await page
    .locator("[name=files]")
    .setInputFiles({ name: "lamp.txt", mimeType: "text/plain", buffer: Buffer.from("42") });
  await page.getByRole("button", { name: "Send" }).dblclick();
  await page.getByText("Thank you. Your message is here").waitFor();
  expect(await page.evaluate(() => document.activeElement?.getAttribute("role"))).toBe("status");
  await crowd.picture("thanks");
  await expect.poll(async () => (await newest())?.first?.text, { timeout: PATIENCE_MS }).toBe("Where is my lamp?");
  const found = await newest();
  expect(found?.row.source.url).toBe(`${site}/contact?from=footer`);
  expect(found?.first?.attachments?.map(({ name }) => name)).toEqual(["lamp.txt"]);
  expect(found?.row.last_in_number).toBe(1);
  expect((await names()).filter((name) => !before.includes(name))).toEqual([]);
  // The refusal of our own address is in the console, as every refused request is.
  expect(troubles.filter((line) => !line.includes("422"))).toEqual([]);
});

test("without scripts the hub's page asks once more, on a telephone, in Arabic and in the dark", async () => {
  await set("ar");
  const { page: first, context } = await crowd.seat("Layla");
  const options = { javaScriptEnabled: false, colorScheme: "dark", viewport: { width: 360, height: 740 } } as const;
  const plain = await context.browser()?.newContext(options);
  if (!plain) throw new Error("no browser");
  await first.close();
  try {
    const page = await plain.newPage();
    const picture = async (title: string) => {
      const folder = process.env.STORY_PICTURES;
      if (folder) await page.screenshot({ path: `${folder}/contact-form-plain-${title}.png`, fullPage: true });
    };
    await page.goto(site);
    await fill(page, "layla@example.org", "أين مصباحي؟");
    await picture("page");
    await page.locator("button").click();
    await page.waitForURL(form.address.replace(/^https?:\/\/[^/]+/, "**"));
    expect(await page.locator("[name=message]").inputValue()).toBe("أين مصباحي؟");
    expect(await page.locator("html").getAttribute("dir")).toBe("rtl");
    await picture("moment");
    // Whoever is too quick is asked again, and nothing that was typed is lost.
    for (let tries = 0; (await page.locator("form").count()) > 0 && tries < 20; tries += 1) {
      await page.locator("button").click();
      await page.waitForLoadState();
    }
    await page.getByText("شكرًا لك").waitFor();
    await picture("thanks");
    await expect.poll(async () => (await newest())?.first?.text, { timeout: PATIENCE_MS }).toBe("أين مصباحي؟");
  } finally {
    await plain.close();
  }
});

/** What axe finds, and whether anything is wider than the window. */
async function faults(page: Page): Promise<string[]> {
  await page.evaluate(await readFile(AXE, "utf8"));
  return page.evaluate(async () => {
    const { axe } = window as unknown as {
      axe: { run(): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> };
    };
    const { violations } = await axe.run();
    const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`);
    const { scrollWidth, clientWidth } = document.documentElement;
    return scrollWidth > clientWidth ? [...found, `wider than the window: ${scrollWidth}`] : found;
  });
}

test.each([
  { language: "en", colorScheme: "light", viewport: { width: 1280, height: 800 } },
  { language: "ar", colorScheme: "dark", viewport: { width: 360, height: 740 } },
] as const)("the hub's own pages have no faults, $language $colorScheme", async ({ language, ...look }) => {
  await set(language);
  const { context } = await crowd.seat("Ben");
  const other = await context.browser()?.newContext(look);
  if (!other) throw new Error("no browser");
  try {
    const page = await other.newPage();
    const found: Record<string, string[]> = {};
    const looked = async (title: string) => {
      found[title] = await faults(page);
      const folder = process.env.STORY_PICTURES;
      if (folder) await page.screenshot({ path: `${folder}/contact-form-${title}-${language}.png`, fullPage: true });
    };
    await page.goto(form.address);
    await looked("own");
    await fill(page, "help@lamps.example", "Where is my lamp?");
    await page.locator("button").click();
    await page.locator("[name=email][aria-invalid=true]").waitFor();
    await looked("wrong");
    // As for who runs no scripts: the hub shows what was written, and asks once more.
    await page.route("**/form.js", (route) => route.abort());
    await page.goto(site);
    await fill(page, "ben@example.org", "x".repeat(200));
    await page.locator("button").click();
    await page.locator("[role=alert]").waitFor();
    await looked("moment");
    for (let tries = 0; (await page.locator("form").count()) > 0 && tries < 20; tries += 1) {
      await page.locator("button").click();
      await page.waitForLoadState();
    }
    await page.locator("[role=status]").waitFor();
    await looked("thanks");
    await page.goto(form.address.replace(/[^/]+$/, "nobodys"));
    await looked("gone");
    expect(found).toEqual({ own: [], wrong: [], moment: [], thanks: [], gone: [] });
  } finally {
    await other.close();
  }
});
