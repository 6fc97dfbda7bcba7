/** What a person does to the bots of a conversation: at once, with its undo. The panel, keys and the palette all come here. */
import type { ApiError, BotId, ConversationBot, ConversationId } from "@switchboard/protocol";
import { t } from "@switchboard/ui/i18n/desk";
import { locale } from "@switchboard/ui/ticker";
import { coming } from "@switchboard/ui/time";
import { toast } from "@switchboard/ui/toast";
import type { Desk } from "../../desk/desk";
import { isBlocked, thoseBlocked } from "../../state/bots";
import { botName } from "../../words";
import { sayRefused } from "../actions";
import { botsNow } from "./here";

/** Until then; null: until it is undone. */
export function blockBots(desk: Desk, id: ConversationId, bots: readonly BotId[], until: number | null): void {
  const before = botsNow(desk, id).filter((one) => bots.includes(one.bot_id));
  const time = until === null ? undefined : coming(until, desk.clock(), locale.value);
  const said = named(desk, bots, "bots.doneBlockedAll", (bot) =>
    time === undefined ? t("bots.doneBlocked", { bot }) : t("bots.doneBlockedUntil", { bot, time }),
  );
  void done(
    desk,
    () => desk.bots.block(id, bots, until),
    () => putBack(desk, id, before),
    said,
  );
}

export function freeBots(desk: Desk, id: ConversationId, bots: readonly BotId[]): void {
  const before = botsNow(desk, id).filter((one) => bots.includes(one.bot_id));
  const said = named(desk, bots, "bots.doneFreeAll", (bot) => t("bots.doneFree", { bot }));
  void done(
    desk,
    () => desk.bots.unblock(id, bots),
    () => putBack(desk, id, before),
    said,
  );
}

/** All of them, one way or the other. False: there is none here. */
export function blockOrFreeAll(desk: Desk, id: ConversationId): void | false {
  const bots = botsNow(desk, id);
  const free = thoseBlocked(bots, false, desk.clock());
  if (bots.length === 0) return false;
  if (free.length > 0) return blockBots(desk, id, free, null);
  freeBots(desk, id, thoseBlocked(bots, true, desk.clock()));
}

/** What it writes then cannot be taken back, so neither can this. */
export async function runBot(desk: Desk, id: ConversationId, bot: BotId): Promise<void> {
  const error = await desk.bots.run(id, bot);
  if (error) sayRefused(error);
  else toast({ text: t("bots.doneAsked", { bot: botName(desk.house.value, bot) }) });
}

/** The one whose turn it is: the first that may answer, or else the first. False: there is none here. */
export function runFirst(desk: Desk, id: ConversationId): void | false {
  const bots = botsNow(desk, id);
  const first = bots.find((one) => !isBlocked(one.blocked, desk.clock())) ?? bots[0];
  if (!first) return false;
  void runBot(desk, id, first.bot_id);
}

function named(
  desk: Desk,
  bots: readonly BotId[],
  several: "bots.doneBlockedAll" | "bots.doneFreeAll",
  one: (bot: string) => string,
): string {
  const [first] = bots;
  return bots.length === 1 && first !== undefined ? one(botName(desk.house.value, first)) : t(several);
}

/** Each as it was: blocked until then, or not. */
async function putBack(desk: Desk, id: ConversationId, before: readonly ConversationBot[]): Promise<ApiError | null> {
  const free = thoseBlocked(before, false, desk.clock());
  const errors = await Promise.all([
    free.length > 0 ? desk.bots.unblock(id, free) : null,
    // What came of itself comes back of itself; blocked again by hand it would stay when the case closes.
    ...before.flatMap(({ bot_id, blocked }) =>
      isBlocked(blocked, desk.clock()) && blocked.why === "agent" ? [desk.bots.block(id, [bot_id], blocked.until)] : [],
    ),
  ]);
  return errors.find((error) => error !== null) ?? null;
}

type Work = () => Promise<ApiError | null>;

/** Says at once that it is done, with the way back; takes that back if it is refused. */
async function done(desk: Desk, work: Work, back: Work, said: string): Promise<void> {
  const takeBack = (): void => {
    desk.undo.current = null;
    dismiss();
    void back().then((error) => error && sayRefused(error));
  };
  desk.undo.current = takeBack;
  const dismiss = toast({ text: said, onUndo: takeBack });
  const error = await work();
  if (!error) return;
  dismiss();
  if (desk.undo.current === takeBack) desk.undo.current = null;
  sayRefused(error);
}
