/** A conversation by SMS: what comes in five times is there once, and what goes out is told as it was. */
import type { ChannelSetup, ConversationPage, Inbox, Message, MessagePage } from "@switchboard/protocol";
import { afterAll, beforeAll, expect, test } from "vitest";

import { Carrier } from "../src/carrier.js";
import { ALONE, TOGETHER } from "../src/deployment.js";
import { open, type Workspace } from "../src/workspace.js";

/** How long anything may take to happen. */
const PATIENCE_MS = 30_000;
const PUBLIC = "https://lamps.example";
const VAN = "+84901234567";
const TEXT = "Xin chào 😀, where is my lamp & why? + 1";

for (const shape of [ALONE, TOGETHER]) {
  let workspace: Workspace;
  let carrier: Carrier;
  let setup: ChannelSetup;

  beforeAll(async () => {
    const settings = { SWITCHBOARD_PUBLIC_URL: PUBLIC, SWITCHBOARD_CHANNELS__PRIVATE_ADDRESSES: "true" };
    workspace = await open(shape, settings);
    carrier = new Carrier("+14155550100", PUBLIC, workspace.deployment.url);
    await carrier.start();
  });
  afterAll(async () => {
    await carrier?.close();
    await workspace?.deployment.stop();
  });

  const conversations = async () => (await workspace.owner.get<ConversationPage>("/api/conversations")).rows;
  const messages = async (id: string) =>
    (await workspace.owner.get<MessagePage>(`/api/conversations/${id}/messages`)).messages;

  /** An agent answers, and this is what became of it in the end. */
  async function answer(id: string, text: string, wanted: Message["delivery"]): Promise<Message> {
    const { id: written } = await workspace.owner.post<Message>(`/api/conversations/${id}/messages`, { text });
    const now = async () => (await messages(id)).find((message) => message.id === written);
    await expect.poll(async () => (await now())?.delivery, { timeout: PATIENCE_MS }).toBe(wanted);
    return (await now()) as Message;
  }

  test(`${shape.name}: the settings are tried before they are kept`, async () => {
    const { owner } = workspace;
    const inbox = await owner.post<Inbox>("/api/inboxes", { name: "By phone", channel: "sms" });
    const path = `/api/inboxes/${inbox.id}/channel`;
    const wrong = await owner.raw("PUT", path, { ...carrier.channel, secrets: { auth_token: "guessed" } });
    expect(wrong.status).toBe(422);
    setup = (await (await owner.send("PUT", path, carrier.channel)).json()) as ChannelSetup;
    expect(setup.webhook).toMatch(`${PUBLIC}/hooks/`);
    const state = async () => (await owner.get<ChannelSetup>(path)).health.state;
    await expect.poll(state, { timeout: PATIENCE_MS }).toBe("working");
  });

  test(`${shape.name}: what is brought five times at once is there once`, async () => {
    const address = setup.webhook ?? "";
    const message = carrier.message(VAN, TEXT);
    const answers = await Promise.all([1, 2, 3, 4, 5].map(() => carrier.call(address, message)));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
    expect(await answers[0]?.text()).toBe("<Response/>");
    expect((await carrier.call(address, message, "guessed")).status).toBe(403);
    const rows = await conversations();
    expect(rows).toHaveLength(1);
    expect((await messages(rows[0]?.id ?? "")).map(({ text }) => text)).toEqual([TEXT]);
  });

  test(`${shape.name}: an answer goes out once, and its state is the carrier's word`, async () => {
    const id = (await conversations())[0]?.id ?? "";
    await answer(id, "It is on its way 🚚", "sent");
    expect(carrier.sent.map(({ to, text }) => ({ to, text }))).toEqual([{ to: VAN, text: "It is on its way 🚚" }]);
    const [sent] = carrier.sent;
    if (!sent) throw new Error("nothing was sent");
    await carrier.tell(sent, "delivered");
    await expect.poll(async () => (await messages(id)).at(-1)?.delivery, { timeout: PATIENCE_MS }).toBe("delivered");

    carrier.refusal = { status: 400, code: 21614, message: "'To' number is not a mobile" };
    const refused = await answer(id, "Are you there?", "failed");
    expect(refused.delivery_note).toContain("'To' number is not a mobile (error 21614)");
    carrier.refusal = undefined;
    expect(carrier.sent).toHaveLength(1);
  });

  test(`${shape.name}: who says STOP is not written to until they say START`, async () => {
    const id = (await conversations())[0]?.id ?? "";
    const say = (words: string) => carrier.call(setup.webhook ?? "", carrier.message(VAN, words));
    expect((await say("Stop")).status).toBe(200);
    await answer(id, "One more thing", "failed");
    expect(carrier.sent).toHaveLength(1);
    expect((await say("START")).status).toBe(200);
    await answer(id, "Welcome back", "sent");
    expect(carrier.sent).toHaveLength(2);
  });
}
