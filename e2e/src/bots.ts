/**
 * Bots of `e2e/bots` and libraries' own examples, run as their owners run them: programs of their own, told nothing but a token
 * and a base URL.
 */
import { cp, mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { BotWithToken } from "@switchboard/protocol";

import type { Api } from "./api.js";
import { finish, freePort, Process } from "./process.js";
import { tool } from "./tools.js";

const FOLDER = join(import.meta.dirname, "../bots");

/** Its libraries alone take half a minute to load. */
const RASA_READY_MS = 120_000;

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

/** An example that its library's authors have written, as they publish it. */
export interface Example {
  library: "python-telegram-bot" | "teloxide";
  name: string;
}

/** Starts an example against a hub. Files that it writes are in a folder of its own. */
export async function runExample({ library, name }: Example, api: string, token: string): Promise<Process> {
  const cwd = await mkdtemp(join(tmpdir(), `switchboard-${name}-`));
  if (library === "teloxide") {
    return Process.start({
      name,
      command: join(tool("TELOXIDE_EXAMPLES"), name),
      args: [],
      // Its library takes both from the environment by itself; the last makes it say that it starts.
      env: { TELOXIDE_API_URL: api, TELOXIDE_TOKEN: token, RUST_LOG: "info" },
      cwd,
      ready: (output) => output.includes("Starting"),
    });
  }
  return Process.start({
    name,
    command: tool("PYTHON_TELEGRAM_BOT"),
    args: [join(FOLDER, "unchanged.py"), join(tool("PYTHON_TELEGRAM_BOT_EXAMPLES"), `${name}.py`)],
    env: { BOT_API: api, BOT_TOKEN: token },
    cwd,
    ready: (output) => output.includes("Application started"),
  });
}

/** Trains the assistant and starts it, as its webhook's server. `RASA` names the command. */
export async function runRasa(api: string, token: string, username: string): Promise<Process> {
  const command = process.env.RASA ?? "";
  const folder = await mkdtemp(join(tmpdir(), "switchboard-rasa-"));
  await cp(join(FOLDER, "rasa"), folder, { recursive: true });
  const port = await freePort();
  const env = {
    BOT_API: api,
    BOT_TOKEN: token,
    BOT_USERNAME: username,
    BOT_WEBHOOK: `http://127.0.0.1:${port}/webhooks/telegram/webhook`,
    PYTHONPATH: folder,
    RASA_TELEMETRY_ENABLED: "false",
  };
  const trained = await finish(command, ["train"], { cwd: folder, env });
  if (trained.code !== 0) throw new Error(`the assistant was not trained:\n${trained.output}`);
  return Process.start({
    name: "rasa",
    command,
    args: ["run", "--interface", "127.0.0.1", "--port", `${port}`],
    cwd: folder,
    env,
    ready: (output) => output.includes("Rasa server is up and running"),
    readyMs: RASA_READY_MS,
  });
}

function command(file: string): string {
  if (file.endsWith(".mjs")) return process.execPath;
  return tool(file.includes("aiogram") ? "AIOGRAM" : "PYTHON_TELEGRAM_BOT");
}
