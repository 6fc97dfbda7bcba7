/** In which order the bots of an inbox are asked, and what has to be saved so that they are asked in another. Pure. */
import type { Bot, BotId, BotInbox, InboxId } from "@switchboard/protocol";

export function rankIn(bot: Pick<Bot, "inboxes">, inbox: InboxId): number | undefined {
  return bot.inboxes.find((one) => one.inbox_id === inbox)?.rank;
}

/** Those that are in it, the one that is asked first at the top. */
export function botsOf(bots: readonly Bot[], inbox: InboxId): readonly Bot[] {
  return bots
    .filter((bot) => rankIn(bot, inbox) !== undefined)
    .sort((a, b) => (rankIn(a, inbox) ?? 0) - (rankIn(b, inbox) ?? 0));
}

/** Where one that comes new is asked: after all others. */
export function lastRank(bots: readonly Bot[], inbox: InboxId): number {
  return Math.max(-1, ...bots.map((bot) => rankIn(bot, inbox) ?? -1)) + 1;
}

export interface Reranked {
  readonly id: BotId;
  readonly inboxes: BotInbox[];
}

/** One that is asked a step earlier or later: what changes of which. Two that had one rank do not any more. */
export function moved(bots: readonly Bot[], inbox: InboxId, id: BotId, step: 1 | -1): readonly Reranked[] {
  const order = [...botsOf(bots, inbox)];
  const from = order.findIndex((one) => one.id === id);
  const to = from + step;
  if (from < 0 || to < 0 || to >= order.length) return [];
  order.splice(to, 0, ...order.splice(from, 1));
  return order.flatMap((bot, rank) =>
    rankIn(bot, inbox) === rank
      ? []
      : [{ id: bot.id, inboxes: bot.inboxes.map((one) => (one.inbox_id === inbox ? { ...one, rank } : one)) }],
  );
}
