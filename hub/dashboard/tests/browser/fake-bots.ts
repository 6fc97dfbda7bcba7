/** Bots of the hub in memory: set up, and blocked, let free and asked in the conversations of their inboxes. */
import type {
  AgentCommand,
  Author,
  BlockReason,
  Bot,
  BotBlock,
  BotLogLine,
  BotOrder,
  BotRules,
  ChangeBot,
  ConversationBot,
  CreateBot,
  Message,
  Rich,
} from "@switchboard/protocol";
import type { Answer, FakeHub } from "./fake-hub";
import { ok, refusal } from "./fake-hub";

type Does = Extract<AgentCommand, { do: "block_bot" | "unblock_bot" | "run_bot" }>;

export class FakeBots {
  readonly all: Bot[] = [];
  readonly standing = new Map<string, ConversationBot[]>();
  readonly log: BotLogLine[] = [];
  readonly told: Does[] = [];
  readonly orders: string[][] = [];
  rules: BotRules = { quiet_minutes: null, back_on_close: true, patience_seconds: 10 };
  /** How the bot stands in its console, and how many talks were begun there. */
  inConsole: ConversationBot | null = null;
  talks = 0;
  /** How often it was asked how the bot does there. */
  looks = 0;
  /** It takes no command. */
  refuses = false;
  /** It takes none for this one. */
  refusesFor: string | undefined;
  /** All blocks that there were. */
  private readonly was: BotBlock[] = [];
  private tokens = 0;

  constructor(private readonly hub: FakeHub) {}

  /** Answers in this inbox, after those that are there already. */
  add(id: string, name: string, inbox = "inbox-shop", over: Partial<Bot> = {}): Bot {
    const rank = this.all.filter((one) => one.inboxes.some(({ inbox_id }) => inbox_id === inbox)).length;
    const bot: Bot = {
      id,
      number: 7_000_000 + this.all.length,
      name,
      username: `${name.toLowerCase().replaceAll(" ", "_")}_bot`,
      off: false,
      token_hint: "x4Yz",
      inboxes: [{ inbox_id: inbox, rank, answers: "always" }],
      webhook: null,
      waiting: 0,
      trouble: null,
      created_at: this.hub.now() - 86_400_000,
      last_seen_at: this.hub.now() - 60_000,
      ...over,
    };
    this.all.push(bot);
    return bot;
  }

  briefs() {
    return this.all.map(({ id, name, off }) => ({ id, name, off }));
  }

  /** How they stand there; those that nothing was said of stand free. */
  in(conversation: string): ConversationBot[] {
    const inbox = this.hub.rows.get(conversation)?.inbox_id ?? "";
    const known = this.standing.get(conversation) ?? [];
    const rankOf = (bot: Bot) => bot.inboxes.find(({ inbox_id }) => inbox_id === inbox)?.rank;
    return this.all
      .filter((bot) => rankOf(bot) !== undefined)
      .sort((a, b) => (rankOf(a) ?? 0) - (rankOf(b) ?? 0))
      .map(
        ({ id }) =>
          known.find((one) => one.bot_id === id) ?? { bot_id: id, blocked: null, asked_at: null, failing: false },
      );
  }

  set(conversation: string, bot: string, over: Partial<ConversationBot>): void {
    const bots = this.in(conversation).map((one) => (one.bot_id === bot ? { ...one, ...over } : one));
    this.standing.set(conversation, bots);
    this.hub.push({ event: "conversation_bots_changed", bots: { conversation_id: conversation, bots } });
  }

  says(conversation: string, bot: string, text: string, rich?: Rich): Message {
    return this.hub.say(conversation, text, {
      kind: "out",
      author: { kind: "bot", id: bot },
      delivery: "sent",
      ...(rich ? { rich } : {}),
    });
  }

  blocks(conversation: string, bot: string, why: BlockReason, by: Author, until: number | null = null): void {
    const line = { kind: "bot_blocked", bot_id: bot, why, until } as const;
    this.hub.say(conversation, "", { kind: "system", author: by, line });
    const blocked = { why, by, at: this.hub.now(), until };
    this.was.push(blocked);
    this.set(conversation, bot, { blocked, asked_at: null });
  }

  /** As the thread says that it was. */
  private putBack(id: string, bot: string, at: number): void {
    const blocked = this.was.find((one) => one.at === at) ?? null;
    this.set(id, bot, { blocked, asked_at: null });
  }

  command(does: Does): void {
    const { conversation_id: id, bot_id } = does;
    const by = { kind: "agent" as const, id: this.hub.me.id };
    this.told.push(does);
    if (does.do === "block_bot" && does.put_back !== undefined) return this.putBack(id, bot_id, does.put_back);
    if (does.do === "block_bot") return this.blocks(id, bot_id, "agent", by, does.until ?? null);
    const free = does.do === "unblock_bot";
    const line = free ? ({ kind: "bot_unblocked", bot_id } as const) : ({ kind: "bot_asked", bot_id } as const);
    this.hub.say(id, "", { kind: "system", author: by, line });
    this.set(id, bot_id, free ? { blocked: null } : { asked_at: this.hub.now() });
  }

  answer(method: string, path: string, body: unknown): Answer {
    const [, , noun, id = "", part, other] = path.split("/");
    if (noun === "conversations") return this.ofConversation(id, other === undefined);
    if (noun === "inboxes" && part === "bots") return this.order(id, body as BotOrder);
    if (noun === "inboxes") {
      if (method === "PUT") this.rules = body as BotRules;
      return ok(this.rules);
    }
    if (id === "") return method === "POST" ? this.create(body as CreateBot) : ok({ bots: this.all });
    const place = this.all.findIndex((one) => one.id === id);
    const bot = this.all[place];
    if (!bot) return refusal(404, "not_found");
    if (part === "console") return this.console(method, bot);
    if (part === "log") return ok({ lines: this.log });
    if (part === "token" && method === "POST") return ok(this.withToken(bot));
    if (part === "token") {
      bot.token_hint = null;
      return ok();
    }
    if (method === "DELETE") {
      this.all.splice(place, 1);
      this.hub.push({ event: "bot_changed", bot: { id, name: bot.name, off: true } });
      return ok();
    }
    const { places = [], ...change } = body as ChangeBot;
    Object.assign(bot, change);
    for (const { inbox_id, answers } of places) {
      const rank = bot.inboxes.find((one) => one.inbox_id === inbox_id)?.rank ?? this.inInbox(inbox_id).length;
      bot.inboxes = bot.inboxes.filter((one) => one.inbox_id !== inbox_id);
      if (answers !== null) bot.inboxes.push({ inbox_id, rank, answers });
    }
    this.changed(bot);
    return ok(bot);
  }

  /** As another admin's page does it. */
  changed({ id, name, off }: Bot): void {
    this.hub.push({ event: "bot_changed", bot: { id, name, off } });
  }

  private inInbox(inbox: string): Bot[] {
    return this.all.filter((bot) => bot.inboxes.some(({ inbox_id }) => inbox_id === inbox));
  }

  private order(inbox: string, { bots }: BotOrder): Answer {
    this.orders.push(bots);
    for (const bot of this.inInbox(inbox)) {
      bot.inboxes = bot.inboxes.map((one) => (one.inbox_id === inbox ? { ...one, rank: bots.indexOf(bot.id) } : one));
      this.changed(bot);
    }
    return ok({ bots });
  }

  private console(method: string, bot: Bot): Answer {
    if (method === "GET") this.looks += 1;
    if (method === "GET") return ok({ bot, stands: this.inConsole, lines: this.log });
    if (bot.off) return refusal(409, "conflict");
    this.talks += 1;
    this.inConsole = null;
    return ok({ widget_key: "CONSOLE", token: `talk-${this.talks}`, identity_id: `I${this.talks}` });
  }

  private ofConversation(id: string, known: boolean): Answer {
    return known ? ok({ conversation_id: id, bots: this.in(id) }) : refusal(404, "not_found");
  }

  private create(given: CreateBot): Answer {
    const { name, username, inboxes } = given;
    if (!username.toLowerCase().endsWith("bot"))
      return refusal(422, "invalid", [{ field: "username", code: "invalid", message: "It ends in bot." }]);
    const bot = this.add(`bot-${this.all.length + 1}`, name, "", { username, inboxes, last_seen_at: null });
    this.hub.push({ event: "bot_changed", bot: { id: bot.id, name, off: false } });
    return { status: 201, body: this.withToken(bot) };
  }

  private withToken(bot: Bot) {
    this.tokens += 1;
    const token = `${bot.number}:AAH-token-number-${this.tokens}`;
    bot.token_hint = token.slice(-4);
    return { bot, token };
  }
}
