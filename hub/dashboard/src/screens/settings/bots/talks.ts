/** The last talk with each bot: a console that is opened again goes on with it. As long as the page, and kept nowhere else. */
import type { BotConsole, BotId } from "@switchboard/protocol";
import type { Desk } from "../../../desk/desk";

/** As long as its token is good, ms. */
const GOOD_MS = 12 * 3_600_000;

const kept = new WeakMap<Desk, Map<BotId, { readonly talk: BotConsole; readonly until: number }>>();

export function lastTalk(desk: Desk, bot: BotId): BotConsole | undefined {
  const found = kept.get(desk)?.get(bot);
  return found && found.until > desk.clock() ? found.talk : undefined;
}

export function keepTalk(desk: Desk, bot: BotId, talk: BotConsole): void {
  const known = kept.get(desk) ?? new Map();
  kept.set(desk, known.set(bot, { talk, until: desk.clock() + GOOD_MS }));
}
