/** A browser page on the built dashboard with a hub in memory behind it, and the looks that the runs share. */
import { readFile } from "node:fs/promises";
import { extname, join } from "node:path";
import type { AgentFrame } from "@switchboard/protocol";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect } from "vitest";
import type { FakeHub } from "./fake-hub";
import { workspace } from "./workspace";

const DIST = new URL("../../dist/", import.meta.url).pathname;
export const ORIGIN = "http://dashboard.test";
const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".css": "text/css",
  ".svg": "image/svg+xml",
};

/** What the browser says of what the hub refuses, and of scripts in a mail, a test's own among them. */
const FINE = /Failed to load resource|^Blocked script execution/;

export interface Opened {
  readonly page: Page;
  readonly hub: FakeHub;
  /** Cuts the line, and says nothing until it is let on again. */
  offline(yes: boolean): Promise<void>;
  /** What the page complained of. */
  readonly complaints: string[];
}

export type Comes = (
  path?: string,
  prepare?: (hub: FakeHub) => void,
  options?: BrowserContextOptions,
) => Promise<Opened>;

/**
 * The browser of one file of stories, and who comes to an address in it: signed in nowhere, unless `prepare` says so to
 * their hub. After each story its pages close, and none of them may have complained.
 */
export function stories(): Comes {
  let chrome: Browser;
  let opened: Opened[] = [];
  beforeAll(async () => {
    const executablePath = process.env.CHROMIUM ?? "/usr/bin/chromium";
    chrome = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
  });
  afterEach(async () => {
    const of = opened.flatMap(({ complaints }) => complaints);
    await Promise.all(opened.map(({ page }) => page.context().close()));
    opened = [];
    expect(of).toEqual([]);
  });
  afterAll(() => chrome.close());
  return async (path = "/", prepare = () => undefined, options = {}) => {
    const hub = workspace(() => Date.now());
    hub.channels.policy = await MAIL_POLICY;
    prepare(hub);
    const made = await open(chrome, hub, options);
    opened.push(made);
    await made.page.goto(ORIGIN + path);
    return made;
  };
}

/** One who is signed in comes to their desk. */
export function desks(): Comes {
  const comes = stories();
  return async (path = "/inbox", prepare = () => undefined, options) => {
    const made = await comes(
      path,
      (hub) => {
        prepare(hub);
        hub.signedIn = true;
      },
      options,
    );
    await made.page.waitForSelector(".sb-row");
    return made;
  };
}

async function open(chrome: Browser, hub: FakeHub, options: BrowserContextOptions): Promise<Opened> {
  const context = await chrome.newContext({
    viewport: { width: 1280, height: 800 },
    locale: "en-GB",
    timezoneId: "Europe/Amsterdam",
    reducedMotion: "reduce",
    ...options,
  });
  const page = await context.newPage();
  const complaints: string[] = [];
  let cut = false;
  const closers = new Set<() => void>();
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("console", (line) => {
    if (line.type() === "error" && !FINE.test(line.text())) complaints.push(line.text());
  });
  await page.route(`${ORIGIN}/**`, async (route) => {
    const request = route.request();
    const url = new URL(request.url());
    if (!url.pathname.startsWith("/api/")) return route.fulfill(await file(url.pathname));
    if (cut) return route.abort();
    const text = request.postData();
    const body =
      text !== null && (request.headers()["content-type"] ?? "").includes("json") ? JSON.parse(text) : undefined;
    const answer = hub.answer(request.method(), url, body);
    if (answer.bytes)
      return route.fulfill({
        status: answer.status,
        contentType: answer.bytes.type,
        body: answer.bytes.of,
        headers: { "content-security-policy": answer.bytes.policy ?? "sandbox; default-src 'none'" },
      });
    return route.fulfill({
      status: answer.status,
      contentType: "application/json",
      body: answer.body === undefined ? "" : JSON.stringify(answer.body),
    });
  });
  await page.routeWebSocket(/\/ws\/agent/, (socket) => {
    if (cut) return void socket.close();
    const line = hub.open((frame) => socket.send(JSON.stringify(frame)));
    closers.add(() => void socket.close());
    socket.onMessage((text) => line.receive(JSON.parse(String(text)) as AgentFrame));
    socket.onClose(() => line.close());
  });
  return {
    page,
    hub,
    complaints,
    async offline(yes) {
      cut = yes;
      if (yes) for (const close of closers) close();
      closers.clear();
    },
  };
}

async function file(path: string) {
  const name = extname(path) === "" ? "index.html" : path;
  const contentType = TYPES[extname(name)] ?? "application/octet-stream";
  return { body: await readFile(join(DIST, name)), contentType, headers: { "content-security-policy": await POLICY } };
}

/** What the hub lets the page do, and the documents of mails. */
const POLICY = policyIn("pages/mod.rs", "DASHBOARD_POLICY");
const MAIL_POLICY = policyIn("http/mail_frame.rs", "POLICY");

async function policyIn(file: string, name: string): Promise<string> {
  const source = await readFile(new URL(`../../../server/src/${file}`, import.meta.url), "utf8");
  const [, policy] = new RegExp(`${name}: &str = "([^"]+)"`).exec(source) ?? [];
  if (policy === undefined) throw new Error(`${name} is not in ${file} any more`);
  return policy.replace(/\\\n\s*/g, "");
}

/** For the eye, where `SHOTS` names a folder. */
export async function shot(page: Page, name: string): Promise<void> {
  const folder = process.env.SHOTS;
  if (folder) await page.screenshot({ path: `${folder}/${name}.png` });
}
