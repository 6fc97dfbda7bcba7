/** In which order the bots of an inbox are asked, and in which after a step. Pure. */
import type { Bot, BotId, InboxId } from "@switchboard/protocol";

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

/** The order in which one is asked a step earlier or later; undefined: there is no such step. */
export function stepped(order: readonly BotId[], id: BotId, step: 1 | -1): readonly BotId[] | undefined {
  const from = order.indexOf(id);
  const to = from + step;
  if (from < 0 || to < 0 || to >= order.length) return undefined;
  const next = order.filter((one) => one !== id);
  next.splice(to, 0, id);
  return next;
}

/** As they are put here, before the hub has it; one that has come meanwhile is asked last. */
export function inOrder(bots: readonly Bot[], order: readonly BotId[] | null): readonly Bot[] {
  if (order === null) return bots;
  const place = ({ id }: Bot): number => (order.includes(id) ? order.indexOf(id) : order.length);
  return [...bots].sort((a, b) => place(a) - place(b));
}
