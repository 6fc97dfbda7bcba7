/** What an admin goes through to set up a channel, and an agent with messages that did not arrive and with mails. */
import type { ConversationRow } from "@switchboard/protocol";
import type { Locator, Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { MAIL, TEXTS, withChannels } from "./channels";
import { PIXEL } from "./fake-channels";
import { desks, ORIGIN } from "./page";

const desk = desks();

async function settings(page: Page): Promise<void> {
  await page.goto(`${ORIGIN}/settings/inboxes`);
  await page.getByRole("button", { name: "New inbox" }).waitFor();
}

const inboxOf = (page: Page, name: string): Locator =>
  page.locator(".dk-thing", { has: page.locator("strong", { hasText: name }) });

describe("channels", () => {
  it("asks first for the kind of a new inbox, then for its name, then for what it connects to", async () => {
    const { page } = await desk();
    await settings(page);
    await page.getByRole("button", { name: "New inbox" }).click();
    await expect.poll(() => page.evaluate(() => document.activeElement?.textContent)).toContain("Web chat");
    await page.getByRole("button", { name: "SMS" }).click();
    await page.getByLabel("Name", { exact: true }).fill("Texts");
    await page.getByRole("button", { name: "Next" }).click();
    const made = inboxOf(page, "Texts");
    await made.getByText("Not set up yet").waitFor();
    await made.getByLabel("Account SID").waitFor();
    await expect
      .poll(() => page.evaluate(() => document.activeElement?.getAttribute("aria-label")))
      .toBe("Close Texts");
  });

  it("fills in what mail servers have by custom, and leaves a port that was chosen", async () => {
    const { page, hub } = await desk("/inbox", (hub) => {
      hub.inboxes.push({ id: "inbox-email", name: "Mail", channel: "email", case_prefix: "", web: null });
    });
    await settings(page);
    await inboxOf(page, "Mail").getByRole("button").click();
    const form = page.locator(".dk-channel");
    await form.getByLabel("Mail address").fill("help@shop.example");
    const ports = form.getByLabel("Port");
    const security = form.getByLabel("Encryption");
    expect(await ports.first().inputValue()).toBe("993");
    expect(await ports.last().inputValue()).toBe("587");
    await security.last().selectOption("tls");
    expect(await ports.last().inputValue()).toBe("465");
    await ports.first().fill("1993");
    await security.first().selectOption("starttls");
    expect(await ports.first().inputValue()).toBe("1993");
    for (const user of await form.getByLabel("User name").all())
      expect(await user.inputValue()).toBe("help@shop.example");
    await form.getByLabel("Server", { exact: true }).first().fill("imap.shop.example");
    await form.getByLabel("Server", { exact: true }).last().fill("smtp.shop.example");
    await form.getByLabel("Password", { exact: true }).first().fill("one");
    await form.getByLabel("Password", { exact: true }).last().fill("two");
    await form.getByRole("button", { name: "Save" }).click();
    await expect.poll(() => hub.channels.saved.length).toBe(1);
    expect(hub.channels.saved[0]).toEqual({
      settings: {
        kind: "email",
        address: "help@shop.example",
        imap: {
          host: "imap.shop.example",
          port: 1993,
          security: "starttls",
          username: "help@shop.example",
          auth: "password",
        },
        smtp: {
          host: "smtp.shop.example",
          port: 465,
          security: "tls",
          username: "help@shop.example",
          auth: "password",
        },
        folders: ["INBOX"],
        plus_addresses: false,
      },
      secrets: { imap_password: "one", smtp_password: "two" },
    });
    // Nobody is shown a secret again.
    const password = form.getByLabel("Password", { exact: true }).first();
    await expect.poll(() => password.inputValue()).toBe("");
    expect(await password.getAttribute("placeholder")).toBe("Kept. Type to replace it.");
  });

  it("says what a test has found, saves nothing that does not work, and saves it all the same when told", async () => {
    const { page, hub } = await desk("/inbox", withChannels);
    const sentence = "Twilio does not know this Account SID or Auth token.";
    hub.channels.found = { ok: false, sentence };
    await settings(page);
    const inbox = inboxOf(page, "Text messages");
    await inbox.getByText("Does not work").waitFor();
    await inbox.getByRole("button").click();
    const form = page.locator(".dk-channel");
    await form.getByLabel("Account SID").fill("AC1");
    await form.getByRole("button", { name: "Test" }).click();
    await form.getByText(sentence).waitFor();
    await form.getByLabel("Account SID").fill("AC2");
    await form.getByText(sentence).waitFor({ state: "detached" });
    await form.getByRole("button", { name: "Save", exact: true }).click();
    await form.getByText(sentence).waitFor();
    expect(hub.channels.saved).toEqual([]);
    await form.getByRole("button", { name: "Save without testing" }).click();
    await page.getByText("Saved", { exact: true }).waitFor();
    expect(hub.channels.saved).toMatchObject([{ untested: true, secrets: {}, settings: { account_sid: "AC2" } }]);
    hub.channels.found = { ok: true, sentence: "The number +31612345678 is yours." };
    await form.getByRole("button", { name: "Test" }).click();
    await form.getByText("It works").waitFor();
    await form.getByText("The number +31612345678 is yours.").waitFor();
  });

  it("gives a mailbox that is set up a contact form, and the code for one's own page", async () => {
    const { page, hub } = await desk("/inbox", withChannels);
    await settings(page);
    await inboxOf(page, "Mail").getByRole("button").click();
    const form = page.locator("section", { has: page.getByRole("heading", { name: "Contact form" }) });
    await form.getByLabel("Take messages by a contact form").check();
    await form.getByLabel("Sites that may have it").fill("https://shop.example\n");
    await form.getByLabel("Name").selectOption("Has to be filled in");
    await form.getByRole("button", { name: "Save" }).click();
    await form.getByText("Paste this into your page.").waitFor();
    expect(await form.locator("pre").textContent()).toContain("https://support.example.com/form/");
    expect([...hub.channels.forms.values()]).toEqual([
      expect.objectContaining({ on: true, origins: ["https://shop.example"], name: "required", confirm: true }),
    ]);
  });

  it("lets a mailbox say that a mail is here, and shows how that looks", async () => {
    const { page, hub } = await desk("/inbox", withChannels);
    await settings(page);
    await inboxOf(page, "Mail").getByRole("button").click();
    const form = page.locator(".dk-channel");
    const tells = form.getByLabel("Tell whoever writes that their mail is here");
    expect(await tells.isChecked()).toBe(false);
    await tells.check();
    const preview = form.getByRole("figure", { name: "The mail as your customer gets it" });
    await preview.getByText("We have received your message [SB-1234]").waitFor();
    expect(await preview.textContent()).toContain("under the number SB-1234, and we");
    await form.getByLabel("Its subject").fill("Case {case_number}");
    await form.getByLabel("Its text").fill("It is here.\nThe shop");
    await preview.getByText("Case SB-1234", { exact: true }).waitFor();
    await preview.scrollIntoViewIfNeeded();
    const pictures = process.env.PICTURES;
    if (pictures) await page.screenshot({ path: `${pictures}/acknowledgement.png` });
    await form.getByRole("button", { name: "Save", exact: true }).click();
    await expect.poll(() => hub.channels.saved.length).toBe(1);
    expect(hub.channels.saved[0]?.settings).toMatchObject({
      acknowledgement: { subject: "Case {case_number}", text: "It is here.\nThe shop" },
    });
    await tells.uncheck();
    await form.getByRole("button", { name: "Save", exact: true }).click();
    await expect.poll(() => hub.channels.saved.length).toBe(2);
    expect(hub.channels.saved[1]?.settings).not.toHaveProperty("acknowledgement");
  });

  it("keeps what was typed and not saved, says so, and throws it away when told", async () => {
    const { page } = await desk("/inbox", withChannels);
    await settings(page);
    const inbox = inboxOf(page, "Text messages");
    await inbox.getByRole("button").click();
    await page.getByLabel("Your number").fill("+31687654321");
    await inbox.getByRole("button", { name: "Close Text messages" }).click();
    await inbox.getByText("Not saved yet").waitFor();
    await page.getByRole("link", { name: "Teams" }).click();
    await page.getByRole("link", { name: "Inboxes" }).click();
    await inbox.getByRole("button", { name: "Edit Text messages" }).click();
    expect(await page.getByLabel("Your number").inputValue()).toBe("+31687654321");
    const asks = () => page.evaluate(() => !window.dispatchEvent(new Event("beforeunload", { cancelable: true })));
    expect(await asks()).toBe(true);
    await page.getByRole("button", { name: "Discard changes" }).click();
    await expect.poll(() => page.getByLabel("Your number").inputValue()).toBe("+31612345678");
    expect(await asks()).toBe(false);
  });

  it("loses nothing of one part when another is saved, and says what is not saved yet", async () => {
    const { page, hub } = await desk("/inbox", withChannels);
    await settings(page);
    const inbox = inboxOf(page, "Mail");
    await inbox.getByRole("button").click();
    await inbox.getByLabel("Case prefix").fill("NEW-");
    await inbox.getByLabel("Take messages by a contact form").check();
    await page.locator(".dk-channel").getByLabel("Mail address").fill("hello@shop.example");
    await page.locator(".dk-channel").getByRole("button", { name: "Save" }).click();
    await expect.poll(() => hub.channels.saved.length).toBe(1);
    await inbox.getByRole("button", { name: "Close Mail" }).click();
    await inbox.getByText("Not saved yet").waitFor();
    await inbox.getByRole("button", { name: "Edit Mail" }).click();
    expect(await inbox.getByLabel("Case prefix").inputValue()).toBe("NEW-");
    expect(await inbox.getByLabel("Take messages by a contact form").isChecked()).toBe(true);
    await page
      .locator("form", { has: page.getByLabel("Case prefix") })
      .getByRole("button")
      .click();
    await expect.poll(() => inbox.getByText("Not saved yet").count()).toBe(2);
    expect(await inbox.getByLabel("Case prefix").inputValue()).toBe("NEW-");
  });

  it("keeps what is typed while the rest is saved", async () => {
    const { page, hub } = await desk("/inbox", withChannels);
    await settings(page);
    await inboxOf(page, "Text messages").getByRole("button").click();
    let goOn = (): void => undefined;
    const gate = new Promise<void>((done) => (goOn = done));
    await page.route("**/channel", async (route) => {
      if (route.request().method() === "PUT") await gate;
      return route.fallback();
    });
    const form = page.locator(".dk-channel");
    await form.getByLabel("Your number").fill("+31687654321");
    const asked = page.waitForRequest((request) => request.method() === "PUT");
    await form.getByRole("button", { name: "Save" }).click();
    await asked;
    await form.getByLabel("Account SID").fill("AC2");
    goOn();
    await page.getByText("Saved", { exact: true }).waitFor();
    expect(hub.channels.saved).toMatchObject([{ settings: { from: "+31687654321" } }]);
    expect(await form.getByLabel("Account SID").inputValue()).toBe("AC2");
    await form.getByText("Not saved yet").waitFor();
  });

  it("shows how a channel does, and where its provider calls", async () => {
    const { page } = await desk("/inbox", withChannels);
    await settings(page);
    await inboxOf(page, "Text messages").getByRole("button").click();
    const health = page.getByRole("region", { name: "How it does" });
    await health.getByText("Twilio does not know").waitFor();
    // What was before midnight was yesterday.
    const [received, sent, ...held] = await health.locator("dd").allTextContents();
    expect([received, sent]).toEqual([
      expect.stringMatching(/^(1 hr|yesterday)$/),
      expect.stringMatching(/^(2 hrs|yesterday)$/),
    ]);
    expect(held).toEqual(["3 messages", "1 message"]);
    expect(await health.locator("dd time").first().getAttribute("title")).toContain(" at ");
    await page.getByText(/hooks\/k{40}$/).waitFor();
    await page.getByText("Paste it in the Twilio console").waitFor();
  });

  it("says that a set-up cannot be had just now, and asks again when told", async () => {
    const { page, hub } = await desk("/inbox", withChannels);
    hub.channels.away = true;
    await settings(page);
    const inbox = inboxOf(page, "Text messages");
    await inbox.getByRole("button").click();
    await inbox.getByText("The hub is busy.").waitFor();
    hub.channels.away = false;
    await inbox.getByRole("button", { name: "Try again" }).click();
    await page.getByLabel("Account SID").waitFor();
  });

  it("takes away a secret that can be done without", async () => {
    const { page, hub } = await desk("/inbox", (hub) => {
      withChannels(hub);
      const mail = hub.channels.setups.get("inbox-email");
      if (mail) hub.channels.setups.set("inbox-email", { ...mail, secrets: [...mail.secrets, "push_secret"] });
    });
    await settings(page);
    await inboxOf(page, "Mail").getByRole("button").click();
    await page.locator(".dk-more summary").click();
    await page.getByRole("button", { name: "Take away: Secret for mails by HTTP" }).click();
    await page.getByText("Taken away when you save.").waitFor();
    await page.locator(".dk-channel").getByRole("button", { name: "Save" }).click();
    await expect.poll(() => hub.channels.saved.map(({ secrets }) => secrets)).toEqual([{ push_secret: "" }]);
  });

  it("asks for each secret that a gateway's templates use", async () => {
    const { page, hub } = await desk("/inbox", withChannels);
    await settings(page);
    await inboxOf(page, "Gateway").getByRole("button").click();
    await page.getByLabel("Your number or name there").fill("SHOP");
    await page.getByRole("button", { name: "Fill in an example" }).click();
    await expect.poll(() => page.getByLabel("Your number or name there").inputValue()).toBe("SHOP");
    await page.getByLabel("Headers").fill("Authorization: Bearer {{ secret.other }}\nX-Kind: a:b");
    await page.getByLabel("other", { exact: true }).fill("key");
    await page.getByLabel("Secret that the gateway shows").fill("word");
    await page.locator(".dk-channel").getByRole("button", { name: "Save" }).click();
    await expect.poll(() => hub.channels.saved.length).toBe(1);
    expect(hub.channels.saved).toMatchObject([
      {
        secrets: { other: "key", inbound: "word" },
        settings: {
          from: "SHOP",
          send: {
            headers: [
              ["Authorization", "Bearer {{ secret.other }}"],
              ["X-Kind", "a:b"],
            ],
          },
        },
      },
    ]);
  });
});

describe("messages that did not arrive", () => {
  it("says of each why, and sends it again when told", async () => {
    const { page, hub } = await desk(`/inbox/${MAIL}`, withChannels);
    const failed = page.locator("article", { hasText: "Your lamp is on its way." });
    await failed.getByText(/Not delivered: .550 5.1.1 mailbox is full/).waitFor();
    const doubtful = page.locator("article", { hasText: "It comes on Tuesday." });
    await doubtful.getByText(/May or may not have arrived: .the server did not answer/).waitFor();
    await doubtful.getByText("Ask the customer before you send it again: it may then arrive twice.").waitFor();
    // The hub says the same in its own words; the page says it once.
    expect((await doubtful.textContent())?.match(/may or may not/giu)).toHaveLength(1);
    expect((await doubtful.textContent())?.match(/ask the customer/giu)).toHaveLength(1);
    await failed.getByRole("button", { name: "Send again" }).click();
    await expect.poll(() => hub.channels.again).toEqual([`${MAIL}-2`]);
    hub.channels.onTheirWay.add(`${MAIL}-3`);
    await doubtful.getByRole("button", { name: "Send again" }).click();
    await page.getByText("Not sent again. It is on its way or has gone out already.").waitFor();
    const changed = { event: "delivery_changed", conversation_id: MAIL } as const;
    hub.push({ ...changed, message_id: `${MAIL}-3`, number: 3, delivery: "queued", note: null });
    await doubtful.getByText("Waiting to be sent").waitFor();
    hub.push({ ...changed, message_id: `${MAIL}-3`, number: 3, delivery: "sent", note: null });
    await doubtful.getByText("Sent", { exact: true }).waitFor();
    expect(await doubtful.getByRole("button", { name: "Send again" }).count()).toBe(0);
  });

  it("marks the row of a conversation whose last answer did not arrive, as long as that is so", async () => {
    const { page, hub } = await desk("/inbox", withChannels);
    const mark = page.locator(`.sb-row[href*="${MAIL}"]`).getByRole("img", { name: "Not delivered" });
    await page.locator(`.sb-row[href*="${MAIL}"]`).waitFor();
    expect(await mark.count()).toBe(0);
    const undelivered = (number: number | null): void => {
      const patch = { undelivered_number: number };
      hub.rows.set(MAIL, { ...(hub.rows.get(MAIL) as ConversationRow), ...patch });
      const by = { kind: "system" } as const;
      hub.push({ event: "conversation_changed", conversation_id: MAIL, by, patch, lines: [] });
    };
    undelivered(3);
    await mark.waitFor();
    await page.reload();
    await mark.waitFor();
    undelivered(null);
    await mark.waitFor({ state: "detached" });
  });

  it("leads an admin to what has not gone out", async () => {
    const { page, hub } = await desk("/inbox", withChannels);
    const [mail] = hub.channels.held.messages;
    const number = { id: "contact-number", name: null, address: "+31622222222" };
    if (mail) hub.channels.held.messages.push({ ...mail, message_id: "S9-1", case_number: "SB-9", contact: number });
    await settings(page);
    await inboxOf(page, "Text messages").getByRole("button").click();
    await page.getByRole("button", { name: "Show these messages" }).click();
    await page.getByText("550 5.1.1 mailbox is full").first().waitFor();
    // Who has no name is called by their number.
    await page.getByRole("link", { name: "+31622222222 · SB-9" }).waitFor();
    await page.getByRole("link", { name: "Maria Jansen · SB-100" }).click();
    await page.locator("article", { hasText: "Your lamp is on its way." }).waitFor();
  });
});

describe("an inbox that receives nothing", () => {
  it("is said in its conversations and lists, as long as it is so", async () => {
    const { page, hub } = await desk(`/inbox/${MAIL}?inbox=inbox-email`, withChannels);
    const said = page.getByRole("status").filter({ hasText: "The mailbox of Mail has not worked since" });
    const tell = (state: "away" | "broken" | "working", since: number): void => {
      hub.push({ event: "inbox_health_changed", health: { inbox_id: "inbox-email", state, since } });
    };
    await page.locator("article", { hasText: "I am away until Monday." }).waitFor();
    expect(await said.count()).toBe(0);
    // For a moment only: nobody has to know.
    tell("away", hub.now());
    const at = hub.now() - 3_600_000;
    tell("broken", at);
    await expect.poll(() => said.count()).toBe(2);
    expect(await said.first().textContent()).toContain("customers’ mails may not show here, and answers may wait.");
    expect(await said.first().textContent()).toContain("An owner or an admin has to look at its settings.");
    tell("away", at);
    await expect.poll(() => said.first().textContent()).toContain("It is tried again by itself.");
    tell("working", hub.now());
    await expect.poll(() => said.count()).toBe(0);
  });

  it("is said after a reload, of all that do where all are shown, and leads who may mend it there", async () => {
    const { page } = await desk("/inbox", withChannels);
    await page.getByText("2 inboxes receive nothing just now").waitFor();
    await page.getByRole("link", { name: "Open the settings" }).click();
    await page.getByRole("button", { name: "New inbox" }).waitFor();
    const state = inboxOf(page, "Text messages").locator(".dk-state--broken");
    await state.getByText("Does not work").waitFor();
  });

  it("is said of the demo's as no trouble, until somebody sets them up", async () => {
    const { page, hub } = await desk(`/inbox/${MAIL}`, withChannels);
    const said = page.getByRole("status").filter({ hasText: "This is the demo: this inbox is connected to nobody" });
    const tell = (state: "unconnected" | "starting"): void => {
      hub.push({ event: "inbox_health_changed", health: { inbox_id: "inbox-email", state, since: hub.now() } });
    };
    await page.locator("article", { hasText: "I am away until Monday." }).waitFor();
    tell("unconnected");
    await expect.poll(() => said.count()).toBe(1);
    tell("starting");
    await expect.poll(() => said.count()).toBe(0);
  });

  it("leads from a conversation to the inbox that it is about", async () => {
    const { page } = await desk(`/inbox/${TEXTS}`, withChannels);
    const open = page.getByRole("region", { name: "Sam Lee" }).getByRole("link", { name: "Open the settings" });
    await open.click();
    await page.getByRole("button", { name: "Close Text messages" }).waitFor();
    await page.getByRole("button", { name: "Edit Mail" }).waitFor();
  });
});

describe("mails", () => {
  it("says from whom and to whom, a new subject, and why it is here", async () => {
    const { page } = await desk(`/inbox/${MAIL}`, withChannels);
    const heads = page.locator(".dk-mail__head");
    await heads.first().waitFor();
    const said = (await heads.allTextContents()).map((text) => text.replace(/[\u2068\u2069]/g, ""));
    expect(said).toEqual([
      "From maria@example.nl",
      "To maria@example.nl",
      "To maria@example.nlCc depot@shop.example",
      "From maria@example.nlTo help@shop.exampleCc jan@example.nlSubject: Broken lamp",
      "From maria@example.nlAutomatic replyBy case numberSubject: Automatic: Broken lamp",
    ]);
  });

  it("says of what waits why it does, also where newer ones wait behind it", async () => {
    const { page, hub } = await desk(`/inbox/${MAIL}`, withChannels);
    const by = { kind: "out", author: { kind: "agent", id: hub.me.id }, delivery: "queued" } as const;
    hub.say(MAIL, "First.", { ...by, delivery_note: "The server says: 450 come back later." });
    hub.say(MAIL, "Second.", by);
    const mark = (text: string) => page.locator("article", { hasText: text }).locator(".sb-delivery");
    await mark("Second.").getByText("Waiting to be sent").waitFor();
    const why = (await mark("First.").textContent())?.replace(/[\u2068\u2069]/g, "");
    expect(why).toBe("Waiting, and tried again by itself: The server says: 450 come back later.");
  });

  it("names whoever wrote each, and not the address that leads answers here", async () => {
    const { page, hub } = await desk(`/inbox/${MAIL}`, withChannels);
    const to = [{ address: "help+01m8261cp74hbfr9sy4wtrxrhf3f30a217f5252514@shop.example" }];
    const cc = [{ address: "maria@example.nl" }];
    const mail = { to, subject: "Re: Broken lamp", html: false, folded: false };
    const jan = { kind: "contact", id: "contact-jan" } as const;
    hub.say(MAIL, "I broke it.", { author: jan, mail: { ...mail, cc, from: { address: "jan@example.nl" } } });
    const article = page.locator("article", { hasText: "I broke it." });
    await article.getByText("jan@example.nl", { exact: true }).waitFor();
    const head = (await article.locator(".dk-mail__head").textContent()) ?? "";
    expect(head.replace(/[\u2068\u2069]/g, "")).toBe("To help@shop.exampleCc maria@example.nl");
  });

  it("folds out what a mail quotes, and keeps its beginning under the eye", async () => {
    const { page } = await desk(`/inbox/${MAIL}`, withChannels);
    const mail = page.locator("article", { hasText: "came broken" });
    const top = () => mail.evaluate((element) => Math.round(element.getBoundingClientRect().top));
    await page.getByRole("button", { name: "As text" }).click();
    await mail.waitFor();
    const before = await top();
    await mail.getByRole("button", { name: "Show the whole mail" }).click();
    await mail.getByText("> It comes on Tuesday.").waitFor();
    expect(await top()).toBe(before);
    await mail.getByRole("button", { name: "Show less" }).click();
    await mail.getByText("> It comes on Tuesday.").waitFor({ state: "detached" });
  });

  it("shows a mail as it was sent: nothing runs, nothing loads unless it is asked for, links leave the page", async () => {
    const { page } = await desk(`/inbox/${MAIL}`, withChannels);
    const asked: string[] = [];
    await page.context().route("https://tracker.example/**", (route) => {
      asked.push(route.request().url());
      return route.fulfill({ contentType: "image/gif", body: PIXEL });
    });
    const frame = page.frameLocator(".dk-mail__frame");
    const title = frame.getByRole("heading", { name: "Order 20417" });
    await title.waitFor();
    expect(await page.locator(".dk-mail__frame").getAttribute("sandbox")).not.toContain("allow-scripts");
    // Its own colours show, whatever the page's policy is.
    expect(await title.evaluate((element) => getComputedStyle(element).color)).toBe("rgb(187, 0, 0)");
    const width = (name: string) =>
      frame.getByAltText(name).evaluate((element) => (element as HTMLImageElement).naturalWidth);
    // The mail's own picture stands in it, and not among its files again.
    await expect.poll(() => width("Photo")).toBe(1);
    expect(await page.locator("article").getByText("bill.pdf").count()).toBe(1);
    expect(await page.locator("article").getByAltText("photo.gif").count()).toBe(0);
    expect(asked).toEqual([]);
    expect(await page.title()).not.toBe("ran");
    const link = frame.getByRole("link", { name: "my order" });
    expect(await link.getAttribute("rel")).toContain("noopener noreferrer");
    await page.getByRole("button", { name: "Show pictures from other sites" }).click();
    await expect.poll(() => asked).toEqual(["https://tracker.example/pixel.gif"]);
    await expect.poll(() => width("Signature")).toBe(1);
    await page.getByRole("button", { name: "As text" }).click();
    await page.locator(".dk-mail__frame").waitFor({ state: "detached" });
    await page.getByAltText("photo.gif").waitFor();
    // What was chosen for one mail is how they are shown from then on.
    await page.reload();
    await page.getByRole("button", { name: "As sent" }).waitFor();
    expect(await page.locator(".dk-mail__frame").count()).toBe(0);
  });

  it("stays a text where its HTML says no more, and folds what it quotes where it does", async () => {
    const quote = `<div>On Monday you wrote:</div><blockquote type="cite"><table><tr><td>It comes on Tuesday.</td></tr></table></blockquote>`;
    const document = (words: string) => () =>
      `<!doctype html><html><head><style>body{margin:0}</style></head><body><div>${words}</div>${quote}</body></html>`;
    const { page, hub } = await desk(`/inbox/${MAIL}`, (hub) => {
      withChannels(hub);
      hub.channels.frames.set(`${MAIL}-4`, document("The blue lamp came broken. What now?"));
    });
    await page.getByRole("button", { name: "As sent" }).waitFor();
    await page.locator(".dk-mail__frame").waitFor({ state: "detached" });
    await page.getByText("The blue lamp came broken. What now?").last().waitFor();
    hub.channels.frames.set(`${MAIL}-4`, document("The <b>blue</b> lamp came broken. What now?"));
    await page.reload();
    const frame = page.frameLocator(".dk-mail__frame");
    await frame.getByText("The blue lamp").waitFor();
    expect(await frame.getByText("On Monday").isVisible()).toBe(false);
    expect(await frame.getByText("It comes on Tuesday.").isVisible()).toBe(false);
    await page.getByRole("button", { name: "Show the whole mail" }).click();
    await frame.getByText("It comes on Tuesday.").waitFor();
  });

  it("stands at its newest message when it is opened by its address, though pictures and frames come late", async () => {
    const { page } = await desk(`/inbox/${MAIL}`, withChannels, { viewport: { width: 1280, height: 500 } });
    let letGo = (): void => undefined;
    const gate = new Promise<void>((done) => (letGo = done));
    await page.route("**/api/messages/*/frame", async (route) => {
      await gate;
      return route.fallback();
    });
    await page.reload();
    await page.getByText("I am away until Monday.").last().waitFor();
    // As a browser does when what is above has grown before it tells of the scrolling.
    await page.locator(".dk-thread").evaluate((thread) => {
      const late = document.createElement("div");
      late.style.blockSize = "400px";
      thread.querySelector("article")?.append(late);
      thread.dispatchEvent(new Event("scroll"));
    });
    letGo();
    await page.frameLocator(".dk-mail__frame").getByRole("heading", { name: "Order 20417" }).waitFor();
    const below = () =>
      page.locator(".dk-thread").evaluate((one) => Math.round(one.scrollHeight - one.scrollTop - one.clientHeight));
    await expect.poll(below).toBe(0);
    // Who scrolls up is left there, also while more comes.
    await page.locator(".dk-thread").evaluate((one) => one.scrollBy(0, -300));
    await page.getByRole("button", { name: "Newest" }).waitFor();
    expect(await below()).toBeGreaterThan(200);
  });

  it("makes a mail that is too wide smaller", async () => {
    const wide = `<!doctype html><html><head><style>body{margin:0}</style></head><body><table width="800"><tr><td>Sale</td></tr></table></body></html>`;
    const { page } = await desk(`/inbox/${MAIL}`, (hub) => {
      withChannels(hub);
      hub.channels.frames.set(`${MAIL}-4`, () => wide);
    });
    await page.frameLocator(".dk-mail__frame").getByText("Sale").waitFor();
    const over = () =>
      page.locator(".dk-mail__frame").evaluate((element) => {
        const root = (element as HTMLIFrameElement).contentDocument?.documentElement;
        return (root?.scrollWidth ?? 0) - (root?.clientWidth ?? 0);
      });
    await expect.poll(over).toBe(0);
  });

  it("is as high as the mail is, and scrolls in the thread", async () => {
    const { page } = await desk(`/inbox/${MAIL}`, withChannels);
    const inside = () =>
      page.locator(".dk-mail__frame").evaluate((element) => {
        const { contentDocument, clientHeight } = element as HTMLIFrameElement;
        return clientHeight - (contentDocument?.documentElement.scrollHeight ?? 0);
      });
    await expect.poll(async () => (await page.locator(".dk-mail__frame").boundingBox())?.height).toBeGreaterThan(700);
    expect(await inside()).toBe(0);
  });

  it("remembers whose pictures are always shown, until it is told to ask again", async () => {
    const { page } = await desk(`/inbox/${MAIL}`, withChannels);
    await page.context().route("https://tracker.example/**", (route) => route.fulfill({ body: "" }));
    const source = () => page.locator(".dk-mail__frame").getAttribute("src");
    await page.getByRole("button", { name: "Show pictures from other sites" }).click();
    await page.getByRole("button", { name: /Always from .maria@example.nl/ }).click();
    await page.reload();
    const ask = page.getByRole("button", { name: /Ask again before pictures of .maria@example.nl. are shown/ });
    await ask.waitFor();
    expect(await source()).toMatch(/pictures=1$/);
    await ask.click();
    await page.getByRole("button", { name: "Show pictures from other sites" }).waitFor();
    expect(await source()).not.toMatch(/pictures/);
  });

  it("says that a mail cannot be shown just now, and tries again when told", async () => {
    const { page, hub } = await desk(`/inbox/${MAIL}`, (hub) => {
      withChannels(hub);
      hub.channels.away = true;
    });
    const mail = page.locator("article", { hasText: "came broken" });
    await mail.getByRole("button", { name: "As sent" }).click();
    await page.getByText("The rest of this mail could not be loaded.").waitFor();
    hub.channels.away = false;
    await page.getByRole("button", { name: "Try again" }).click();
    await page.frameLocator(".dk-mail__frame").getByRole("heading", { name: "Order 20417" }).waitFor();
  });

  it("opens a link of a mail in a page of its own", async () => {
    const { page } = await desk(`/inbox/${MAIL}`, withChannels);
    const link = page.frameLocator(".dk-mail__frame").getByRole("link", { name: "my order" });
    await link.waitFor();
    await page.context().route("https://shop.example/**", (route) => route.fulfill({ body: "order" }));
    await link.scrollIntoViewIfNeeded();
    const at = await link.boundingBox();
    const press = page.mouse.click((at?.x ?? 0) + 4, (at?.y ?? 0) + 4);
    const [opened] = await Promise.all([page.context().waitForEvent("page"), press]);
    await opened.waitForLoadState();
    expect(opened.url()).toBe("https://shop.example/orders/20417");
    expect(await opened.evaluate(() => window.opener)).toBe(null);
    await opened.close();
  });
});
