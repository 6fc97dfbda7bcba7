/**
 * Somebody with a mailbox and no part in Switchboard: they send with nodemailer and read with imapflow, and how their mails
 * hang together Dovecot says.
 */
import { connect } from "node:net";
import type { Readable } from "node:stream";
import { type FetchMessageObject, ImapFlow, type MessageStructureObject } from "imapflow";
import { createTransport } from "nodemailer";
import MailComposer, { type MailComposerOptions } from "nodemailer/lib/mail-composer";

import type { MailHost } from "./mail-host.js";

/** Of all mails, those sent and those received, as some mail programs show them in one. */
const ALL = "All";

/** A mail as it lies in somebody's mailbox: what it holds Dovecot has found out, and imapflow has decoded. */
export interface Received {
  /** Of its head, by name in lower case, unfolded. */
  head: Map<string, string>;
  date: Date;
  subject: string | undefined;
  parts: Part[];
  source: string;
}

export interface Part {
  /** Its place: `1.2` is the second within the first. */
  place: string;
  type: string;
  name: string | undefined;
  bytes: Buffer;
}

export class Outsider {
  private constructor(
    private readonly host: MailHost,
    readonly address: string,
    private readonly client: ImapFlow,
  ) {}

  /** With a connection to their mailbox that stays open. */
  static async at(host: MailHost, address: string): Promise<Outsider> {
    const client = new ImapFlow({
      host: "127.0.0.1",
      port: host.ports.imap,
      secure: false,
      doSTARTTLS: false,
      auth: host.account(address),
      logger: false,
    });
    await client.connect();
    await client.mailboxCreate(ALL);
    return new Outsider(host, address, client);
  }

  /** Sends a mail and keeps a copy of it; its Message-ID, with angle brackets. */
  async sends(mail: Omit<MailComposerOptions, "from">): Promise<string> {
    const compiled = new MailComposer({ from: this.address, ...mail }).compile();
    const raw = await compiled.build();
    const transport = createTransport({
      host: "127.0.0.1",
      port: this.host.ports.smtp,
      secure: false,
      ignoreTLS: true,
    });
    try {
      await transport.sendMail({ envelope: { from: this.address, to: compiled.getEnvelope().to }, raw });
    } finally {
      transport.close();
    }
    await this.client.append(ALL, raw, ["\\Seen"]);
    return compiled.messageId();
  }

  /** How many mails have come. */
  async count(): Promise<number> {
    const lock = await this.client.getMailboxLock("INBOX");
    try {
      // Dovecot says what is new when it is spoken to.
      await this.client.noop();
      return this.client.mailbox ? this.client.mailbox.exists : 0;
    } finally {
      lock.release();
    }
  }

  /** The mail that came as this one, counted from 1. */
  async reads(number: number): Promise<Received> {
    const lock = await this.client.getMailboxLock("INBOX");
    try {
      const asked = { envelope: true, bodyStructure: true, source: true };
      const found = await this.client.fetchOne(String(number), asked);
      if (!found) throw new Error(`${this.address} has no mail number ${number}`);
      return await this.#received(found);
    } finally {
      lock.release();
    }
  }

  async #received({ seq, envelope, bodyStructure, source }: FetchMessageObject): Promise<Received> {
    const parts: Part[] = [];
    for (const leaf of leaves(bodyStructure)) {
      // A mail of one part has it as its first, though nothing names it.
      const place = leaf.part ?? "1";
      const { content } = await this.client.download(String(seq), place);
      const name = leaf.dispositionParameters?.filename ?? leaf.parameters?.name;
      parts.push({ place, type: leaf.type, name, bytes: await all(content) });
    }
    const { date, subject } = envelope ?? {};
    return { head: headOf(String(source)), date: new Date(date ?? ""), subject, parts, source: String(source) };
  }

  /**
   * The conversations in which a mail program shows what was sent and received, as Dovecot makes them (RFC 5256), each by the
   * Message-IDs in it. REFS goes by Message-IDs alone, REFERENCES by subjects besides.
   */
  async threads(by: "REFS" | "REFERENCES"): Promise<string[][]> {
    await this.#gather();
    const { user, pass } = this.host.account(this.address);
    const said = await speak(this.host.ports.imap, [
      `LOGIN ${user} ${pass}`,
      `EXAMINE ${ALL}`,
      `THREAD ${by} UTF-8 ALL`,
      "LOGOUT",
    ]);
    const found = /^\* THREAD (.*)\r$/m.exec(said)?.[1];
    if (found === undefined) throw new Error(`Dovecot says nothing of threads:\n${said}`);
    const ids = await this.#ids();
    return outermost(found).map((numbers) => numbers.map((number) => ids.get(number) ?? `none: ${number}`));
  }

  /** Puts what has come since to what was sent. */
  async #gather(): Promise<void> {
    const lock = await this.client.getMailboxLock("INBOX");
    try {
      await this.client.messageCopy({ unKeyword: "gathered" }, ALL);
      await this.client.messageFlagsAdd("1:*", ["gathered"]);
    } finally {
      lock.release();
    }
  }

  /** The Message-IDs of all mails, by number. */
  async #ids(): Promise<Map<number, string>> {
    const lock = await this.client.getMailboxLock(ALL);
    try {
      const ids = new Map<number, string>();
      for await (const { seq, envelope } of this.client.fetch("1:*", { envelope: true }))
        ids.set(seq, envelope?.messageId ?? "");
      return ids;
    } finally {
      lock.release();
    }
  }

  async leaves(): Promise<void> {
    await this.client.logout();
  }
}

/** Parts that hold something themselves, in the order in which they stand. */
function leaves(part: MessageStructureObject | undefined): MessageStructureObject[] {
  if (!part) return [];
  return part.childNodes ? part.childNodes.flatMap(leaves) : [part];
}

async function all(stream: Readable): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

function headOf(source: string): Map<string, string> {
  const [raw = ""] = source.split(/\r?\n\r?\n/);
  const head = new Map<string, string>();
  for (const line of raw.replaceAll(/\r?\n([ \t])/g, "$1").split(/\r?\n/)) {
    const [, name = "", value = ""] = /^([^:]+):\s*(.*)$/.exec(line) ?? [];
    head.set(name.toLowerCase(), value);
  }
  return head;
}

/** Says IMAP commands one after the other; all that was answered. imapflow knows no THREAD. */
function speak(port: number, commands: string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: "127.0.0.1", port });
    let said = "";
    socket.setEncoding("utf8");
    socket.once("connect", () => socket.write(commands.map((command, at) => `${at} ${command}\r\n`).join("")));
    socket.on("data", (chunk) => (said += String(chunk)));
    socket.once("error", reject);
    socket.once("close", () => resolve(said));
  });
}

/** The numbers within each outermost pair of brackets: `(1 2)(3 (4)(5))` is `[[1, 2], [3, 4, 5]]`. */
function outermost(text: string): number[][] {
  const found: number[][] = [];
  let depth = 0;
  for (const [token] of text.matchAll(/[()]|\d+/g)) {
    if (token === "(") {
      if (depth++ === 0) found.push([]);
    } else if (token === ")") {
      depth--;
    } else {
      found.at(-1)?.push(Number(token));
    }
  }
  return found;
}
