/** What a person does to the bots of a conversation: at once, with its undo. The panel, keys and the palette all come here. */
import type { BotId, ConversationBot, ConversationId } from "@switchboard/protocol";
import { list } from "@switchboard/ui/i18n";
import { t } from "@switchboard/ui/i18n/desk";
import { locale } from "@switchboard/ui/ticker";
import { coming } from "@switchboard/ui/time";
import { toast } from "@switchboard/ui/toast";
import type { Refused } from "../../desk/bots";
import type { Desk } from "../../desk/desk";
import { isBlocked, thoseBlocked } from "../../state/bots";
import { botName, errorText } from "../../words";
import { sayRefused } from "../actions";
import { botsNow } from "./here";

/** Until then; null: until it is undone. */
export function blockBots(desk: Desk, id: ConversationId, bots: readonly BotId[], until: number | null): void {
  const time = until === null ? undefined : coming(until, desk.clock(), locale.value);
  const said = (bot: string): string =>
    time === undefined ? t("bots.doneBlocked", { bot }) : t("bots.doneBlockedUntil", { bot, time });
  const all = bots.length === botsNow(desk, id).length;
  void done(desk, id, bots, () => desk.bots.block(id, bots, until), said, all ? t("bots.doneBlockedAll") : undefined);
}

export function freeBots(desk: Desk, id: ConversationId, bots: readonly BotId[]): void {
  const said = (bot: string): string => t("bots.doneFree", { bot });
  const all = thoseBlocked(botsNow(desk, id), true, desk.clock()).every((bot) => bots.includes(bot));
  void done(desk, id, bots, () => desk.bots.unblock(id, bots), said, all ? t("bots.doneFreeAll") : undefined);
}

/** Whom the key has blocked here. */
const byKey = new WeakMap<Desk, Map<ConversationId, readonly BotId[]>>();

/** Whom the key lets in: those that it has blocked itself, and all where those are none. A block for a time, or one that came of
 * itself, stays as it was. */
export function freedByKey(desk: Desk, id: ConversationId): readonly BotId[] {
  const bots = botsNow(desk, id);
  const blocked = thoseBlocked(bots, true, desk.clock());
  const own = byKey.get(desk)?.get(id) ?? [];
  const still = bots.filter((one) => one.blocked?.why === "agent" && one.blocked.until === null);
  const back = still.map((one) => one.bot_id).filter((bot) => own.includes(bot));
  return back.length > 0 ? back : blocked;
}

/** All that may answer, or those back that were blocked so. False: there is none here. */
export function blockOrFreeAll(desk: Desk, id: ConversationId): void | false {
  const bots = botsNow(desk, id);
  const free = thoseBlocked(bots, false, desk.clock());
  if (bots.length === 0) return false;
  if (free.length === 0) return freeBots(desk, id, freedByKey(desk, id));
  const known = byKey.get(desk) ?? new Map();
  byKey.set(desk, known.set(id, free));
  blockBots(desk, id, free, null);
}

/** What it writes then cannot be taken back, so neither can this. */
export async function runBot(desk: Desk, id: ConversationId, bot: BotId): Promise<void> {
  const error = (await desk.bots.run(id, bot)).get(bot);
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

/** What was said last of the bots of a conversation: its way back leads past what is done since. */
let lastSaid: { readonly id: ConversationId; unsay(): void } | undefined;

/** Each as it was: blocked since then, for its own reason; or not. */
async function putBack(desk: Desk, id: ConversationId, before: readonly ConversationBot[]): Promise<Refused> {
  const free = thoseBlocked(before, false, desk.clock());
  const refused = await Promise.all([
    ...(free.length > 0 ? [desk.bots.unblock(id, free)] : []),
    ...before.flatMap(({ bot_id, blocked }) =>
      isBlocked(blocked, desk.clock()) ? [desk.bots.putBack(id, bot_id, blocked)] : [],
    ),
  ]);
  return new Map(refused.flatMap((some) => [...some]));
}

/** Says at once that it is done, with the way back; of those that are refused it takes that back. */
async function done(
  desk: Desk,
  id: ConversationId,
  bots: readonly BotId[],
  work: () => Promise<Refused>,
  said: (bot: string) => string,
  saidOfAll: string | undefined,
): Promise<void> {
  const before = botsNow(desk, id).filter((one) => bots.includes(one.bot_id));
  const name = (bot: BotId): string => botName(desk.house.value, bot);
  const say = (of: readonly ConversationBot[], text: string): (() => void) => {
    const takeBack = (): void => {
      if (desk.undo.current === takeBack) desk.undo.current = null;
      dismiss();
      void putBack(desk, id, of).then((refused) => sayWhich(desk, of.length, refused));
    };
    if (lastSaid?.id === id) lastSaid.unsay();
    desk.undo.current = takeBack;
    const dismiss = toast({ text, onUndo: takeBack });
    const unsay = (): void => {
      dismiss();
      if (desk.undo.current === takeBack) desk.undo.current = null;
    };
    lastSaid = { id, unsay };
    return unsay;
  };
  const [first] = bots;
  const some = saidOfAll ?? t("bots.doneSome", { bots: list(bots.map(name)) });
  const unsay = say(before, bots.length === 1 && first !== undefined ? said(name(first)) : some);
  const refused = await work();
  if (refused.size === 0) return;
  unsay();
  const left = before.filter((one) => !refused.has(one.bot_id));
  const names = left.map((one) => name(one.bot_id));
  const [only] = names;
  if (only !== undefined) say(left, names.length === 1 ? said(only) : t("bots.doneSome", { bots: list(names) }));
  sayWhich(desk, bots.length, refused);
}

/** Which of several were refused, where the others are done. */
function sayWhich(desk: Desk, of: number, refused: Refused): void {
  const [error] = refused.values();
  if (!error) return;
  if (refused.size === of || error.code === "unavailable") return sayRefused(error);
  const bots = list([...refused.keys()].map((bot) => botName(desk.house.value, bot)));
  toast({ text: t("bots.notChanged", { bots, why: errorText(error) }), tone: "danger" });
}
