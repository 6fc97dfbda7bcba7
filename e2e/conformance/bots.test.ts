/**
 * The Bot API, method by way: raw in the four ways of calling that there are, and by libraries' own functions. What is expected is
 * Telegram's documented answer; where ours is another one, it stands here with the reason.
 */
import { createServer, type Server } from "node:http";
import { join } from "node:path";
import type { ConversationDetail, Inbox, VisitorMessage } from "@switchboard/protocol";
import { afterAll, beforeAll, expect, test } from "vitest";

import { createBot } from "../src/bots.js";
import { type VisitorLine, visitorLine } from "../src/client.js";
import { ALONE } from "../src/deployment.js";
import { finish } from "../src/process.js";
import { Telegram } from "../src/telegram.js";
import { tool } from "../src/tools.js";
import { open, UNLIMITED, type Workspace } from "../src/workspace.js";

interface Called {
  case: string;
  method: string;
  way: string;
  /** Nothing if it was answered as documented. */
  wrong: string | null;
}

const WAYS = ["GET", "form", "JSON", "multipart", "python-telegram-bot", "aiogram", "grammY", "Telegraf"];

/** How long anything may take to happen. */
const PATIENCE_MS = 10_000;
/** Writes by Telegram, where one may correct what one has written. */
const AN = 4_711_000_001;

/** Cases that are answered otherwise by every way: how, and why. */
const OTHERWISE: Readonly<Record<string, readonly [RegExp, string]>> = {
  "delete what they wrote": [/can't be deleted/, "what customers wrote is the team's to keep"],
  "a photo that moves": [/photo is None/, "what kind a file is its content says: this one is an animation"],
};

let workspace: Workspace;
let line: VisitorLine;
let people: Server;
const telegram = new Telegram();
/** What the bot has said to presses, and nobody has looked at yet. */
const heard: string[] = [];
const called: Called[] = [];
const environment: Record<string, string> = {};

beforeAll(async () => {
  // The webhook that is set and taken away again is on this machine, where nothing listens.
  workspace = await open(ALONE, { ...UNLIMITED, SWITCHBOARD_CHANNELS__PRIVATE_ADDRESSES: "true" });
  const { deployment, owner } = workspace;
  const inbox = await owner.createWebInbox("Conformance", []);
  await telegram.start();
  const byTelegram = await owner.post<Inbox>("/api/inboxes", { name: "By Telegram", channel: "telegram" });
  await owner.send("PUT", `/api/inboxes/${byTelegram.id}/channel`, telegram.channel);
  const { bot, token } = await createBot(owner, "conformance", [inbox.id, byTelegram.id]);
  const begins = async () => {
    const visitor = await visitorLine(deployment.url, inbox.web?.widget_key ?? "");
    const done = await visitor.client.command({ do: "send", text: "Hello" }, { keep: true });
    const id = done.conversation_id ?? "";
    const { row } = await owner.get<ConversationDetail>(`/api/conversations/${id}`);
    return { visitor, id, number: row.number };
  };
  const [free, blocked] = [await begins(), await begins()];
  line = free.visitor;
  blocked.visitor.client.close();
  await owner.send("PUT", `/api/conversations/${blocked.id}/bots/${bot.id}/block`, {});
  line.client.on("signal", (signal) => signal.signal === "told" && heard.push(signal.text));
  people = await others(free.id, bot.id);
  Object.assign(environment, {
    BOT_API: deployment.hubUrl(0),
    BOT_TOKEN: token,
    CHAT: `${free.number}`,
    BLOCKED: `${blocked.number}`,
    PEOPLE: addressOf(people),
  });
});
afterAll(async () => {
  line?.client.close();
  people?.close();
  await telegram.close();
  await workspace?.deployment.stop();
});

for (const way of WAYS) {
  test(`the Bot API by ${way}`, async () => {
    // Something to fetch.
    await line.client.command({ do: "send", text: "Are you there?" }, { keep: true });
    const script = join(import.meta.dirname, "bots.py");
    const { code, output } = await finish(pythonOf(way), [script, way], {
      env: { ...environment, ...packagesOf(way) },
    });
    expect(code, output).toBe(0);
    const lines = output.split("\n").filter((line) => line.startsWith('{"case"'));
    const calls = lines.map((line) => JSON.parse(line) as Called);
    called.push(...calls);
    const unexplained = calls.filter((call) => call.wrong !== null && !OTHERWISE[call.case]?.[0].test(call.wrong));
    expect(unexplained.map(({ case: name, method, wrong }) => `${name} (${method}): ${wrong}`)).toEqual([]);
    // What is no longer so has no reason any more.
    expect(calls.filter(({ case: name, wrong }) => OTHERWISE[name] && wrong === null)).toEqual([]);
  });
}

test("the table", () => {
  const cases = [...new Set(called.map(({ case: name }) => name))];
  const sign = (name: string, way: string) => {
    const call = called.find((one) => one.case === name && one.way === way);
    if (!call) return " ";
    if (call.wrong === null) return "✓";
    return OTHERWISE[name]?.[0].test(call.wrong) ? "≠" : "✗";
  };
  const rows = cases.map((name) => {
    const method = called.find((one) => one.case === name)?.method ?? "";
    return `| ${method} | ${name} | ${WAYS.map((way) => sign(name, way)).join(" | ")} |`;
  });
  const reasons = Object.entries(OTHERWISE).map(([name, [, why]]) => `≠ ${name}: ${why}`);
  const head = [`| method | case | ${WAYS.join(" | ")} |`, `| --- | --- |${WAYS.map(() => " --- |").join("")}`];
  process.stdout.write(`${[...head, ...rows, "", ...reasons].join("\n")}\n`);
  // Nothing was left out on the way.
  expect(new Set(called.map(({ way }) => way))).toEqual(new Set(WAYS));
});

/** What a visitor and an agent do, at the word of the program that calls as the bot. */
async function others(conversation_id: string, bot: string): Promise<Server> {
  const { owner } = workspace;
  const block = `/api/conversations/${conversation_id}/bots/${bot}/block`;
  const acts: Record<string, (given: never) => Promise<unknown>> = {
    presses: async (button: { number: number; row: number; column: number; text: string }) => {
      await line.client.command({ do: "press", conversation_id, ...button });
      return {};
    },
    /** The message of that number as they have it. */
    sees: async ({ number }: { number: number }): Promise<VisitorMessage | null> => {
      const { messages } = await line.history();
      return messages.find((one) => one.conversation_id === conversation_id && one.number === number) ?? null;
    },
    hears: async () => {
      await expect.poll(() => heard.length, { timeout: PATIENCE_MS }).toBeGreaterThan(0);
      return { text: heard.shift() };
    },
    edits: async ({ text }: { text: string }) => {
      telegram.corrects(AN, telegram.writes(AN, "A rde lamp"), text);
      return {};
    },
    blocks: async () => (await owner.send("PUT", block, {})).json(),
    unblocks: async () => {
      await owner.send("DELETE", block);
      return {};
    },
  };
  const server = createServer(async (request, response) => {
    if (request.url === "/words.txt") return void response.end("Words\n");
    let body = "";
    for await (const chunk of request) body += chunk;
    const act = acts[request.url?.slice(1) ?? ""];
    await (act?.(JSON.parse(body) as never) ?? Promise.reject(new Error(request.url))).then(
      (result) => response.end(JSON.stringify(result)),
      (error: unknown) => response.writeHead(500, String(error)).end(),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return server;
}

function addressOf(server: Server): string {
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port in the address");
  return `http://127.0.0.1:${address.port}`;
}

function packagesOf(way: string): Record<string, string> {
  if (way === "grammY") return { PACKAGES: tool("GRAMMY") };
  return way === "Telegraf" ? { PACKAGES: tool("TELEGRAF") } : {};
}

function pythonOf(way: string): string {
  if (way === "aiogram") return tool("AIOGRAM");
  return tool("PYTHON_TELEGRAM_BOT");
}
