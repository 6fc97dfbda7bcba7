/** What an agent goes through at the desk, in Chromium, with a hub in memory. */
import type { Agent, ConversationRow, Message } from "@switchboard/protocol";
import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { row } from "../events";
import type { FakeHub } from "./fake-hub";
import { desks, ORIGIN } from "./page";

const desk = desks();

const rowsOf = (count: number) => (hub: FakeHub) => {
  const now = hub.now();
  hub.rowsAtOnce = count + 100;
  for (let place = 0; place < count; place += 1) {
    const id = `X${String(place).padStart(5, "0")}`;
    const contact = { id: `contact-${id}`, name: place % 4 === 0 ? null : "Emma Visser" };
    const text = "Where is my parcel? It should have been here on Tuesday.";
    hub.rows.set(
      id,
      row(id, {
        number: place,
        contact,
        last_activity_at: now - place * 1_000,
        last_number: 1,
        last_in_number: 1,
        tags: place % 3 === 0 ? ["delivery", "order"] : [],
        assignees: place % 4 === 0 ? ["agent-ben"] : [],
        preview: { number: 1, kind: "in", author: { kind: "contact", id: contact.id }, text, attachments: 0 },
      }),
    );
  }
};

describe("the desk", () => {
  it("keeps its place while scrolled, offers what is new, and shows it when asked", async () => {
    const { page, hub } = await desk();
    const list = page.locator(".dk-virtual");
    await list.evaluate((element) => element.scrollTo({ top: 900 }));
    await page.locator(".sb-row", { hasText: "Maria Jansen" }).waitFor({ state: "detached" });
    const before = await page.locator(".sb-row__name").allTextContents();
    hub.say("C790", "One more thing");
    hub.say("C760", "Are you there?", { at: Date.now() + 1_000 });
    await page.getByRole("button", { name: "2 new" }).waitFor();
    expect(await page.locator(".sb-row__name").allTextContents()).toEqual(before);
    await page.getByRole("button", { name: "2 new" }).click();
    await page.locator(".sb-row").first().getByText("Are you there?").waitFor();
  });

  it("shows in a search why each is there, and opens it at the message that was found", async () => {
    const { page } = await desk("/inbox", (hub) => {
      const [first] = hub.messages.get("C899") ?? [];
      const said = Array.from({ length: 150 }, (_, place) => ({
        ...(first as Message),
        id: `long-${place + 1}`,
        number: place + 1,
        text: place === 20 ? "Do you have a velvet lampshade?" : `Line ${place + 1}`,
      }));
      hub.messages.set("C899", said);
      hub.rows.set("C899", { ...(hub.rows.get("C899") as ConversationRow), last_number: 150, last_in_number: 150 });
    });
    await page.goto(`${ORIGIN}/search?q=VELVET`);
    const hit = page.locator(".sb-row", { hasText: "Do you have a velvet lampshade?" });
    await hit.waitFor();
    expect(await hit.locator("mark").allTextContents()).toEqual(["velvet"]);
    await hit.click();
    const found = page.getByRole("log").getByText("Do you have a velvet lampshade?");
    await found.waitFor();
    await expect.poll(() => found.evaluate((element) => element.getBoundingClientRect().top)).toBeGreaterThan(60);
    expect(await found.evaluate((element) => element.getBoundingClientRect().bottom)).toBeLessThan(700);
    expect(
      await page
        .getByRole("log")
        .getByText("Line 150")
        .evaluate((e) => e.getBoundingClientRect().top),
    ).toBeGreaterThan(800);
  });

  it("finds a visitor without a name by the one that it shows", async () => {
    const { page } = await desk();
    const shown = await page.locator(".sb-row__name", { hasText: "Visitor" }).first().textContent();
    await page.getByRole("button", { name: "Search" }).first().click();
    await page.getByLabel("Search conversations").fill(`${shown}`.toLowerCase());
    await page.getByText("1 result", { exact: true }).waitFor({ state: "attached" });
    await page.locator(".sb-row__name", { hasText: `${shown}` }).waitFor();
  });

  it("finds a customer where anything can be found, and searches for the rest", async () => {
    const { page } = await desk();
    const field = page.getByRole("combobox", { name: "Find anything" });
    await page.keyboard.press("Control+k");
    await field.fill("camille");
    await page.getByRole("option", { name: "Camille Laurent" }).waitFor();
    await page.keyboard.press("Enter");
    await page.getByRole("log").getByText("Bonjour Camille").waitFor();
    await page.keyboard.press("Control+k");
    await field.fill("parcel");
    await page.getByRole("option", { name: "Search for “parcel”" }).click();
    await page.waitForURL("**/search?q=parcel");
    await page.locator(".sb-row mark").first().waitFor();
  });

  it("says why signs alone find nothing", async () => {
    const { page } = await desk();
    await page.goto(`${ORIGIN}/search?q=${encodeURIComponent("👍")}`);
    await page.getByText("Search looks for words and numbers.").waitFor();
    await page.getByLabel("Search conversations").fill("nothing that is there");
    await page.getByText("Try fewer words").waitFor();
  });

  it("shows the state of the conversation also beside a colleague who answers", async () => {
    const { page, hub } = await desk("/inbox/C900");
    hub.signal({
      signal: "viewers",
      conversation_id: "C900",
      viewers: [
        { agent_id: "agent-ben", mode: "replying" },
        { agent_id: "agent-chloe", mode: "viewing" },
      ],
    });
    await page.locator(".dk-others").waitFor();
    const meta = page.locator(".dk-head__meta");
    expect(await meta.textContent()).toMatch(/^Open · SB-4700/);
    expect(await meta.evaluate((element) => element.scrollWidth - element.clientWidth)).toBe(0);
  });

  it("says beside a conversation what of the customer could not be loaded, and tries again", async () => {
    const { page } = await desk();
    await page.setViewportSize({ width: 1440, height: 800 });
    let broken = true;
    await page.route(/api\/conversations(\/C900|\?contact)/, (route) => (broken ? route.abort() : route.fallback()));
    await page.locator(".sb-row", { hasText: "Maria Jansen" }).click();
    const panel = page.locator(".dk-customer");
    const again = panel.getByRole("button", { name: "Try again" });
    await expect.poll(() => again.count()).toBe(2);
    expect(await panel.locator(".sb-skeleton").count()).toBe(0);
    broken = false;
    await again.last().click();
    await again.first().click();
    await panel.getByText("maria@example.nl").waitFor();
    await panel.getByText("This is the first one.").waitFor();
    expect(await again.count()).toBe(0);
  });

  it("puts who presses the key while the conversation still loads into its field, and nobody who went elsewhere", async () => {
    const { page } = await desk();
    let loaded = (): void => {};
    const held = new Promise<void>((resolve) => {
      loaded = resolve;
    });
    await page.route(/api\/conversations\/C89[89]$/, async (route) => {
      await held;
      await route.fallback();
    });
    await page.locator(".sb-row", { hasText: "Thomas Weber" }).click();
    await page.waitForURL("**/inbox/C899");
    await page.keyboard.press("r");
    await page.keyboard.press("j");
    await page.waitForURL("**/inbox/C898");
    await page.keyboard.press("n");
    loaded();
    const field = page.locator(".dk-reply textarea");
    await expect.poll(() => field.evaluate((area) => area === document.activeElement)).toBe(true);
    await page.locator(".dk-reply .sb-composer--note").waitFor();
    await page.keyboard.press("Escape");
    await page.keyboard.press("k");
    await page.waitForURL("**/inbox/C899");
    await page.getByRole("log").getByText("auf meiner Rechnung").waitFor();
    expect(await field.evaluate((area) => area === document.activeElement)).toBe(false);
  });

  it("says that there is no connection, keeps what is written and shows it once", async () => {
    const { page, hub, offline } = await desk("/inbox/C900");
    await page.getByRole("log").waitFor();
    await offline(true);
    await page.getByText("You are not connected").waitFor();
    await page.keyboard.press("r");
    await page.keyboard.type("Written on the train");
    await page.keyboard.press("Control+Enter");
    await page.getByText("Kept, goes out when you are connected").waitFor();
    await offline(false);
    await expect
      .poll(() => hub.messages.get("C900")?.filter((one) => one.text === "Written on the train").length, {
        timeout: 10_000,
      })
      .toBe(1);
    await page.getByText("You are not connected").waitFor({ state: "detached" });
    expect(await page.getByRole("log").getByText("Written on the train").count()).toBe(1);
  });

  it("loads by itself what was opened without a connection", async () => {
    const { page, offline } = await desk("/inbox/C900");
    await page.getByRole("log").waitFor();
    await offline(true);
    await page.getByText("You are not connected").waitFor();
    await page.locator(".sb-row", { hasText: "Thomas Weber" }).click();
    await page.getByText("This could not be loaded").waitFor();
    await offline(false);
    await page.getByRole("log").getByText("auf meiner Rechnung").waitFor();
  });

  it.each(["en-GB", "ar"])("names in a row who wrote, and cuts the text at its own end: %s", async (locale) => {
    const arabic = "نعم، يمكنك تغيير موعد التسليم إلى يوم الخميس في أي وقت تريده قبل يوم الأربعاء مساء";
    const english = "Yes, you can change the time of delivery to Thursday whenever you like before Wednesday";
    const said = { C900: arabic, C899: english, C898: arabic, C897: english, C896: "نعم", C895: "Yes." };
    const prepare = (hub: FakeHub): void => {
      for (const [place, [id, text]] of Object.entries(said).entries()) {
        const author = { kind: "agent", id: place < 2 ? "agent-ben" : "agent-an" } as const;
        const preview = { number: 1, kind: "out", author, text, attachments: 0 } as const;
        hub.rows.set(id, { ...(hub.rows.get(id) as ConversationRow), subject: null, preview });
      }
    };
    const { page } = await desk("/inbox", prepare, { locale });
    const looks = await page.locator(".sb-row__first").evaluateAll((lines) =>
      lines.slice(0, 6).map((line) => {
        const [before, words] = [...line.children].slice(-2) as [Element, Element];
        const letters = (element: Element, from: number, to: number): DOMRect => {
          const range = document.createRange();
          range.setStart(element.firstChild as Text, from);
          range.setEnd(element.firstChild as Text, to);
          return range.getBoundingClientRect();
        };
        const box = line.getBoundingClientRect();
        const first = letters(words, 0, 3);
        const who = letters(before, 0, before.textContent?.trimEnd().length ?? 0);
        const rtl = getComputedStyle(line).direction === "rtl";
        const text = words.getBoundingClientRect();
        return {
          runs: getComputedStyle(words).direction,
          begins: first.left >= box.left && first.right <= box.right,
          named: before.scrollWidth <= before.clientWidth,
          apart: (rtl ? who.left - text.right : text.left - who.right) > 2,
        };
      }),
    );
    const look = (runs: string) => ({ runs, begins: true, named: true, apart: true });
    expect(looks).toEqual(["rtl", "ltr", "rtl", "ltr", "rtl", "ltr"].map(look));
  });

  it("shows nobody as here while nobody can know", async () => {
    const { page, offline } = await desk("/inbox/C900", undefined, { viewport: { width: 1440, height: 900 } });
    const here = page.locator(".sb-presence, [data-here]");
    await page.getByText("Checkout").waitFor();
    await expect.poll(() => here.count()).toBe(5);
    await offline(true);
    await page.getByText("You are not connected").waitFor();
    expect(await here.count()).toBe(0);
    await offline(false);
    await expect.poll(() => here.count(), { timeout: 10_000 }).toBe(5);
  });

  it("comes back to a conversation that could not be closed", async () => {
    const { page, offline } = await desk("/inbox/C900");
    await page.getByRole("log").waitFor();
    await offline(true);
    await page.getByText("You are not connected").waitFor();
    await page.keyboard.press("e");
    await page.getByText("Not changed: you are not connected.").waitFor();
    await page.waitForURL(/C900/);
    await page.getByRole("log").waitFor();
  });

  it("asks before it sends over a colleague's reply that came while one wrote, also when it stands on the screen", async () => {
    const { page, hub } = await desk("/inbox/C900");
    await page.getByRole("log").waitFor();
    await page.keyboard.press("r");
    await page.keyboard.type("We send a new one today.");
    hub.say("C900", "A new one is on its way.", { kind: "out", author: { kind: "agent", id: "agent-ben" } });
    await page.getByRole("log").getByText("A new one is on its way.").waitFor();
    await page.keyboard.press("Control+Enter");
    const notice = page.getByRole("alert");
    await notice.getByText("Ben Okafor answered while you were writing").waitFor();
    await notice.getByText("A new one is on its way.").waitFor();
    await page.getByRole("button", { name: "Send anyway" }).click();
    await expect.poll(() => hub.messages.get("C900")?.at(-1)?.text).toBe("We send a new one today.");
    // What was there before one began is answered without a question.
    await page.keyboard.type("And a voucher.");
    await page.keyboard.press("Control+Enter");
    await expect.poll(() => hub.messages.get("C900")?.at(-1)?.text).toBe("And a voucher.");
  });

  it("says in the list and above it that an answer from the train was held back, until it is decided about", async () => {
    const { page, hub, offline } = await desk("/inbox/C900");
    await page.getByRole("log").waitFor();
    await page.keyboard.press("r");
    await offline(true);
    await page.getByText("You are not connected").waitFor();
    await page.keyboard.type("We send a new one today.");
    await page.keyboard.press("Control+Enter");
    await page.getByText("Kept, goes out when you are connected").waitFor();
    await page.locator(".sb-row", { hasText: "Thomas Weber" }).click();
    hub.say("C900", "A new one is on its way.", { kind: "out", author: { kind: "agent", id: "agent-ben" } });
    await offline(false);
    const notice = page.getByRole("alert").getByText("Your message to Maria Jansen was not sent.");
    const mark = page.locator(".sb-row", { hasText: "Maria Jansen" }).getByRole("img", { name: "Not sent" });
    await notice.waitFor({ timeout: 10_000 });
    await mark.waitFor();
    // What could not be loaded meanwhile is there by itself.
    await page.getByRole("log").getByText("auf meiner Rechnung").waitFor();
    await page.reload();
    await notice.waitFor();
    await mark.waitFor();
    await page.getByRole("button", { name: "Show", exact: true }).click();
    await page.waitForURL(/C900/);
    await notice.waitFor({ state: "detached" });
    await page.getByRole("button", { name: "Send anyway" }).click();
    await expect.poll(() => hub.messages.get("C900")?.at(-1)?.text).toBe("We send a new one today.");
    await mark.waitFor({ state: "detached" });
  });

  it("takes the focus with what is put back into the field, and not again in the next conversation", async () => {
    const { page, hub } = await desk("/inbox/C900");
    const log = page.getByRole("log");
    await log.waitFor();
    await page.keyboard.press("r");
    await page.keyboard.type("We send a new one today.");
    hub.say("C900", "A new one is on its way.", { kind: "out", author: { kind: "agent", id: "agent-ben" } });
    await log.getByText("A new one is on its way.").waitFor();
    await page.keyboard.press("Control+Enter");
    await page.getByRole("alert").getByRole("button", { name: "Edit" }).click();
    const field = page.locator(".dk-reply textarea");
    await expect.poll(() => field.evaluate((area) => area === document.activeElement)).toBe(true);
    await page.keyboard.press("Control+Enter");
    await expect.poll(() => hub.messages.get("C900")?.at(-1)?.text).toBe("We send a new one today.");
    await page.keyboard.press("Escape");
    await page.keyboard.press("j");
    await page.waitForURL("**/inbox/C899");
    await log.getByText("auf meiner Rechnung").waitFor();
    await page.keyboard.press("j");
    await page.waitForURL("**/inbox/C898");
    expect(await field.inputValue()).toBe("");
  });

  it("takes what has stood before one's eyes for seen, however many messages come after it", async () => {
    const { page, hub } = await desk("/inbox/C900");
    const log = page.getByRole("log");
    await log.waitFor();
    await page.clock.install();
    hub.say("C900", "A new one is on its way.", { kind: "out", author: { kind: "agent", id: "agent-ben" } });
    await log.getByText("A new one is on its way.").waitFor();
    // The customer writes faster than anybody notices a message.
    for (const text of ["Thank you.", "When?", "Is it today?"]) {
      await page.clock.runFor(1_000);
      hub.say("C900", text);
      await log.getByText(text, { exact: true }).waitFor();
    }
    await page.keyboard.press("r");
    await page.keyboard.type("It leaves today.");
    await page.keyboard.press("Control+Enter");
    await expect.poll(() => hub.messages.get("C900")?.at(-1)?.text).toBe("It leaves today.");
  });

  it("keeps what the hub has refused, over a reload, until it is discarded", async () => {
    const { page } = await desk("/inbox/C900", (hub) => {
      hub.textChars = 5_000;
    });
    const log = page.getByRole("log");
    await log.waitFor();
    await page.keyboard.press("r");
    await page.locator(".dk-reply textarea").fill(`Far too long ${"x".repeat(9_000)}`);
    await page.keyboard.press("Control+Enter");
    await log.getByText("A message takes 10,000 characters").waitFor();
    await page.reload();
    await log.getByText("A message takes 10,000 characters").waitFor();
    expect(await log.getByRole("button", { name: "Try again" }).count()).toBe(0);
    await log.getByRole("button", { name: "Discard" }).click();
    await page.reload();
    await log.getByText("My address is unchanged.").waitFor();
    expect(await log.getByText("Far too long").count()).toBe(0);
  });

  it("takes for read what stands above one's own message that was refused", async () => {
    const { page, hub } = await desk("/inbox/C900", (hub) => {
      hub.textChars = 5_000;
    });
    const log = page.getByRole("log");
    await log.waitFor();
    await page.keyboard.press("r");
    await page.locator(".dk-reply textarea").fill(`Far too long ${"x".repeat(9_000)}`);
    await page.keyboard.press("Control+Enter");
    await log.getByText("A message takes 10,000 characters").waitFor();
    await page.keyboard.type("Then in short: yes.");
    await page.keyboard.press("Control+Enter");
    const answer = log.getByText("Then in short: yes.");
    await expect.poll(() => hub.messages.get("C900")?.at(-1)?.text).toBe("Then in short: yes.");
    await expect.poll(() => hub.rows.get("C900")?.read_number).toBe(hub.rows.get("C900")?.last_number);
    await answer.scrollIntoViewIfNeeded();
    hub.say("C900", "Thank you!");
    await log.getByText("Thank you!").waitFor();
    await expect.poll(() => hub.rows.get("C900")?.read_number).toBe(hub.rows.get("C900")?.last_number);
    await page.locator(".sb-row--selected.sb-row--unread").waitFor({ state: "detached" });
  });

  it("offers the way down to what has come, in sight, to who reads further up", async () => {
    const { page, hub } = await desk("/inbox/C900");
    const log = page.getByRole("log");
    await log.getByText("My address is unchanged.").waitFor();
    await page.setViewportSize({ width: 1280, height: 500 });
    await log.evaluate((element) => element.scrollTo({ top: 0 }));
    const down = page.getByRole("button", { name: "Newest" });
    await down.waitFor();
    hub.say("C900", "Are you there?");
    const news = page.getByRole("button", { name: "1 new" });
    await news.waitFor();
    const [button, box] = [await news.boundingBox(), await log.boundingBox()];
    expect((button?.y ?? 0) + (button?.height ?? 0)).toBeLessThan((box?.y ?? 0) + (box?.height ?? 0));
    await news.click();
    await news.waitFor({ state: "detached" });
    expect(await log.getByText("Are you there?").evaluate((e) => e.getBoundingClientRect().bottom)).toBeLessThan(500);
  });

  it("leaves the rest standing where a part cannot be shown, and tries that again", async () => {
    const { page, complaints } = await desk("/inbox", (hub) => {
      const odd = hub.rows.get("C899") as ConversationRow;
      hub.rows.set("C899", { ...odd, tags: null as unknown as string[] });
      hub.rows.set("C898", { ...(hub.rows.get("C898") as ConversationRow), status: "snoozed", snoozed_until: 2 ** 63 });
    });
    await page.getByText("This could not be shown").waitFor();
    expect(await page.locator(".sb-row").count()).toBeGreaterThan(5);
    await page.getByRole("button", { name: "Try again" }).click();
    await page.getByText("This could not be shown").waitFor();
    await page.goto(`${ORIGIN}/snoozed`);
    await page.locator(".sb-row", { hasText: "ليلى" }).waitFor();
    expect(complaints.splice(0).every((one) => one.includes("null"))).toBe(true);
  });

  it("shows a file beside a picture no higher than it is by itself", async () => {
    const { page } = await desk("/inbox", (hub) => {
      const [first] = hub.messages.get("C899") ?? [];
      const file = (id: string, picture: boolean) => ({ id, name: id, media_type: "", bytes: 44, picture });
      hub.messages.set("C899", [
        { ...(first as Message), attachments: [file("lamp.png", true), file("a.pdf", false)] },
      ]);
    });
    await page.route("**/api/attachments/lamp.png", (route) =>
      route.fulfill({
        contentType: "image/svg+xml",
        body: '<svg xmlns="http://www.w3.org/2000/svg" width="250" height="200"><rect width="250" height="200"/></svg>',
      }),
    );
    await page.locator(".sb-row", { hasText: "Thomas Weber" }).click();
    const high = (name: string) =>
      page
        .locator(".sb-tile", name === "a.pdf" ? { hasText: name } : { has: page.getByAltText(name) })
        .evaluate((tile) => tile.clientHeight);
    await expect.poll(() => high("lamp.png")).toBeGreaterThan(150);
    expect(await high("a.pdf")).toBeLessThan(60);
  });

  it("says in a row that two are typing, and who when it is pointed at", async () => {
    const { page, hub } = await desk();
    for (const who of [
      { kind: "contact", id: "contact-C900" },
      { kind: "agent", id: "agent-ben" },
    ] as const)
      hub.signal({ signal: "typing", conversation_id: "C900", who, on: true, note: false, ttl_ms: 60_000 });
    const said = page
      .locator(".sb-row", { hasText: "Maria Jansen" })
      .getByTitle("Maria Jansen and Ben Okafor are typing");
    await said.waitFor();
    expect(await said.textContent()).toBe("2 people are typing");
    expect(await said.evaluate((element) => element.scrollWidth - element.clientWidth)).toBe(0);
  });

  it("says in a row when it comes back", async () => {
    const { page } = await desk("/inbox", (hub) => {
      const at = Date.UTC(2031, 4, 6, 5, 30);
      for (const id of ["C900", "C899"])
        hub.rows.set(id, { ...(hub.rows.get(id) as ConversationRow), status: "snoozed", snoozed_until: at });
    });
    await page.getByRole("link", { name: /^Reminders/ }).click();
    const row = page.locator(".sb-row", { hasText: "Maria Jansen" });
    await row.getByText("6 May 2031, 7:30", { exact: true }).waitFor();
    await row.getByTitle(/^Tuesday,? 6 May 2031 at 0?7:30$/).waitFor();
  });

  it("does not send without a file that cannot go along", async () => {
    const { page, hub } = await desk("/inbox/C900");
    await page.getByRole("log").waitFor();
    await page.keyboard.press("r");
    await page.keyboard.type("Here it is");
    const file = (name: string) => ({ name, mimeType: "application/octet-stream", buffer: Buffer.from("data") });
    await page.locator('input[type="file"]').setInputFiles([file("notes.txt"), file("prog.exe")]);
    await page.getByText("This kind of file cannot be sent.").waitFor();
    await page.keyboard.press("Control+Enter");
    await page.getByText("prog.exe cannot go along").waitFor();
    expect(hub.messages.get("C900")?.some((one) => one.text === "Here it is")).toBe(false);
    await page.getByRole("button", { name: "Remove prog.exe" }).click();
    await page.locator(".dk-reply textarea").focus();
    await page.keyboard.press("Control+Enter");
    await expect.poll(() => hub.messages.get("C900")?.at(-1)?.text).toBe("Here it is");
  });

  it("sends a file up by itself when there is a connection again, and has it there after a reload", async () => {
    const { page, hub, offline } = await desk("/inbox/C900");
    await page.getByRole("log").waitFor();
    await page.keyboard.press("r");
    await page.keyboard.type("Here it is");
    await offline(true);
    await page.getByText("You are not connected").waitFor();
    const file = { name: "notes.txt", mimeType: "text/plain", buffer: Buffer.from("data") };
    await page.locator('input[type="file"]').setInputFiles([file]);
    const waits = page.getByText("notes.txt goes up by itself when you are connected again.");
    await waits.waitFor();
    // It is no error.
    expect(await page.locator(".sb-tile--failed").count()).toBe(0);
    await offline(false);
    await waits.waitFor({ state: "detached", timeout: 10_000 });
    await page.reload();
    await page.getByRole("button", { name: "Remove notes.txt" }).waitFor();
    await page.locator(".dk-reply textarea").focus();
    await page.keyboard.press("Control+Enter");
    await expect.poll(() => hub.messages.get("C900")?.at(-1)?.text).toBe("Here it is");
    await page.getByRole("button", { name: "Remove notes.txt" }).waitFor({ state: "detached" });
    await page.reload();
    await page.getByRole("log").waitFor();
    expect(await page.getByRole("button", { name: "Remove notes.txt" }).count()).toBe(0);
  });

  it("asks before it disables a person, and says whom", async () => {
    const { page, hub } = await desk();
    await page.goto(`${ORIGIN}/settings/agents`);
    await page.getByRole("button", { name: "Edit Ben Okafor" }).click();
    await page.getByRole("button", { name: "Disable" }).click();
    const question = page.getByRole("dialog", { name: "Disable Ben Okafor?" });
    const ben = () => hub.agents.find((one) => one.id === "agent-ben")?.disabled;
    await question.waitFor();
    await page.keyboard.press("Escape");
    await question.waitFor({ state: "detached" });
    expect(ben()).toBeFalsy();
    await page.getByRole("button", { name: "Disable" }).click();
    await question.getByRole("button", { name: "Disable" }).click();
    await page.getByText("Ben Okafor is disabled and signed out everywhere").waitFor();
    expect(ben()).toBe(true);
    await page.getByRole("button", { name: "Enable" }).click();
    await page.getByText("Ben Okafor can sign in again").waitFor();
  });

  it("says of an empty trash what comes there", async () => {
    const { page } = await desk();
    await page.goto(`${ORIGIN}/trash`);
    await page.getByText("The trash is empty").waitFor();
    await page.getByText("What you move to the trash shows here.").waitFor();
  });

  it("names the one who was added", async () => {
    const { page } = await desk("/inbox/C899");
    await page.getByRole("log").waitFor();
    await page.keyboard.press("a");
    await page.getByRole("option", { name: "Ben Okafor" }).click();
    await page.getByText("Given to Ben Okafor").waitFor();
    await page.keyboard.press("a");
    await page
      .getByRole("option", { name: /Anna|You/ })
      .first()
      .click();
    await page.getByText(/^Given to (?!Ben)/).waitFor();
  });

  it("says at the field of a form what is wrong with it", async () => {
    const { page } = await desk();
    await page.goto(`${ORIGIN}/settings/inboxes`);
    await page.getByRole("button", { name: "New inbox" }).click();
    await page.getByRole("button", { name: "Web chat" }).click();
    await page.getByLabel("Name", { exact: true }).fill("Lamps");
    const sites = page.getByLabel("Sites that may show it");
    await sites.fill("shop.example");
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByText("Write it as https://shop.example").waitFor();
    expect(await sites.getAttribute("aria-invalid")).toBe("true");
  });

  it("asks before it takes an inbox away, and Escape keeps it", async () => {
    const { page, hub } = await desk();
    await page.goto(`${ORIGIN}/settings/inboxes`);
    await page.locator(".dk-thing button").first().click();
    const button = page.getByRole("button", { name: "Remove this inbox" });
    await button.first().click();
    const question = page.getByRole("dialog", { name: "Remove Shop?" });
    await question.getByText("The chat of Shop goes from your site").waitFor();
    await page.keyboard.press("Escape");
    await question.waitFor({ state: "detached" });
    expect(hub.inboxes.map((one) => one.name)).toContain("Shop");
    expect(await button.evaluate((element) => element === document.activeElement)).toBe(true);
    await page.keyboard.press("Enter");
    await question.getByRole("button", { name: "Remove this inbox" }).click();
    await expect.poll(() => hub.inboxes.map((one) => one.name)).not.toContain("Shop");
  });

  it("takes a letter that is pressed in a menu for the menu's own", async () => {
    const { page, hub } = await desk("/inbox/C900");
    await page.getByRole("log").waitFor();
    await page.getByRole("button", { name: "More" }).first().click();
    await page.getByRole("menu").waitFor();
    await page.keyboard.press("e");
    await page.keyboard.press("j");
    expect(await page.getByRole("menu").count()).toBe(1);
    expect([page.url(), hub.rows.get("C900")?.status]).toEqual([`${ORIGIN}/inbox/C900`, "open"]);
  });

  it("closes by Escape what lies on top, and gives the focus back", async () => {
    for (const width of [1024, 1280, 1440]) {
      const { page } = await desk("/inbox/C900");
      await page.setViewportSize({ width, height: 800 });
      await page.getByRole("log").waitFor();
      if (width < 1360) await page.getByRole("button", { name: "Show customer" }).click();
      const panel = page.locator(".dk-customer");
      const more = panel.getByRole("button", { name: "More", exact: true });
      await more.click();
      const dialog = page.getByRole("dialog", { name: "Where this came from" });
      await dialog.waitFor();
      await page.keyboard.press("Escape");
      await dialog.waitFor({ state: "detached" });
      expect(page.url()).toContain("C900");
      await expect.poll(() => more.evaluate((element) => element === document.activeElement)).toBe(true);
      if (width < 1360) {
        await page.keyboard.press("Escape");
        await panel.waitFor({ state: "detached" });
        expect(page.url()).toContain("C900");
        const opener = page.getByRole("button", { name: "Show customer" });
        await expect.poll(() => opener.evaluate((element) => element === document.activeElement)).toBe(true);
      }
      await page.keyboard.press("Escape");
      await page.waitForURL("**/inbox");
    }
  });

  it("shows the customer beside what is written, never over it", async () => {
    for (const width of [1100, 1280, 1359, 1440]) {
      const { page } = await desk("/inbox/C900");
      await page.setViewportSize({ width, height: 800 });
      await page.getByRole("log").waitFor();
      if (width < 1360) await page.getByRole("button", { name: "Show customer" }).click();
      const panel = await page.locator(".dk-customer").boundingBox();
      const send = await page.getByRole("button", { name: "Send", exact: true }).boundingBox();
      expect((send?.x ?? 0) + (send?.width ?? 0)).toBeLessThanOrEqual(panel?.x ?? 0);
      expect((panel?.x ?? 0) + (panel?.width ?? 0)).toBe(width);
    }
  });

  it("tells the colleagues when it is left for the settings", async () => {
    const { page, hub } = await desk("/inbox/C900");
    await page.getByRole("log").waitFor();
    await expect.poll(() => hub.viewed).toBe("C900");
    await page.getByRole("link", { name: "Settings" }).first().click();
    await expect.poll(() => hub.viewed).toBe(null);
  });

  it("leaves the caret where one has clicked after a field of the customer", async () => {
    const { page } = await desk("/inbox/C900");
    await page.setViewportSize({ width: 1440, height: 800 });
    await page.getByRole("log").waitFor();
    await page.getByRole("button", { name: "Phone: Add" }).click();
    await page.keyboard.type("+31 20 123");
    const field = page.locator(".dk-reply textarea");
    await field.click();
    await page.getByRole("button", { name: "Phone: +31 20 123" }).waitFor();
    await page.keyboard.type("Hello Maria");
    expect(await field.inputValue()).toBe("Hello Maria");
  });

  it("says that a conversation is not there, and leads back", async () => {
    const { page } = await desk("/inbox/C1");
    await page.getByText("This conversation is not here").waitFor();
    expect(await page.getByRole("button", { name: "Try again" }).count()).toBe(0);
    await page.getByRole("button", { name: "Back to the list" }).last().click();
    await page.waitForURL("**/inbox");
  });

  it("gives the focus back to the row that was open", async () => {
    const { page } = await desk("/inbox/C900");
    await page.getByRole("log").waitFor();
    await page.keyboard.press("Escape");
    await expect.poll(() => page.evaluate("document.activeElement?.getAttribute('href')")).toBe("/inbox/C900");
  });

  it("does nothing on single letters for one who has switched them off", async () => {
    const { page } = await desk("/inbox/C900");
    await page.getByRole("log").waitFor();
    await page.getByRole("button", { name: "You and this page" }).click();
    await page.getByRole("option", { name: "Off" }).click();
    await page.keyboard.press("e");
    await page.keyboard.press("Control+k");
    await page.getByRole("dialog", { name: "Find anything" }).waitFor();
    expect(page.url()).toContain("C900");
  });

  it("puts back among the unread what was read", async () => {
    const { page, hub } = await desk("/inbox/C900");
    await expect.poll(() => hub.rows.get("C900")?.read_number).toBe(8);
    await page.keyboard.press("u");
    await page.getByText("Marked as unread").waitFor();
    await page.locator(".sb-row--unread", { hasText: "Maria Jansen" }).waitFor();
    expect(hub.rows.get("C900")?.read_number).toBe(7);
    expect(new URL(page.url()).pathname).toBe("/inbox");
  });

  it("offers a conversation to nobody who cannot see it", async () => {
    const { page, hub } = await desk("/inbox/C899");
    await page.getByRole("log").waitFor();
    await page.keyboard.press("a");
    const dina = page.getByRole("option", { name: "Dina Haddad" });
    await dina.getByText("Cannot see this inbox").waitFor();
    await dina.click({ force: true });
    await page.getByRole("option", { name: "Ben Okafor" }).click();
    await expect.poll(() => hub.rows.get("C899")?.assignees).toEqual(["agent-ben"]);
  });

  it("shows who has not joined yet, gives them a new link, and takes it back", async () => {
    const { page, hub } = await desk();
    await page.goto(`${ORIGIN}/settings/agents`);
    await page.getByRole("button", { name: "Invite" }).click();
    await page.getByLabel("Name", { exact: true }).fill("Claire Petit");
    await page.getByLabel("E-mail").fill("claire@example.org");
    await page.getByRole("checkbox", { name: "Shop" }).check();
    await page.getByRole("button", { name: "Invite" }).click();
    await page.getByText("link-1").waitFor();
    expect(hub.access.agents).toContain("agent-new");
    await page.reload();
    const row = page.locator(".dk-thing", { hasText: "Claire Petit" });
    await row.getByText("Invited, link works until").waitFor();
    await row.getByRole("button", { name: "New link" }).click();
    await page.getByText("link-2").waitFor();
    await row.getByRole("button", { name: "Withdraw" }).click();
    await page.getByText("The invitation of Claire Petit is withdrawn").waitFor();
    expect(hub.invited).toEqual([]);
    await row.waitFor({ state: "detached" });
  });

  it.each(["comes", "comes by another name"])(
    "shows that somebody has joined who %s, and their used link no more",
    async (how) => {
      const { page, hub } = await desk();
      await page.goto(`${ORIGIN}/settings/agents`);
      await page.getByRole("button", { name: "Invite" }).click();
      await page.getByLabel("Name", { exact: true }).fill("Claire Petit");
      await page.getByLabel("E-mail").fill("claire@example.org");
      await page.getByRole("button", { name: "Invite" }).click();
      await page.getByText("link-1").waitFor();
      const claire = hub.agents.find((one) => one.id === "agent-new") as Agent;
      hub.invited = [];
      if (how === "comes") hub.signal({ signal: "team", changed: [{ agent_id: claire.id, availability: "online" }] });
      else hub.push({ event: "agent_changed", agent: { ...claire } });
      await page.getByRole("button", { name: "Edit Claire Petit" }).waitFor();
      expect(await page.getByText("link-1").count()).toBe(0);
    },
  );

  it("comes back at a time of one's own", async () => {
    const { page, hub } = await desk("/inbox/C900");
    await page.getByRole("log").waitFor();
    await page.keyboard.press("h");
    await page.getByRole("option", { name: "A time of your own" }).click();
    await page.getByLabel("When it comes back").focus();
    await page.keyboard.press("Escape");
    await expect.poll(() => page.evaluate("document.activeElement?.className")).toBe("dk-thread");
    await page.keyboard.press("h");
    await page.getByRole("option", { name: "A time of your own" }).click();
    await page.getByLabel("When it comes back").fill("2031-05-06T07:30");
    await page.getByRole("button", { name: "Remind me then" }).click();
    // Amsterdam in summer is two hours ahead of UTC.
    await expect.poll(() => hub.rows.get("C900")?.snoozed_until).toBe(Date.UTC(2031, 4, 6, 5, 30));
    await expect.poll(() => page.evaluate("document.activeElement?.getAttribute('href')")).toBe("/inbox/C899");
  });

  it("offers a token no more than its maker may do", async () => {
    const { page, hub } = await desk();
    hub.me.role = "agent";
    await page.goto(`${ORIGIN}/settings/tokens`);
    await page.getByRole("button", { name: "Add token" }).click();
    await page.getByRole("checkbox", { name: "Write" }).waitFor();
    expect(await page.getByRole("checkbox", { name: "Change settings" }).count()).toBe(0);
  });

  it("closes by a key, opens the next, and takes it back by another", async () => {
    const { page, hub } = await desk("/inbox/C900");
    await page.getByRole("log").waitFor();
    await page.keyboard.press("e");
    await page.waitForURL("**/inbox/C899");
    // It came by itself: nobody is told that it is open before the person turns to it.
    await page.getByRole("log").getByText("auf meiner Rechnung").waitFor();
    await expect.poll(() => page.evaluate("document.activeElement?.getAttribute('href')")).toBe("/inbox/C899");
    expect(hub.viewed).toBe(null);
    await page.keyboard.press("Enter");
    await expect.poll(() => hub.viewed).toBe("C899");
    await expect.poll(() => hub.rows.get("C899")?.read_number).toBe(1);
    expect(hub.rows.get("C900")?.status).toBe("closed");
    await page.locator(".sb-row", { hasText: "Maria Jansen" }).waitFor({ state: "detached" });
    await page.keyboard.press("z");
    await page.locator(".sb-row", { hasText: "Maria Jansen" }).waitFor();
    await page.waitForURL("**/inbox/C900");
    await page.locator(".sb-toast", { hasText: "Closed" }).waitFor({ state: "detached" });
    expect(hub.rows.get("C900")?.status).toBe("open");
  });

  it("takes the focus along to the row that is open", async () => {
    const { page } = await desk("/inbox/C900");
    const row = () => page.evaluate("document.activeElement?.getAttribute('href')");
    await page.getByRole("log").waitFor();
    for (const [key, opens] of [
      ["e", "/inbox/C899"],
      ["j", "/inbox/C898"],
      ["z", "/inbox/C900"],
    ] as const) {
      await page.keyboard.press(key);
      await page.waitForURL(`**${opens}`);
      await expect.poll(row).toBe(opens);
    }
  });

  it("empties itself of what is no longer the reader's", async () => {
    const { page, hub } = await desk("/inbox");
    hub.rows.clear();
    hub.position += 1;
    hub.reset("access_changed");
    await page.locator(".sb-row").first().waitFor({ state: "detached" });
  });

  it("scrolls ten thousand rows as it does three hundred", async () => {
    const few = await workAFrame((await desk("/inbox", rowsOf(300))).page);
    const { page } = await desk("/inbox", rowsOf(10_000));
    await page.waitForFunction("document.querySelector('.dk-virtual__all')?.offsetHeight > 650000");
    expect(await page.locator(".sb-row").count()).toBeLessThan(60);
    const many = await workAFrame(page);
    process.stdout.write(`work a frame: ${few.toFixed(1)} ms over 300 rows, ${many.toFixed(1)} ms over 10,000\n`);
    expect(many).toBeLessThan(2 * few);
  });
});

/** Milliseconds of the page's main thread alone, whatever else the machine does meanwhile, for each frame of a long scroll. */
async function workAFrame(page: Page): Promise<number> {
  const FRAMES = 150;
  const devtools = await page.context().newCDPSession(page);
  await devtools.send("Performance.enable", { timeDomain: "threadTicks" });
  const worked = async () => {
    const { metrics } = await devtools.send("Performance.getMetrics");
    return (metrics.find(({ name }) => name === "TaskDuration")?.value ?? 0) * 1_000;
  };
  const before = await worked();
  await page.evaluate(`new Promise((done) => {
    const list = document.querySelector(".dk-virtual");
    let left = ${FRAMES};
    const step = () => {
      list.scrollTop = (list.scrollTop + 600) % (list.scrollHeight - list.clientHeight);
      if (--left > 0) requestAnimationFrame(step); else done();
    };
    requestAnimationFrame(step);
  })`);
  return ((await worked()) - before) / FRAMES;
}
