// Serves the gallery and opens it in a browser, for the scripts beside this one.
//
// CHROMIUM names the browser; without it the system's own is taken.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { chromium } from "playwright-core";
import { createServer } from "vite";

const DASHBOARD = fileURLToPath(new URL("../../../../hub/dashboard/", import.meta.url));
const BROWSER = process.env.CHROMIUM ?? "/usr/bin/chromium";
const QUIET = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** Runs `work(page, open)`; `open(query)` goes to the gallery with these settings and waits until it is drawn. */
export async function withGallery(work) {
  const server = await createServer({
    root: DASHBOARD,
    configFile: join(DASHBOARD, "vite.gallery.config.ts"),
    logLevel: "error",
    server: { port: 0, host: "127.0.0.1" },
  });
  await server.listen();
  const profile = await mkdtemp(join(tmpdir(), "switchboard-gallery-"));
  const browser = await chromium.launchPersistentContext(profile, {
    executablePath: BROWSER,
    args: QUIET,
    headless: true,
    reducedMotion: "reduce",
  });
  try {
    const page = browser.pages()[0] ?? (await browser.newPage());
    const problems = [];
    page.on("pageerror", (error) => problems.push(String(error)));
    page.on("console", (message) => message.type() === "error" && problems.push(message.text()));
    const open = async (query) => {
      await page.goto(new URL(`gallery.html?${new URLSearchParams(query)}`, server.resolvedUrls.local[0]).href);
      await page.waitForSelector("html[data-ready]");
      await page.evaluate(() =>
        Promise.all(
          document
            .getAnimations()
            .filter((a) => a.effect?.getTiming().iterations === 1)
            .map((a) => a.finished),
        ),
      );
      if (problems.length > 0) throw new Error(`the gallery complains:\n${problems.join("\n")}`);
    };
    await work(page, open);
  } finally {
    await browser.close();
    await server.close();
    await rm(profile, { recursive: true, force: true });
  }
}
