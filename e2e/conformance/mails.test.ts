/**
 * Other people's mails all the way: into a mailbox as they are, and read by the API as the agents' page reads them. By SMTP
 * through real mail servers and IMAP into the hub, and by a provider's push. None is refused or lost, and what is in them
 * somebody else says: Python's email package for words and files, talon's authors for what of an answer is new.
 */
import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { ConversationPage, Inbox, Message, MessageBody, MessagePage } from "@switchboard/protocol";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import type { Api } from "../src/api.js";
import { ALONE } from "../src/deployment.js";
import { MailHost } from "../src/mail-host.js";
import { bySmtp, byWebhook, type Way } from "../src/mail-ways.js";
import { finish } from "../src/process.js";
import { tool } from "../src/tools.js";
import { open, UNLIMITED, type Workspace } from "../src/workspace.js";

/** What Python found in a mail. */
interface Found {
  path: string;
  words: string[];
  /** SHA-256 of each. */
  files: string[];
}

/** What the hub has of one. */
interface Had {
  text: string;
  whole: string;
  files: string[];
}

const PATIENCE_MS = 60_000;
const POLL_MS = 500;

/** Where Python and the hub differ by either way, and the hub is right or as right: by the end of the path, and why. */
const OTHERWISE: Readonly<Record<string, string>> = {
  "legacy/033.eml": "bytes beyond ASCII without a charset: Python gives them up, the hub takes them for Windows-1252",
  "legacy/052.eml": "the same",
  "malformed/016.eml": "boundaries of which one begins with the other: the hub has three texts and a file",
  "malformed/019.eml": "parts whose headers overlap: nobody can say what was meant",
  "thirdparty/000.eml": "a NUL in the text, which the hub leaves out",
  "thirdparty/002.eml": "a part in Base64 that is none: either decodes it to rubbish of its own",
  "thirdparty/005.eml": "an end of a boundary that was none, which Python leaves in the text; NULs, which IMAP alters",
  "data/msg_38.txt": "boundaries within boundaries: the hub makes files of what Python makes text of",
};

/**
 * Mails that are the same one for the hub, and lie there once: by the ends of their paths, the first and its repeats. All
 * others are messages of their own, also where two have one Message-ID (msg_14 with those below; msg_04 and msg_44).
 */
const SAME: Readonly<Record<string, readonly string[]>> = {
  // One Message-ID, sender, time, subject and text: they differ in how their headers are written.
  "data/msg_01.txt": ["data/msg_03.txt", "data/msg_20.txt", "data/msg_29.txt"],
};
/** The same where nothing on their way has touched them. */
const SAME_BYTES: typeof SAME = {
  // Without a Message-ID; Postfix gives each one of its own.
  "malformed/009.eml": ["malformed/011.eml"],
};

async function filesOf(folder: string, ends: string): Promise<string[]> {
  const names = await readdir(folder, { recursive: true });
  return names
    .filter((name) => name.endsWith(ends))
    .map((name) => join(folder, name))
    .sort();
}

async function readByPython(paths: string[]): Promise<Found[]> {
  const script = join(import.meta.dirname, "mails.py");
  const read = await finish("/usr/bin/python3", [script, ...paths]);
  expect(read.code, read.output).toBe(0);
  const lines = read.output.trim().split("\n");
  return lines.map((line) => JSON.parse(line) as Found);
}

/** Brings mails to a new mailbox, and what the hub has of them once it has so many. */
async function through(
  way: Way,
  workspace: Workspace,
  { name, paths, number }: { name: string; paths: string[]; number: number },
): Promise<Had[]> {
  const { owner } = workspace;
  const { inbox, bring } = await way.mailbox(workspace, name);
  await bring(paths);
  const waits = { timeout: PATIENCE_MS, interval: POLL_MS };
  // Who is missing the test says better.
  await expect
    .poll(async () => (await messagesOf(owner, inbox)).length, waits)
    .toBeGreaterThanOrEqual(number)
    .catch(() => undefined);
  return Promise.all((await messagesOf(owner, inbox)).map((message) => had(owner, message)));
}

async function messagesOf(owner: Api, inbox: Inbox): Promise<Message[]> {
  const found: Message[] = [];
  for (const folder of ["inbox", "spam"]) {
    let cursor: string | null = "";
    while (cursor !== null) {
      const path: string = `/api/conversations?inbox=${inbox.id}&folder=${folder}&cursor=${cursor}`;
      const { rows, next } = await owner.get<ConversationPage>(path.replace(/&cursor=$/, ""));
      for (const { id } of rows) {
        const { messages, more } = await owner.get<MessagePage>(`/api/conversations/${id}/messages`);
        expect(more).toBe(false);
        found.push(...messages.filter(({ kind }) => kind === "in"));
      }
      cursor = next;
    }
  }
  return found;
}

async function had(owner: Api, { id, text, mail, attachments = [] }: Message): Promise<Had> {
  const whole = mail?.folded ? (await owner.get<MessageBody>(`/api/messages/${id}/body`)).whole_text : undefined;
  if (mail?.html) await owner.send("GET", `/api/messages/${id}/frame`);
  const files = attachments.map(async (file) => {
    const bytes = await (await owner.send("GET", `/api/attachments/${file.id}`)).arrayBuffer();
    const CR = 13;
    return createHash("sha256")
      .update(new Uint8Array(bytes).filter((byte) => byte !== CR))
      .digest("hex");
  });
  return { text, whole: whole ?? text, files: await Promise.all(files) };
}

const squeezed = (text: string) => text.replace(/\s+/g, "");

const isOtherwise = (path: string) => Object.keys(OTHERWISE).some((end) => path.endsWith(end));

function judged(name: string, begin: () => Promise<Way>, same: typeof SAME): void {
  let workspace: Workspace;
  let way: Way;

  beforeAll(async () => {
    // Where providers push to stands in the public address; a mailbox of these tests is on the loopback.
    const settings = {
      SWITCHBOARD_PUBLIC_URL: "https://lamps.example",
      SWITCHBOARD_CHANNELS__PRIVATE_ADDRESSES: "true",
    };
    way = await begin();
    workspace = await open(ALONE, { ...UNLIMITED, ...settings });
  });
  afterAll(async () => {
    await workspace?.deployment.stop();
    await way?.end();
  });

  test("mails of two parsers' authors are there with all their words and files", async () => {
    const paths = [
      ...(await filesOf(tool("MAILS_OF_CPYTHON"), ".txt")),
      ...(await filesOf(tool("MAILS_OF_MAIL_PARSER"), ".eml")),
    ];
    expect(paths.length).toBeGreaterThan(150);
    const found = await readByPython(paths);
    const repeats = Object.values(same).flat().length;
    const all = await through(way, workspace, { name: "Parsers", paths, number: paths.length - repeats });
    const lost = found.filter(({ words, files }) => {
      const holds = (one: Had) =>
        words.every((word) => one.whole.includes(word)) && files.every((file) => one.files.includes(file));
      return !all.some(holds);
    });
    const words = found.reduce((sum, one) => sum + one.words.length, 0);
    process.stdout.write(
      `${name}: ${paths.length} mails, ${all.length} messages, ${words} words, ${lost.length} read otherwise\n`,
    );
    expect(lost.map(({ path }) => path).filter((path) => !isOtherwise(path))).toEqual([]);
    expect(lost).toHaveLength(Object.keys(OTHERWISE).length);
    expect(all).toHaveLength(paths.length - repeats);
    expect(workspace.deployment.hubs[0]?.output).not.toMatch(/panicked|could not be read/);
  });

  test("of answers from a dozen mail programs only what is new is shown, and the rest can be", async () => {
    const paths = await filesOf(join(tool("MAILS_OF_TALON"), "standard_replies"), ".eml");
    const all = await through(way, workspace, { name: "Answers", paths, number: paths.length });
    const expected = await Promise.all(
      paths.map((path) => readFile(path.replace(/\.eml$/, "_reply_text"), "utf8").catch(() => "Hello")),
    );
    expect(all.map(({ text }) => squeezed(text)).sort()).toEqual(expected.map(squeezed).sort());
    expect(all.every(({ text, whole }) => squeezed(whole).length > squeezed(text).length)).toBe(true);
  });
}

describe.skipIf(!MailHost.canRun)("by SMTP, Postfix, Dovecot and IMAP (needs root)", () => {
  judged("by SMTP", bySmtp, SAME);
});

describe("by a provider's push", () => {
  judged("by push", byWebhook, { ...SAME, ...SAME_BYTES });
});
