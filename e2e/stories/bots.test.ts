/**
 * Bots as people have them, on every channel: the same programs, told nothing but a token and a base URL, answer visitors,
 * mails, SMS and Telegram; agents stop them and let them go on; and no power cut loses or repeats a word.
 */
import type {
  ChannelSetup,
  ConversationBots,
  ConversationPage,
  Inbox,
  Message,
  MessagePage,
  VisitorMessage,
} from "@switchboard/protocol";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { createBot, run, runExample, runRasa } from "../src/bots.js";
import { Carrier } from "../src/carrier.js";
import { type VisitorLine, visitorLine } from "../src/client.js";
import { Crowd } from "../src/crowd.js";
import { ALONE, TOGETHER } from "../src/deployment.js";
import { MailHost } from "../src/mail-host.js";
import { Outsider } from "../src/outsider.js";
import type { Process } from "../src/process.js";
import { Site } from "../src/site.js";
import { Telegram } from "../src/telegram.js";
import { tool } from "../src/tools.js";
import { Visitor } from "../src/visitor.js";
import { open, UNLIMITED, type Workspace } from "../src/workspace.js";

/** How long anything may take to happen. */
const PATIENCE_MS = 30_000;
const PUBLIC = "https://lamps.example";
const VAN = "+84901234567";
const LAN = "+84907654321";
const AN = 4_711_000_001;
/** Words that a visitor writes while hubs die; with the answers they are less than a page. */
const THROUGH_POWER_CUTS = 40;
const WORDS_BETWEEN_CUTS = 10;

for (const shape of [ALONE, TOGETHER]) {
  describe(shape.name, () => {
    let workspace: Workspace;
    const running: Process[] = [];
    const closing: (() => Promise<unknown> | undefined)[] = [];

    beforeAll(async () => {
      const settings = { SWITCHBOARD_PUBLIC_URL: PUBLIC, SWITCHBOARD_CHANNELS__PRIVATE_ADDRESSES: "true" };
      workspace = await open(shape, { ...UNLIMITED, ...settings });
    });
    afterAll(async () => {
      // Those that wait for updates get them from hubs that are still there.
      await Promise.all(running.map((program) => program.stop("SIGINT")));
      await Promise.all(closing.map((close) => close()));
      await workspace?.deployment.stop();
    });

    /** An inbox that only this bot is asked in. */
    async function withBot(
      name: string,
      channel: Inbox["channel"],
      origins: string[] = [],
    ): Promise<{ inbox: Inbox; id: string; token: string }> {
      const { owner } = workspace;
      const made = { name, channel, ...(channel === "web" ? { web: { origins } } : {}) };
      const inbox = await owner.post<Inbox>("/api/inboxes", made);
      const { bot, token } = await createBot(owner, `${name}_${channel}`, [inbox.id]);
      return { inbox, id: bot.id, token };
    }

    async function start(file: string, token: string, more?: Record<string, string>): Promise<Process> {
      const program = await run(file, workspace.deployment.url, token, more);
      running.push(program);
      return program;
    }

    async function startExample(name: string, token: string): Promise<void> {
      running.push(await runExample({ library: "python-telegram-bot", name }, workspace.deployment.url, token));
    }

    async function conversationsOf(inbox: Inbox): Promise<ConversationPage["rows"]> {
      const { rows } = await workspace.owner.get<ConversationPage>("/api/conversations");
      return rows.filter(({ inbox_id }) => inbox_id === inbox.id);
    }

    async function said(conversation: string): Promise<Message[]> {
      const path = `/api/conversations/${conversation}/messages?limit=100`;
      const { messages } = await workspace.owner.get<MessagePage>(path);
      return messages.filter(({ author }) => author.kind === "contact" || author.kind === "bot");
    }

    /** Who said what, in the end. */
    async function isSaid(conversation: string, wanted: [Message["author"]["kind"], string][]): Promise<void> {
      const now = async () => (await said(conversation)).map(({ author, text }) => [author.kind, text]);
      await expect.poll(now, { timeout: PATIENCE_MS }).toEqual(wanted);
    }

    async function visitorOf(inbox: Inbox): Promise<VisitorLine> {
      const line = await visitorLine(workspace.deployment.url, inbox.web?.widget_key ?? "");
      closing.push(async () => line.client.close());
      return line;
    }

    /** They write, and it is kept until a hub has it; the conversation that it is in. */
    async function writes({ client }: VisitorLine, text: string): Promise<string> {
      return (await client.command({ do: "send", text }, { keep: true })).conversation_id ?? "";
    }

    async function carrierOf(inbox: Inbox, number: string) {
      const carrier = new Carrier(number, PUBLIC, workspace.deployment.url);
      await carrier.start();
      closing.push(() => carrier.close());
      const saved = await workspace.owner.send("PUT", `/api/inboxes/${inbox.id}/channel`, carrier.channel);
      const { webhook } = (await saved.json()) as ChannelSetup;
      const brings = async (from: string, text: string) => {
        expect((await carrier.call(webhook ?? "", carrier.message(from, text))).status).toBe(200);
      };
      /** What they have been sent, in the end. */
      const got = (who: string, texts: string[]) => {
        const now = () => carrier.sent.filter(({ to }) => to === who).map(({ text }) => text);
        return expect.poll(now, { timeout: PATIENCE_MS }).toEqual(texts);
      };
      return { brings, got };
    }

    test("python-telegram-bot's echo answers a visitor, until an agent stops it", async () => {
      const site = await Site.start();
      const crowd = await Crowd.gather(workspace.deployment.url, `bots-${shape.hubs}`);
      try {
        const { inbox, id, token } = await withBot("echo", "web", [site.origin]);
        const bot = await start("echo.py", token);
        const visitor = await Visitor.at(crowd, "Vera", site, inbox.web?.widget_key ?? "");
        await visitor.openChat();
        await visitor.write("Is the lamp there?");
        await expect
          .poll(() => visitor.log.allTextContents(), { timeout: PATIENCE_MS })
          .toEqual(["Is the lamp there?", "Is the lamp there?"]);
        await crowd.picture("echo");

        const [conversation] = await conversationsOf(inbox);
        const path = `/api/conversations/${conversation?.id}/bots/${id}/block`;
        const blocked = (await (await workspace.owner.send("PUT", path, {})).json()) as ConversationBots;
        expect(blocked.bots[0]?.blocked?.why).toBe("agent");
        await expect.poll(() => bot.output, { timeout: PATIENCE_MS }).toContain(`\nblocked ${conversation?.number}`);
        const chat = { chat_id: conversation?.number, text: "Still here" };
        const refused = await call(workspace, token, "sendMessage", chat);
        expect(refused).toEqual({ ok: false, error_code: 403, description: "Forbidden: bot was blocked by the user" });
        await visitor.write("And now?");
        await visitor.sees("And now?");
        // What is told goes in order: when it hears of another block, it has been passed over for the words before.
        await workspace.owner.send("PUT", path, { until: Date.now() + 3_600_000 });
        const told = () => bot.output.split(`\nblocked ${conversation?.number}`).length - 1;
        await expect.poll(told, { timeout: PATIENCE_MS }).toBe(2);

        await workspace.owner.send("DELETE", path);
        await expect.poll(() => bot.output, { timeout: PATIENCE_MS }).toContain(`\nunblocked ${conversation?.number}`);
        await visitor.write("Again?");
        const all = ["Is the lamp there?", "Is the lamp there?", "And now?", "Again?", "Again?"];
        await expect.poll(() => visitor.log.allTextContents(), { timeout: PATIENCE_MS }).toEqual(all);
        await crowd.picture("let go on");
      } finally {
        await crowd.leave();
        await site.close();
      }
    });

    for (const [library, file, more] of [
      ["aiogram", "echo_aiogram.py", () => ({})],
      ["grammY", "echo_grammy.mjs", () => ({ PACKAGES: tool("GRAMMY") })],
    ] as const) {
      test(`${library}'s echo asks by buttons, and a visitor presses one`, async () => {
        const { inbox, token } = await withBot(library.toLowerCase(), "web");
        await start(file, token, more());
        const line = await visitorOf(inbox);
        const told: string[] = [];
        line.client.on("signal", (signal) => signal.signal === "told" && told.push(signal.text));
        const conversation_id = await writes(line, "A lamp & <more>");
        await isSaid(conversation_id, [
          ["contact", "A lamp & <more>"],
          ["bot", "A lamp & <more>"],
        ]);
        const shown = async (): Promise<VisitorMessage | undefined> => {
          const { messages } = await line.history();
          return messages.filter((message) => message.conversation_id === conversation_id).at(-1);
        };
        const asked = await shown();
        const rows = [[{ text: "Right" }, { text: "Wrong" }]];
        expect(asked?.rich?.keyboard).toEqual({ kind: "inline", rows });
        const button = { number: asked?.number ?? 0, row: 0, column: 1, text: "Wrong" };
        await line.client.command({ do: "press", conversation_id, ...button });
        await expect.poll(async () => (await shown())?.text, { timeout: PATIENCE_MS }).toBe("That was wrong.");
        await expect.poll(() => told, { timeout: PATIENCE_MS }).toEqual(["Thanks"]);
        expect((await shown())?.rich?.keyboard).toBeUndefined();
      });
    }

    test.skipIf(!process.env.RASA)("a Rasa assistant understands, asks by buttons and is pressed", async () => {
      const { inbox, token } = await withBot("rasa", "web");
      running.push(await runRasa(workspace.deployment.url, token, "rasa_web_bot"));
      const line = await visitorOf(inbox);
      const conversation_id = await writes(line, "hello");
      const greeting = ["bot", "Hello! Which do you want to know?"] as const;
      await isSaid(conversation_id, [["contact", "hello"], [...greeting]]);
      const number = (await said(conversation_id))[1]?.number ?? 0;
      await line.client.command({ do: "press", conversation_id, number, row: 0, column: 0 });
      const last = async () => (await said(conversation_id)).at(-1)?.text;
      await expect.poll(last, { timeout: PATIENCE_MS }).toBe("Delivery takes eight days.");
      await writes(line, "goodbye then");
      await expect.poll(last, { timeout: PATIENCE_MS }).toBe("Goodbye.");
    });

    test("python-telegram-bot's echobot answers by SMS", async () => {
      const { inbox, token } = await withBot("echo", "sms");
      const { brings, got } = await carrierOf(inbox, "+14155550100");
      await startExample("echobot", token);
      await brings(VAN, "Xin chào 😀, where is my lamp & why? + 1");
      await got(VAN, ["Xin chào 😀, where is my lamp & why? + 1"]);
    });

    test("a choice by buttons is made by SMS as well: the number of one is its press", async () => {
      const { inbox, token } = await withBot("keyboard", "sms");
      const { brings, got } = await carrierOf(inbox, "+14155550101");
      await startExample("inlinekeyboard", token);
      await brings(LAN, "/start");
      const asked = "Please choose:\n1. Option 1\n2. Option 2\n3. Option 3";
      await got(LAN, [asked]);
      await brings(LAN, "2");
      await got(LAN, [asked, "Selected option: 2"]);
    });

    test("the same answers on Telegram", async () => {
      const { inbox, token } = await withBot("echo", "telegram");
      const telegram = new Telegram();
      await telegram.start();
      closing.push(() => telegram.close());
      await workspace.owner.send("PUT", `/api/inboxes/${inbox.id}/channel`, telegram.channel);
      await startExample("echobot", token);
      telegram.writes(AN, "Is it there?");
      await expect.poll(() => telegram.sent, { timeout: PATIENCE_MS }).toEqual([{ chat: AN, text: "Is it there?" }]);
    });

    test.skipIf(!MailHost.canRun)("the same answers by mail", async () => {
      const host = await MailHost.start();
      closing.push(() => host.stop());
      const { inbox, token } = await withBot("echo", "email");
      await workspace.owner.send("PUT", `/api/inboxes/${inbox.id}/channel`, host.channel("lamps@shop.test"));
      await startExample("echobot", token);
      const maria = await Outsider.at(host, "maria@example.test");
      closing.unshift(() => maria.leaves());
      const sent = await maria.sends({ to: "lamps@shop.test", subject: "My lamp", text: "Is it there?" });
      await expect.poll(() => maria.count(), { timeout: 2 * PATIENCE_MS }).toBe(1);
      const mail = await maria.reads(1);
      expect(mail.subject).toMatch(/^Re: My lamp/);
      expect(mail.head.get("in-reply-to")).toBe(sent);
      expect(mail.parts.find(({ type }) => type === "text/plain")?.bytes.toString()).toMatch(/^Is it there\?/);
    });

    test("a webhook is called with its secret, again when it failed, and in order", async () => {
      const { inbox, id, token } = await withBot("webhook", "web");
      const bot = await start("webhook.mjs", token);
      const line = await visitorOf(inbox);
      const conversation_id = await writes(line, "One");
      for (const text of ["fail once", "Three?"]) await writes(line, text);
      const answers = async () =>
        (await said(conversation_id)).filter(({ author }) => author.kind === "bot").map(({ text }) => text);
      await expect.poll(answers, { timeout: PATIENCE_MS }).toEqual(["One", "fail once", "Three?"]);
      expect(bot.output).toContain("failed once");
      expect(bot.output).not.toContain("refused a stranger");
      expect(await call(workspace, token, "getUpdates", {})).toMatchObject({ ok: false, error_code: 409 });

      // What it fails on nobody waits for: the customer's next words come, and it is not taken for broken.
      const block = `/api/conversations/${conversation_id}/bots/${id}/block`;
      await workspace.owner.send("PUT", block, {});
      await workspace.owner.send("DELETE", block);
      await writes(line, "Four");
      await expect.poll(answers, { timeout: PATIENCE_MS }).toEqual(["One", "fail once", "Three?", "Four"]);
      const { bots } = await workspace.owner.get<ConversationBots>(`/api/conversations/${conversation_id}/bots`);
      expect(bots.find(({ bot_id }) => bot_id === id)?.blocked ?? null).toBe(null);
    });

    test("hubs lose power while a bot waits: nothing is lost, nothing comes twice", async () => {
      const { inbox, token } = await withBot("power", "web");
      await start("echo.py", token);
      const line = await visitorOf(inbox);
      const { deployment } = workspace;
      const texts = Array.from({ length: THROUGH_POWER_CUTS }, (_, number) => `Word ${number}`);
      const conversation = await writes(line, texts[0] ?? "");
      const by = async (kind: string) =>
        (await said(conversation)).filter(({ author }) => author.kind === kind).map(({ text }) => text);
      for (const [number, text] of texts.entries()) {
        if (number === 0) continue;
        if (number % WORDS_BETWEEN_CUTS !== 0) {
          await writes(line, text);
          continue;
        }
        // Such bots do not send twice what could not be sent: it waits for updates, and has nothing else under way.
        await expect.poll(() => by("bot"), { timeout: 2 * PATIENCE_MS }).toEqual(texts.slice(0, number));
        const hub = (number / WORDS_BETWEEN_CUTS) % shape.hubs;
        await deployment.killHub(hub);
        const kept = writes(line, text);
        await deployment.startHub(hub);
        await kept;
      }
      await expect.poll(() => by("bot"), { timeout: 2 * PATIENCE_MS }).toEqual(texts);
      expect(await by("contact")).toEqual(texts);
    });
  });
}

/** A method of the Bot API, called past any library. */
async function call({ deployment }: Workspace, token: string, method: string, parameters: object): Promise<unknown> {
  const response = await fetch(`${deployment.url}/bot${token}/${method}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(parameters),
  });
  return response.json();
}
