/**
 * The ways by which a mail comes into a mailbox of the hub, for tests that bring the same mails by each.
 *
 * What is deliberately not here: what has to be in the hub then. That is the same whichever way a mail took.
 */
import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import type { ChannelSetup, Inbox } from "@switchboard/protocol";
import { createTransport } from "nodemailer";
import { expect } from "vitest";

import { MailHost } from "./mail-host.js";
import type { Workspace } from "./workspace.js";

const PATIENCE_MS = 60_000;
const SECRET = "pushed";
/** Brought at once: as many as a provider might. */
const AT_ONCE = 8;

/** A mailbox of the hub that mails can be brought to. */
export interface Mailbox {
  inbox: Inbox;
  /** As they are in these files. It returns when they are handed over: by some ways before the hub has them. */
  bring(paths: string[]): Promise<void>;
}

/** A way, ready to be used. */
export interface Way {
  mailbox(workspace: Workspace, name: string): Promise<Mailbox>;
  end(): Promise<void>;
}

/** A provider pushes each to the hub's webhook, as it is to the byte. */
export async function byWebhook(): Promise<Way> {
  return {
    async mailbox({ owner, deployment }, name) {
      const inbox = await owner.post<Inbox>("/api/inboxes", { name, channel: "email" });
      const settings = { kind: "email", address: `${name.toLowerCase()}@lamps.example` };
      const secrets = { push_secret: SECRET };
      const saved = await owner.send("PUT", `/api/inboxes/${inbox.id}/channel`, { settings, secrets });
      const { webhook } = (await saved.json()) as ChannelSetup;
      const address = `${deployment.hubUrl(0)}${new URL(webhook ?? "").pathname}/raw`;
      const push = async (path: string) => {
        const headers = { "x-switchboard-secret": SECRET };
        const { status } = await fetch(address, { method: "POST", headers, body: await readFile(path) });
        expect([path, status]).toEqual([path, 200]);
      };
      return { inbox, bring: (paths) => each(paths, push) };
    },
    async end() {},
  };
}

/**
 * By SMTP to a Postfix, which hands each to a Dovecot, from which the hub hears of it by IMAP: as mails come in real life.
 * On the way each line comes to end in CR LF, what has no Message-ID or Date is given one, and a NUL, which IMAP has no room
 * for, becomes another byte. All else is in the mailbox as it was, bytes beyond ASCII included.
 */
export async function bySmtp(): Promise<Way> {
  const host = await MailHost.start();
  return {
    async mailbox({ owner }, name) {
      const inbox = await owner.post<Inbox>("/api/inboxes", { name, channel: "email" });
      const address = `${name.toLowerCase()}@shop.test`;
      const channel = `/api/inboxes/${inbox.id}/channel`;
      await owner.send("PUT", channel, host.channel(address));
      const state = async () => (await owner.get<ChannelSetup>(channel)).health.state;
      await expect.poll(state, { timeout: PATIENCE_MS }).toBe("working");
      return { inbox, bring: (paths) => sent(host, address, paths) };
    },
    end: () => host.stop(),
  };
}

/** Over a few connections, as another provider's server would. */
async function sent(host: MailHost, to: string, paths: string[]): Promise<void> {
  const server = { host: "127.0.0.1", port: host.ports.smtp, secure: false, ignoreTLS: true } as const;
  const transport = createTransport({ ...server, pool: true, maxConnections: AT_ONCE, maxMessages: Infinity });
  const send = async (path: string) => {
    const envelope = { from: "somebody@example.test", to };
    await transport.sendMail({ envelope, raw: await readFile(path) }).catch((error: unknown) => {
      throw new Error(`${basename(path)} was not taken`, { cause: error });
    });
  };
  try {
    await each(paths, send);
  } finally {
    transport.close();
  }
}

/** Some at a time, in this order. */
async function each(paths: string[], bring: (path: string) => Promise<void>): Promise<void> {
  const left = [...paths];
  const worker = async () => {
    for (let path = left.shift(); path !== undefined; path = left.shift()) await bring(path);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}
