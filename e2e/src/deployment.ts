/**
 * Switchboard as it is deployed: the real binary behind nginx, in the two shapes that the product promises. Every story
 * is told on both.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { freePort, Process } from "./process.js";
import { startNginx, startPostgres, startRedis } from "./servers.js";

export interface Shape {
  name: string;
  hubs: number;
  /** With PostgreSQL and Redis; else SQLite and nothing beside it. */
  external: boolean;
}

export const ALONE: Shape = { name: "one hub on SQLite", hubs: 1, external: false };
export const TOGETHER: Shape = { name: "two hubs on PostgreSQL and Redis", hubs: 2, external: true };

export class Deployment {
  #folders: string[] = [];
  #others: Process[] = [];
  #settings: Record<string, string>;
  #ports: number[] = [];
  #data = "";
  readonly hubs: Process[] = [];
  /** The address that people use: nginx's. */
  url = "";

  private constructor(
    readonly shape: Shape,
    settings: Record<string, string>,
  ) {
    this.#settings = settings;
  }

  /** `settings` are environment variables of the hubs. */
  static async start(shape: Shape, settings: Record<string, string> = {}): Promise<Deployment> {
    const deployment = new Deployment(shape, settings);
    try {
      await deployment.#start();
      return deployment;
    } catch (error) {
      await deployment.stop();
      throw error;
    }
  }

  async #start(): Promise<void> {
    this.#data = await this.#folder("data");
    if (this.shape.external) {
      const redis = await startRedis(await this.#folder("redis"));
      this.#others.push(redis.process);
      const postgres = await startPostgres(await this.#folder("postgres"));
      this.#others.push(postgres.process);
      this.#settings = { ...this.#settings, DATABASE_URL: postgres.url, REDIS_URL: redis.url };
    }
    for (let hub = 0; hub < this.shape.hubs; hub++) {
      this.#ports.push(await freePort());
      this.hubs.push(await this.#startHub(hub));
    }
    const nginx = await startNginx(await this.#folder("nginx"), this.#ports);
    this.#others.push(nginx.process);
    this.url = nginx.url;
  }

  async #folder(what: string): Promise<string> {
    const folder = await mkdtemp(join(tmpdir(), `switchboard-${what}-`));
    this.#folders.push(folder);
    return folder;
  }

  #startHub(hub: number): Promise<Process> {
    const address = `127.0.0.1:${this.#ports[hub]}`;
    return Process.start({
      name: `hub ${hub}`,
      command: binary(),
      args: ["serve", "--listen", address, "--data", this.#data],
      cwd: this.#data,
      env: this.#settings,
      ready: async () => (await fetch(`http://${address}/readyz`)).ok,
    });
  }

  /** The address of one hub, past nginx. */
  hubUrl(hub: number): string {
    return `http://127.0.0.1:${this.#ports[hub]}`;
  }

  /** Ends a hub as a power cut would. */
  async killHub(hub: number): Promise<void> {
    await this.hubs[hub]?.kill();
  }

  /** Starts a hub again where it was, on the same data. */
  async startHub(hub: number): Promise<void> {
    this.hubs[hub] = await this.#startHub(hub);
  }

  /** The one-time link with which the first person becomes owner, on the address that people use. */
  setUpLink(): string {
    const printed = this.hubs.map((hub) => /https?:\/\/\S*\/setup\S*/.exec(hub.output)?.[0]).find(Boolean);
    if (!printed) throw new Error(`no hub printed a set-up link:\n${this.hubs[0]?.output}`);
    const link = new URL(printed);
    return this.url + link.pathname + link.search + link.hash;
  }

  async stop(): Promise<void> {
    // Hubs first: they say goodbye to databases that are still there.
    await Promise.all(this.hubs.filter((hub) => hub.running).map((hub) => hub.stop()));
    await Promise.all(this.#others.map((other) => other.stop("SIGINT")));
    await Promise.all(this.#folders.map((folder) => rm(folder, { recursive: true, force: true })));
  }
}

function binary(): string {
  const path = process.env.HUB_BINARY;
  if (!path) throw new Error("HUB_BINARY is not set: run the stories by ./dev test e2e");
  return path;
}
