/** A hub of the release build with a demo's people and as many conversations as are asked for, and a browser. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Browser, chromium } from "playwright-core";
import { finish, freePort, Process } from "../src/process";

export interface House {
  readonly origin: string;
  readonly browser: Browser;
  end(): Promise<void>;
}

/** The limits against floods are lifted: here somebody floods. */
const LIFTED = Object.fromEntries(
  [
    "VISITOR_MESSAGES",
    "VISITOR_SESSIONS_PER_ADDRESS",
    "VISITOR_REQUESTS_PER_ADDRESS",
    "CONVERSATIONS_PER_ADDRESS",
    "AGENT_COMMANDS",
    "REQUESTS_PER_CALLER",
  ].map((name) => [`SWITCHBOARD_LIMITS__${name}`, "off"]),
);

export async function openHouse(conversations: number): Promise<House> {
  const hub = needed("HUB_BINARY");
  const folder = await mkdtemp(join(tmpdir(), "measures-"));
  const port = await freePort();
  const origin = `http://127.0.0.1:${port}`;
  const start = (): Promise<Process> =>
    Process.start({
      name: "the hub",
      command: hub,
      args: ["serve", "--demo", "--listen", `127.0.0.1:${port}`, "--data", folder],
      env: LIFTED,
      readyMs: 120_000,
      ready: async () => (await fetch(`${origin}/readyz`)).ok,
    });
  let running = await start();
  if (conversations > 0) {
    await running.stop();
    const database = `sqlite:${join(folder, "switchboard.db")}`;
    const filled = await finish(needed("MILLION"), ["fill", database, String(conversations)]);
    if (filled.code !== 0) throw new Error(`filling failed:\n${filled.output}`);
    running = await start();
  }
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: ["--no-sandbox"],
  });
  return {
    origin,
    browser,
    async end() {
      await browser.close();
      await running.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function needed(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: ./dev bench browser sets it`);
  return value;
}

/** Prints where the middle, the 95th of 100 and the last of some times lie, and whether the bound was kept. */
export function say(what: string, times: readonly number[], bound: number): void {
  const sorted = [...times].sort((a, b) => a - b);
  const at = (share: number) => sorted[Math.floor(((sorted.length - 1) * share) / 100)] ?? Number.NaN;
  const [p50, p95, last] = [at(50), at(95), at(100)].map((ms) => `${ms.toFixed(1)} ms`);
  const kept = at(95) < bound ? "kept" : "MISSED";
  print(`${what}: ${sorted.length} times, p50 ${p50}, p95 ${p95}, max ${last}; p95 < ${bound} ms ${kept}`);
}

/** A line of the report. */
export function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
