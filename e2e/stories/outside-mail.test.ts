/**
 * Somebody outside writes a mail with their own program, an agent answers it in Chromium, and they go on. Each sees what the
 * other meant, nobody sees who got a hidden copy, and both keep it together: the hub as one conversation, and the mail program
 * outside as one thread.
 */
import type { ChannelSetup, ConversationPage, Inbox, Message, MessagePage } from "@switchboard/protocol";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { Agent } from "../src/agent.js";
import { Crowd } from "../src/crowd.js";
import { ALONE } from "../src/deployment.js";
import { MailHost } from "../src/mail-host.js";
import { Outsider, type Received } from "../src/outsider.js";
import { OWNER, open, type Workspace } from "../src/workspace.js";

const PATIENCE_MS = 60_000;
const OURS = "lamps@shop.test";
const MARIA = "maria@example.test";
const JAN = "jan@example.test";
const BOSS = "boss@shop.test";
const SUBJECT = "My lamp & its shade – où est-elle ?";
const PIXEL = Buffer.from("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7", "base64");
/** Every byte that there is, and what ends a mail that is sent (RFC 5321, 4.5.2). */
const BYTES = Buffer.concat([Buffer.from(Array.from({ length: 256 }, (_, byte) => byte)), Buffer.from("\r\n.\r\n")]);

let workspace: Workspace;
let host: MailHost;
let crowd: Crowd;
let channel: string;
let maria: Outsider;
let jan: Outsider;
let boss: Outsider;

beforeAll(async () => {
  if (!MailHost.canRun) return;
  host = await MailHost.start();
  workspace = await open(ALONE, { SWITCHBOARD_CHANNELS__PRIVATE_ADDRESSES: "true" });
  const { owner, deployment } = workspace;
  const inbox = await owner.post<Inbox>("/api/inboxes", { name: "Lamps", channel: "email", case_prefix: "L-" });
  channel = `/api/inboxes/${inbox.id}/channel`;
  await owner.send("PUT", channel, host.channel(OURS));
  crowd = await Crowd.gather(deployment.url, "outside-mail");
  maria = await Outsider.at(host, MARIA);
  jan = await Outsider.at(host, JAN);
  boss = await Outsider.at(host, BOSS);
});
afterAll(async () => {
  await Promise.all([maria, jan, boss].map((person) => person?.leaves()));
  await crowd?.leave();
  await workspace?.deployment.stop();
  await host?.stop();
});

/** The Message-IDs that a header names. */
const ids = (text = "") => text.match(/<[^>]+>/g) ?? [];

/** What came to them as this one. */
async function came(to: Outsider, number: number): Promise<Received> {
  await expect.poll(() => to.count(), { timeout: PATIENCE_MS }).toBeGreaterThanOrEqual(number);
  return to.reads(number);
}

/** All conversations, the newest first, each with its messages. */
async function conversations(): Promise<Message[][]> {
  const { rows } = await workspace.owner.get<ConversationPage>("/api/conversations");
  const pages = rows.map(({ id }) => workspace.owner.get<MessagePage>(`/api/conversations/${id}/messages`));
  return (await Promise.all(pages)).map(({ messages }) => messages);
}

const words = (message: Message | undefined) => message?.text.split("\n")[0];

describe.skipIf(!MailHost.canRun)("an outside mail user and an agent", () => {
  /** Message-IDs of the first conversation, and of what the agent began. */
  const first: string[] = [];
  const begun: string[] = [];
  let agent: Agent;

  test("the agent has the mail as it was meant", async () => {
    const state = async () => (await workspace.owner.get<ChannelSetup>(channel)).health.state;
    await expect.poll(state, { timeout: PATIENCE_MS }).toBe("working");
    first.push(
      await maria.sends({
        to: OURS,
        cc: JAN,
        subject: SUBJECT,
        text: "Where is it?\n\n-- \nMaria",
        html: '<p>Where <b>is</b> it? <img src="cid:lamp@x" alt="lamp"></p>',
        attachments: [
          { filename: "lamp.gif", content: PIXEL, cid: "lamp@x", contentType: "image/gif" },
          { filename: "Rechnung für März.pdf", content: BYTES, contentType: "application/pdf" },
        ],
      }),
    );
    agent = await Agent.signIn(crowd, OWNER);
    await agent.row("My lamp & its shade").waitFor({ timeout: PATIENCE_MS });
    await agent.open("My lamp & its shade");
    await agent.page.getByRole("button", { name: "As text" }).click();
    await agent.reads(/Where is it\?/);
    await agent.reads(/Cc .*jan@example\.test/);
    await agent.reads("Rechnung für März.pdf");
    await agent.page.getByRole("button", { name: "As sent" }).click();
    const frame = agent.page.frameLocator(".dk-mail__frame");
    expect(await frame.locator("b").innerText()).toBe("is");
    const picture = frame.getByAltText("lamp");
    const width = () => picture.evaluate((image) => (image as HTMLImageElement).naturalWidth);
    await expect.poll(width, { timeout: PATIENCE_MS }).toBe(1);
    const [[message] = []] = await conversations();
    const pdf = message?.attachments?.find(({ name }) => name.endsWith(".pdf"));
    const file = await workspace.owner.send("GET", `/api/attachments/${pdf?.id}`);
    expect(Buffer.from(await file.arrayBuffer()).equals(BYTES)).toBe(true);
    await crowd.picture("came-in");
  });

  test("the answer is a mail as mail programs want it, and a hidden copy stays hidden", async () => {
    const { page } = agent;
    await page.getByRole("button", { name: /^Copy .*jan@example\.test/ }).click();
    await page.getByRole("button", { name: "Bcc", exact: true }).click();
    await page.keyboard.type(`${BOSS} `);
    await page.getByRole("button", { name: "Formatting" }).click();
    await page.locator(".dk-rich").click();
    await page.keyboard.type("It left ");
    await page.keyboard.press("Control+b");
    await page.keyboard.type("today");
    await page.keyboard.press("Control+b");
    await page.keyboard.type(", María.");
    const proof = { name: "Beweis über €.bin", mimeType: "application/octet-stream", buffer: BYTES };
    await page.locator("input[type=file]").setInputFiles(proof);
    await page.getByText(proof.name).waitFor();
    await crowd.picture("written");
    await page.getByRole("button", { name: "Send", exact: true }).click();

    const answer = await came(maria, 1);
    const { head, parts } = answer;
    first.push(head.get("message-id") ?? "");
    expect(head.get("from")).toContain(`<${OURS}>`);
    expect(head.get("to")).toContain(MARIA);
    expect(head.get("cc")).toContain(JAN);
    expect(head.get("reply-to")).toMatch(/<lamps\+[0-9a-z]+@shop\.test>/);
    expect(head.get("message-id")).toMatch(/^<[^\s<>]+@shop\.test>$/);
    expect(ids(head.get("in-reply-to"))).toEqual(first.slice(0, 1));
    expect(ids(head.get("references"))).toEqual(first.slice(0, 1));
    expect(answer.subject).toMatch(/^Re: My lamp & its shade – où est-elle \? \[L-\d+\]$/);
    expect(Math.abs(Date.now() - answer.date.getTime())).toBeLessThan(PATIENCE_MS);
    expect(head.has("auto-submitted")).toBe(false);
    expect(parts.map(({ place, type }) => [place, type])).toEqual([
      ["1.1", "text/plain"],
      ["1.2", "text/html"],
      ["2", "application/octet-stream"],
    ]);
    const [plain, html, file] = parts;
    expect(String(plain?.bytes)).toBe("It left today, María.");
    expect(String(html?.bytes)).toMatch(/It left(?: |&nbsp;)<b>today<\/b>, María\./);
    expect([file?.name, file?.bytes.equals(BYTES)]).toEqual([proof.name, true]);
    const copy = await came(jan, 2);
    const hidden = await came(boss, 1);
    for (const one of [copy, hidden]) expect(one.head.get("message-id")).toBe(first[1]);
    for (const one of [answer, copy, hidden]) expect(one.head.has("bcc")).toBe(false);
    for (const one of [answer, copy]) expect(one.source).not.toContain(BOSS);
  });

  test("what they answer is in the conversation, wherever they send it", async () => {
    const answer = await maria.reads(1);
    const { page } = agent;
    first.push(
      await maria.sends({
        to: answer.head.get("reply-to") ?? "",
        subject: `Re: ${answer.subject}`,
        text: "Thank you!\n\nOn Monday, 2 November 2026 at 10:07, Lamps <lamps@shop.test> wrote:\n> It left today, María.\n",
        inReplyTo: first[1] ?? "",
        references: first,
      }),
    );
    await agent.sees("Thank you!");
    // Jan was in copy. He answers all, from a program that names only what it answers, to the address that the mail came from.
    first.push(
      await jan.sends({ to: OURS, cc: MARIA, subject: "Aw: lamp", text: "I have it.", inReplyTo: first[1] ?? "" }),
    );
    await agent.sees("I have it.");
    await page.getByRole("button", { name: "Subject", exact: true }).click();
    await page.getByLabel("Subject").fill("Enjoy your lamp");
    // It goes to Jan, who wrote last.
    await page.getByRole("button", { name: /^Copy .*maria@example\.test/ }).click();
    await agent.field.fill("You are welcome.");
    await agent.send();
    const other = await came(maria, 3);
    first.push(other.head.get("message-id") ?? "");
    expect(other.subject).toContain("Enjoy your lamp");
    await crowd.picture("answered");
    const all = await conversations();
    expect(all).toHaveLength(1);
    expect(all[0]?.map((message) => [message.kind, words(message), message.mail?.threaded])).toEqual([
      ["in", "Where is it?", "nothing"],
      ["out", "It left today, María.", undefined],
      ["in", "Thank you!", "reply_address"],
      ["in", "I have it.", "references"],
      ["out", "You are welcome.", undefined],
    ]);
    expect(all[0]?.[2]?.mail?.folded).toBe(true);
  });

  test("what the agent begins is another conversation, and their answer is in it", async () => {
    const { page } = agent;
    await page.getByRole("button", { name: "New conversation" }).click();
    const dialog = page.getByRole("dialog", { name: "New conversation" });
    await dialog.getByRole("combobox", { name: "To", exact: true }).fill(MARIA);
    await page.getByRole("option", { name: MARIA }).click();
    await dialog.getByLabel("Subject").fill("Your invoice");
    await dialog.getByLabel("Write the message").fill("It lies here for you.");
    await dialog.getByRole("button", { name: "Send", exact: true }).click();
    const mail = await came(maria, 4);
    begun.push(mail.head.get("message-id") ?? "");
    expect([mail.head.has("in-reply-to"), mail.head.has("references")]).toEqual([false, false]);
    begun.push(
      await maria.sends({ to: OURS, subject: `Re: ${mail.subject}`, text: "I see.", inReplyTo: begun[0] ?? "" }),
    );
    await agent.sees("I see.");
    await agent.answer("Good.");
    const answer = await came(maria, 5);
    expect(ids(answer.head.get("references"))).toEqual(begun);
    begun.push(answer.head.get("message-id") ?? "");
    expect((await conversations()).map((messages) => messages.map(words))).toContainEqual([
      "It lies here for you.",
      "I see.",
      "Good.",
    ]);
  });

  test("their mail program shows each of the two as one thread", async () => {
    const threads = [begun, first].map((one) => [...one].sort());
    for (const by of ["REFS", "REFERENCES"] as const) {
      const shown = (await maria.threads(by)).map((one) => [...one].sort());
      expect(shown.sort((a, b) => a.length - b.length)).toEqual(threads);
    }
    // Nothing came twice.
    expect([await maria.count(), await jan.count(), await boss.count()]).toEqual([5, 3, 1]);
  });
});
