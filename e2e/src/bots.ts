/** Bots of `e2e/bots`, run as their owners run them: programs of their own, told nothing but a token and a base URL. */
import { join } from "node:path";
import type { BotWithToken } from "@switchboard/protocol";

import type { Api } from "./api.js";
import { Process } from "./process.js";
import { tool } from "./tools.js";

const FOLDER = join(import.meta.dirname, "../bots");

export interface RunningBot {
  id: string;
  token: string;
  program: Process;
}

/** Makes a bot that is asked in these inboxes. */
export function createBot(owner: Api, username: string, inboxes: string[]): Promise<BotWithToken> {
  const of = inboxes.map((inbox_id) => ({ inbox_id, rank: 1, answers: "always" }));
  return owner.post("/api/bots", { name: username, username: `${username}_bot`, inboxes: of });
}

/** Starts the program of that name against a hub. What it needs besides is told in `more`. */
export function run(file: string, api: string, token: string, more: Record<string, string> = {}): Promise<Process> {
  return Process.start({
    name: file,
    command: command(file),
    args: [join(FOLDER, file)],
    env: { BOT_API: api, BOT_TOKEN: token, ...more },
    ready: (output) => output.includes("ready as"),
  });
}

function command(file: string): string {
  if (file.endsWith(".mjs")) return process.execPath;
  return tool(file.includes("aiogram") ? "AIOGRAM" : "PYTHON_TELEGRAM_BOT");
}
