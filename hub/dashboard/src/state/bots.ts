/** How a bot stands in a conversation, and which of several is asked. The time is handed in. Pure. */
import type { BotAnswers, BotBlock, BotBrief, BotId, ConversationBot } from "@switchboard/protocol";
import { snoozeChoices } from "./snooze";

export type BotState =
  | { readonly kind: "answering" | "typing" | "failing" | "off" }
  /** It was asked then. */
  | { readonly kind: "waiting"; readonly since: number }
  | { readonly kind: "blocked"; readonly block: BotBlock };

/** A bot that is known no more stands there because it was blocked here: it does nothing. */
export function botState(
  { blocked, asked_at: asked, failing }: ConversationBot,
  brief: BotBrief | undefined,
  typing: boolean,
  now: number,
): BotState {
  if (!brief || brief.off) return { kind: "off" };
  const block = isBlocked(blocked, now) ? blocked : null;
  // Who is asked by hand may answer once, blocked or not.
  if (block && (asked === null || asked < block.at)) return { kind: "blocked", block };
  if (typing) return { kind: "typing" };
  if (failing) return { kind: "failing" };
  return asked === null ? { kind: "answering" } : { kind: "waiting", since: asked };
}

/** A block whose time is over blocks no more. */
export function isBlocked(block: BotBlock | null, now: number): block is BotBlock {
  return block !== null && (block.until === null || block.until > now);
}

/** When it is asked here; a hub that says nothing of that asks it always. */
export function answersOf(bot: ConversationBot & { readonly answers?: BotAnswers }): BotAnswers {
  return bot.answers ?? "always";
}

/**
 * What one sees at a glance: the first that does anything here, or none: people answer. One that answers at certain times
 * alone comes after those that do always, unless it does something now.
 */
export function speaker<Shown extends { readonly state: BotState; readonly answers?: BotAnswers }>(
  bots: readonly Shown[],
): Shown | undefined {
  const may = bots.filter(({ state }) => state.kind !== "off" && state.kind !== "blocked");
  return may.find(({ state, answers = "always" }) => state.kind !== "answering" || answers === "always") ?? may[0];
}

/** Those that are kept out now, or those that are not. */
export function thoseBlocked(bots: readonly ConversationBot[], blocked: boolean, now: number): readonly BotId[] {
  return bots.filter((one) => isBlocked(one.blocked, now) === blocked).map((one) => one.bot_id);
}

const MINUTE_MS = 60_000;

export type BlockChoice = "15" | "60" | "tomorrow" | "thisMorning" | "undone";

/** For how long a bot may be kept out: until then; null: until it is undone. */
export function blockChoices(
  now: number,
  zone: string,
): readonly { readonly id: BlockChoice; readonly until: number | null }[] {
  const mornings = snoozeChoices(now, zone).flatMap(({ id, at }) =>
    id === "thisMorning" || id === "tomorrow" ? [{ id, until: at }] : [],
  );
  return [
    { id: "15", until: now + 15 * MINUTE_MS },
    { id: "60", until: now + 60 * MINUTE_MS },
    ...mornings.slice(0, 1),
    { id: "undone", until: null },
  ];
}
