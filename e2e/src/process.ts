/**
 * Child processes that are there when asked for and gone afterwards.
 *
 * What is deliberately not here: restarts. A process that dies unasked is a finding, and `stop` says so.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

/** Kept of what a process printed, for the message of a failure. */
const OUTPUT_KEPT_CHARS = 64_000;
const READY_MS = 30_000;
const POLL_MS = 50;
/** After this long a process that was asked to stop is killed. */
const STOP_MS = 15_000;

export interface Program {
  name: string;
  command: string;
  args: string[];
  env?: Record<string, string>;
  cwd?: string;
  /** Resolves to true once it answers; may throw until then. */
  ready(output: string): Promise<boolean> | boolean;
  /** So long it may take until then, if not as long as most. */
  readyMs?: number;
}

export class Process {
  #child: ChildProcess;
  #output = "";
  #exit: Promise<void>;
  readonly name: string;

  private constructor(program: Program) {
    this.name = program.name;
    // The kernel ends the child when this process ends in whatever way, a kill included.
    const args = ["--pdeathsig", "KILL", "--", program.command, ...program.args];
    this.#child = spawn("setpriv", args, {
      cwd: program.cwd,
      env: { ...process.env, ...program.env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const keep = (chunk: string) => {
      this.#output = (this.#output + chunk).slice(-OUTPUT_KEPT_CHARS);
    };
    this.#child.stdout?.setEncoding("utf8").on("data", keep);
    this.#child.stderr?.setEncoding("utf8").on("data", keep);
    this.#exit = new Promise((resolve) => {
      this.#child.once("error", (error) => {
        keep(`${error}\n`);
        resolve();
      });
      this.#child.once("close", () => resolve());
    });
  }

  /** Starts the program and waits until it is ready. */
  static async start(program: Program): Promise<Process> {
    const started = new Process(program);
    const { readyMs = READY_MS } = program;
    const late = performance.now() + readyMs;
    for (;;) {
      if (!started.running) throw new Error(`${program.name} ended while starting:\n${started.output}`);
      if (await attempt(() => program.ready(started.output))) return started;
      if (performance.now() > late) {
        await started.kill();
        throw new Error(`${program.name} was not ready within ${readyMs} ms:\n${started.output}`);
      }
      await sleep(POLL_MS);
    }
  }

  /** The last of what it printed on both channels. */
  get output(): string {
    return this.#output;
  }

  get running(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null && this.#child.pid !== undefined;
  }

  /** Asks it to end, and waits. */
  async stop(signal: NodeJS.Signals = "SIGTERM"): Promise<void> {
    this.#child.kill(signal);
    const hard = setTimeout(() => this.#child.kill("SIGKILL"), STOP_MS);
    await this.#exit;
    clearTimeout(hard);
  }

  /** Ends it as a power cut would. */
  async kill(): Promise<void> {
    await this.stop("SIGKILL");
  }
}

async function attempt(ready: () => Promise<boolean> | boolean): Promise<boolean> {
  try {
    return await ready();
  } catch {
    return false;
  }
}

/** Out of reach of those that connections going out are given (from 32,768 on Linux): a server that is stopped finds its
    own free when it is started again. */
const PORTS = { from: 12_000, count: 20_000 };

/** A port on the loopback that was free a moment ago. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = PORTS.from + Math.floor(Math.random() * PORTS.count);
    if (await isFree(port)) return port;
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
}

/** Runs a program to its end. */
export function finish(command: string, args: string[], options: { cwd?: string; env?: Record<string, string> } = {}) {
  return new Promise<{ code: number; output: string }>((resolve, reject) => {
    const child = spawn(command, args, {
      ...options,
      env: { ...process.env, ...options.env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "";
    child.stdout.setEncoding("utf8").on("data", (chunk: string) => (output += chunk));
    child.stderr.setEncoding("utf8").on("data", (chunk: string) => (output += chunk));
    child.once("error", reject);
    child.once("close", (code) => resolve({ code: code ?? -1, output }));
  });
}
