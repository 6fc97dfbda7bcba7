/** A long conversation of mails that look as they were sent: what one reads stays where it is while they are loaded. */
import type { Message } from "@switchboard/protocol";
import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { MAIL, withChannels } from "./channels";
import type { FakeHub } from "./fake-hub";
import { desks } from "./page";

const desk = desks();

/** Higher than a mail is before it is loaded, px. */
const HIGH = 800;
const LETTER = `<!doctype html><html><head><style>body{display:flow-root;margin:0}</style></head><body><table><tr><td><p style="height:900px">Sale</p></td></tr></table></body></html>`;
const LETTERS = 20;

function withLetters(hub: FakeHub): void {
  withChannels(hub);
  const messages = hub.messages.get(MAIL) ?? [];
  const shown = messages.find(({ mail }) => mail?.html) as Message;
  const before = messages.length;
  for (let place = 1; place <= LETTERS; place++) {
    const number = before + place;
    const id = `${MAIL}-${number}`;
    messages.push({ ...shown, id, number, at: shown.at + place * 3_600_000, text: `Letter ${place}`, attachments: [] });
    hub.channels.frames.set(id, () => LETTER);
  }
  const row = hub.rows.get(MAIL);
  const last = before + LETTERS;
  if (row) hub.rows.set(MAIL, { ...row, last_number: last, last_in_number: last, read_number: last });
}

/** From now on no mail is loaded until it is let go. */
async function held(page: Page): Promise<() => void> {
  let letGo = (): void => undefined;
  const gate = new Promise<void>((done) => (letGo = done));
  await page.route("**/api/messages/*/frame", async (route) => {
    await gate;
    return route.fallback();
  });
  await page.reload();
  await page.locator(".dk-thread").getByText(`Letter ${LETTERS}`).waitFor();
  return letGo;
}

/** Quickly up, until the first mail in sight begins above the upper edge and ends so far below it; which it is. */
function scrollUp(page: Page, ends: number): Promise<number> {
  return page.locator(".dk-thread").evaluate(async (list, ends) => {
    const frame = () => new Promise((done) => requestAnimationFrame(done));
    for (let step = 0; step < 4; step++) {
      list.scrollBy(0, -350);
      await frame();
    }
    const upper = list.getBoundingClientRect().top;
    const all = [...list.querySelectorAll("article")];
    const at = all.findIndex((one) => one.getBoundingClientRect().bottom > upper);
    list.scrollBy(0, (all[at] as Element).getBoundingClientRect().bottom - upper - ends);
    await frame();
    return at;
  }, ends);
}

function placeOf(page: Page, at: number) {
  return page.locator(".dk-thread").evaluate(
    (list, [at, HIGH]) => {
      const { top, bottom, height } = (list.querySelectorAll("article")[at] as Element).getBoundingClientRect();
      const upper = list.getBoundingClientRect().top;
      return { beginsAbove: top < upper, ends: Math.round(bottom - upper), loaded: height > HIGH };
    },
    [at, HIGH] as const,
  );
}

const allLoaded = (page: Page) =>
  page.locator(".dk-thread").evaluate((list, HIGH) => {
    const frames = [...list.querySelectorAll("iframe")];
    return frames.length > 0 && frames.every((one) => one.clientHeight > HIGH);
  }, HIGH);

describe("a long conversation of mails", () => {
  it("keeps the first mail in sight in its place while it and those around it are loaded", async () => {
    const { page } = await desk(`/inbox/${MAIL}`, withLetters);
    const letGo = await held(page);
    const first = await scrollUp(page, 60);
    expect(await placeOf(page, first)).toEqual({ beginsAbove: true, ends: 60, loaded: false });
    letGo();
    await expect.poll(async () => (await placeOf(page, first)).loaded).toBe(true);
    await expect.poll(() => allLoaded(page)).toBe(true);
    expect(await placeOf(page, first)).toEqual({ beginsAbove: true, ends: 60, loaded: true });
  });

  it("moves by as much as one scrolls, however fast, while mails above are loaded", async () => {
    const { page } = await desk(`/inbox/${MAIL}`, withLetters);
    await page.reload();
    const thread = page.locator(".dk-thread");
    await expect.poll(() => thread.evaluate((list) => list.scrollTop)).toBeGreaterThan(2_000);
    const jumps = await thread.evaluate(async (list) => {
      const STEP = 300;
      // What is painted: a mail may load before a frame, and whoever asks then sees what nobody does.
      let wide = 0;
      let seen = (_: void): void => undefined;
      const probe = list.appendChild(document.createElement("i"));
      probe.style.position = "fixed";
      new ResizeObserver(() => seen()).observe(probe);
      const painted = () =>
        new Promise<void>((done) => {
          seen = done;
          wide = 1 - wide;
          probe.style.inlineSize = `${1 + wide}px`;
        });
      const upper = list.getBoundingClientRect().top;
      const found: number[] = [];
      for (let step = 0; step < 40 && list.scrollTop > STEP; step++) {
        const all = [...list.querySelectorAll("article")];
        const first = all.find((one) => one.getBoundingClientRect().bottom > upper) as Element;
        const edge = () => first.getBoundingClientRect().bottom;
        const before = edge();
        list.scrollBy(0, -STEP);
        await painted();
        await painted();
        const moved = edge() - before;
        if (Math.abs(moved - STEP) > 2) found.push(Math.round(moved));
      }
      return found;
    });
    expect(jumps).toEqual([]);
  });
});
