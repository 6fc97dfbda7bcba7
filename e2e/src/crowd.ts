/** The people of a story: one browser, a context and a line of their own for each, pictures of what they see. */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";

import { Line } from "./line.js";

/** What a person waits for shows within this, or the story fails. Generous: two cores carry everybody. */
export const PATIENCE_MS = 15_000;

/** Chromium as it starts on a machine without a display, and without asking its maker's servers for anything. */
const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

export interface Seat {
  context: BrowserContext;
  page: Page;
  line: Line;
}

export class Crowd {
  #seats: (Seat & { name: string })[] = [];
  #pictures = 0;

  private constructor(
    private readonly browser: Browser,
    /** The deployment that everybody's line leads to. */
    private readonly target: string,
    private readonly story: string,
  ) {}

  static async gather(target: string, story: string): Promise<Crowd> {
    const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: FLAGS });
    return new Crowd(browser, target, story);
  }

  /** A fresh browser profile for one person, in English, with a network of its own. */
  async seat(name: string): Promise<Seat> {
    const line = await Line.to(this.target);
    const context = await this.browser.newContext({ locale: "en-GB", viewport: { width: 1360, height: 860 } });
    context.setDefaultTimeout(PATIENCE_MS);
    const seat = { name, line, context, page: await context.newPage() };
    this.#seats.push(seat);
    return seat;
  }

  /** A picture of what each person sees now, into the folder that STORY_PICTURES names; without one, none. */
  async picture(title: string): Promise<void> {
    const folder = process.env.STORY_PICTURES;
    if (!folder) return;
    await mkdir(folder, { recursive: true });
    const number = String(++this.#pictures).padStart(2, "0");
    for (const { name, page } of this.#seats) {
      const file = `${this.story}-${number}-${title}-${name}.png`.replaceAll(/[^\w.-]+/g, "-");
      await page.screenshot({ path: join(folder, file) });
    }
  }

  async leave(): Promise<void> {
    await this.browser.close();
    await Promise.all(this.#seats.map(({ line }) => line.close()));
  }
}
