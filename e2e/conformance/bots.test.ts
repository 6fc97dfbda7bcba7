/**
 * The Bot API, method by way: raw in the four ways of calling that there are, and by libraries' own functions. What is expected is
 * Telegram's documented answer; where ours is another one, it stands here with the reason.
 */
import { join } from "node:path";
import type { ConversationDetail } from "@switchboard/protocol";
import { afterAll, beforeAll, expect, test } from "vitest";

import { createBot } from "../src/bots.js";
import { type VisitorLine, visitorLine } from "../src/client.js";
import { ALONE } from "../src/deployment.js";
import { finish } from "../src/process.js";
import { tool } from "../src/tools.js";
import { open, UNLIMITED, type Workspace } from "../src/workspace.js";

interface Called {
  case: string;
  method: string;
  way: string;
  /** Nothing if it was answered as documented. */
  wrong: string | null;
}

const WAYS = ["GET", "form", "JSON", "multipart", "python-telegram-bot", "aiogram"];

/** Cases that are answered otherwise by every way: how, and why. */
const OTHERWISE: Readonly<Record<string, readonly [RegExp, string]>> = {
  "delete what they wrote": [/can't be deleted/, "what customers wrote is the team's to keep"],
  "a document of an address": [/wrong file identifier/i, "the hub fetches nothing from addresses that others choose"],
};

let workspace: Workspace;
let line: VisitorLine;
const called: Called[] = [];
const environment: Record<string, string> = {};

beforeAll(async () => {
  // The webhook that is set and taken away again is on this machine, where nothing listens.
  workspace = await open(ALONE, { ...UNLIMITED, SWITCHBOARD_CHANNELS__PRIVATE_ADDRESSES: "true" });
  const { deployment, owner } = workspace;
  const inbox = await owner.createWebInbox("Conformance", []);
  const { bot, token } = await createBot(owner, "conformance", [inbox.id]);
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
  Object.assign(environment, {
    BOT_API: deployment.hubUrl(0),
    BOT_TOKEN: token,
    CHAT: `${free.number}`,
    BLOCKED: `${blocked.number}`,
  });
});
afterAll(async () => {
  line?.client.close();
  await workspace?.deployment.stop();
});

for (const way of WAYS) {
  test(`the Bot API by ${way}`, async () => {
    // Something to fetch.
    await line.client.command({ do: "send", text: "Are you there?" }, { keep: true });
    const script = join(import.meta.dirname, "bots.py");
    const { code, output } = await finish(pythonOf(way), [script, way], { env: environment });
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

function pythonOf(way: string): string {
  if (way === "aiogram") return tool("AIOGRAM");
  return tool("PYTHON_TELEGRAM_BOT");
}
