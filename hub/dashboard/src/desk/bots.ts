/**
 * The bots of the conversation on the screen: asks how they stand, and blocks them, lets them answer again, asks them to.
 * What is done shows at once, and goes again with the hub's reason if it is refused.
 */
import type { AgentCommand, ApiError, BotBlock, BotId, ConversationBot, ConversationId } from "@switchboard/protocol";
import { apiError } from "../net/errors";
import { nothingTouched } from "../state/model";
import { lay, liftOverlay, overlayDone } from "../state/optimistic";
import { takeAnswer } from "../state/snapshots";
import type { Core } from "./core";

/** Which of them the hub has refused, and why; the others are done and committed. */
export type Refused = ReadonlyMap<BotId, ApiError>;

export interface Bots {
  /** This conversation is on the screen, or none. */
  look(id: ConversationId | null): void;
  /** There is a connection again, or everything is new. */
  connected(): void;
  /** Each resolves when the hub has answered for all of them. Until then; null: until it is undone. */
  block(id: ConversationId, bots: readonly BotId[], until: number | null): Promise<Refused>;
  /** A block that there was before, with its reason. */
  putBack(id: ConversationId, bot: BotId, block: BotBlock): Promise<Refused>;
  unblock(id: ConversationId, bots: readonly BotId[]): Promise<Refused>;
  /** It is asked what the customer wrote last, and may answer once also where it is blocked. */
  run(id: ConversationId, bot: BotId): Promise<Refused>;
}

export function makeBots(core: Core): Bots {
  let open: ConversationId | null = null;
  /** Whose answer is still to come. */
  let unanswered: ConversationId | null = null;
  /** Where in the feed a bot was last set up otherwise. */
  let setUp = lastSetUp();

  function publish(id: ConversationId): void {
    const touched = nothingTouched();
    touched.conversations.add(id);
    core.publish(touched);
  }

  async function ask(id: ConversationId): Promise<void> {
    const { botsIn } = core.state;
    // What an event says meanwhile is newer than the answer.
    if (!botsIn.has(id)) botsIn.set(id, { thing: null, at: core.state.position });
    const asked = botsIn.get(id);
    unanswered = id;
    try {
      const { bots } = await core.api("GET /api/conversations/{id}/bots", { id });
      if (core.state.botsIn === botsIn && takeAnswer(core.state, botsIn, id, asked, bots)) publish(id);
    } catch (cause) {
      // Asked for again with the next connection; whoever may not know sees none.
      if (apiError(cause).code === "unavailable") return;
    }
    if (unanswered === id) unanswered = null;
  }

  /** Nobody comes back to those: opened again, they are asked for again. */
  function forget(): void {
    for (const id of core.state.botsIn.keys())
      if (id !== open && !core.state.threads.has(id)) core.state.botsIn.delete(id);
  }

  /** Who is in the inbox, and in which order, may be otherwise: no event says how those stand. */
  function lookAgain(): void {
    const before = setUp;
    setUp = lastSetUp();
    if (open !== null && setUp !== before) void ask(open);
  }

  function lastSetUp(): number {
    return Math.max(0, ...[...core.state.bots.values()].map(({ at }) => at));
  }

  async function one(
    id: ConversationId,
    bot: BotId,
    change: Partial<ConversationBot>,
    command: AgentCommand,
  ): Promise<ApiError | null> {
    const overlayId = core.newId();
    core.publish(lay(core.state, id, { id: overlayId, patch: {}, bots: new Map([[bot, change]]), until: null }));
    try {
      const { position = 0 } = await core.socket.command(command);
      core.publish(overlayDone(core.state, id, overlayId, position));
      return null;
    } catch (cause) {
      core.publish(liftOverlay(core.state, id, overlayId));
      return apiError(cause);
    }
  }

  /** Each by itself: one that is refused leaves the others done. */
  async function done(
    id: ConversationId,
    bots: readonly BotId[],
    change: Partial<ConversationBot>,
    command: (bot_id: BotId) => AgentCommand,
  ): Promise<Refused> {
    const told = await Promise.all(bots.map(async (bot) => [bot, await one(id, bot, change, command(bot))] as const));
    return new Map(told.flatMap(([bot, error]) => (error ? [[bot, error]] : [])));
  }

  core.onPublished((touched) => {
    if (touched.house) lookAgain();
  });

  return {
    look(id) {
      open = id;
      unanswered = null;
      setUp = lastSetUp();
      forget();
      if (id !== null) void ask(id);
    },
    connected() {
      if (open !== null && (unanswered === open || !core.state.botsIn.has(open))) void ask(open);
    },
    block(id, bots, until) {
      const by = { kind: "agent" as const, id: core.state.me };
      const blocked = { why: "agent" as const, by, at: core.clock(), until };
      return done(id, bots, { blocked }, (bot_id) => ({
        do: "block_bot",
        conversation_id: id,
        bot_id,
        ...(until === null ? {} : { until }),
      }));
    },
    putBack: (id, bot, blocked) =>
      done(id, [bot], { blocked }, (bot_id) => ({
        do: "block_bot",
        conversation_id: id,
        bot_id,
        put_back: blocked.at,
        ...(blocked.until === null ? {} : { until: blocked.until }),
      })),
    unblock: (id, bots) =>
      done(id, bots, { blocked: null }, (bot_id) => ({ do: "unblock_bot", conversation_id: id, bot_id })),
    run: (id, bot) =>
      done(id, [bot], { asked_at: core.clock() }, (bot_id) => ({ do: "run_bot", conversation_id: id, bot_id })),
  };
}
