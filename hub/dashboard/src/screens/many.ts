/** What a person does to all that is selected: each at once, each with one undo for all of them. */
import {
  type ApiError,
  BULK,
  type BulkChange,
  type ChangedConversations,
  type ConversationId,
  type Turn,
} from "@switchboard/protocol";
import { t } from "@switchboard/ui/i18n/desk";
import { locale } from "@switchboard/ui/ticker";
import { coming } from "@switchboard/ui/time";
import { toast } from "@switchboard/ui/toast";
import type { Desk } from "../desk/desk";
import { apiError } from "../net/errors";
import { go, listPath, type Route, route } from "../router";
import { agentName } from "../words";
import { sayRefused } from "./actions";
import { focusLost } from "./focus";
import { overlay } from "./overlay";

/**
 * Something is selected, and the bar that says so is on the screen: what one does is done to that. In the search, or where a
 * narrow window shows the conversation alone, nobody sees it, and it waits.
 */
export function selecting(desk: Desk): boolean {
  return desk.selection.view.value.ids.size > 0 && listShown();
}

/** The list that can be selected in is on the screen. */
export function listShown(): boolean {
  if (route.value.page !== "conversations") return false;
  return (document.querySelector(".dk-list")?.getClientRects().length ?? 0) > 0;
}

/** Which of the pickers is opened for all of them. */
export type ManyPicker = "assign" | "team" | "tags" | "priority" | "snooze";

export function pickForMany(picker: ManyPicker): void {
  overlay.value = { kind: "many", picker };
}

export async function changeMany(desk: Desk, change: BulkChange, what: string): Promise<void> {
  const before = desk.selection.view.value.ids;
  const { value: where } = route;
  const place = placeOf(desk, rowInFocus() ?? [...before]);
  const asked = desk.selection.change(change);
  keepFocus(desk, place);
  // What was open and left the list by this gives room to the list.
  const bringBack = leave(desk, where, before);
  let takenBack = false;
  let dismiss = (): void => undefined;
  // From the first moment on, as of one: who takes it back before the hub has answered means this and nothing before it.
  const takeBack = (): void => {
    takenBack = true;
    notThis();
    dismiss();
    void asked.then((done) => {
      if (isError(done) || done.changed.length === 0) return;
      bringBack(done.changed.map((one) => one.conversation_id));
      return desk.selection.undo(done.changed).then(sayOfUndo);
    });
  };
  const notThis = (): void => {
    if (desk.undo.current === takeBack) desk.undo.current = null;
  };
  desk.undo.current = takeBack;
  const done = await asked;
  if (isError(done)) {
    notThis();
    bringBack([...before]);
    return sayRefused(done);
  }
  const { changed, refused } = done;
  bringBack(refused.map((one) => one.conversation_id));
  if (changed.length === 0) notThis();
  else if (!takenBack) dismiss = toast({ text: t("many.done", { what, n: changed.length }), onUndo: takeBack });
  sayLeft(refused.length);
  if (changed.length === 0 && refused.length === 0) toast({ text: t("many.nothing") });
}

/** Closes what is open if it has left the list; what comes back opens it again, where nobody has gone on meanwhile. */
function leave(
  desk: Desk,
  where: Route,
  changing: ReadonlySet<ConversationId>,
): (ids: readonly ConversationId[]) => void {
  const open = where.page === "conversations" ? where.conversation : null;
  const left = open !== null && changing.has(open) && !desk.lists.view.value.ids.includes(open);
  if (!left || where.page !== "conversations") return () => undefined;
  const list = listPath(where.query);
  go(list, true);
  return (ids) => {
    const { value: now } = route;
    if (!ids.includes(open) || now.page !== "conversations" || now.conversation !== null) return;
    if (listPath(now.query) === list) go(listPath(now.query, open), true);
  };
}

function sayOfUndo(done: ChangedConversations | ApiError): void {
  if (isError(done)) return sayRefused(done);
  // Somebody has gone on with them meanwhile: that stays.
  sayLeft(done.refused.length + done.unchanged.length);
}

function sayLeft(n: number): void {
  if (n > 0) toast({ text: t("many.refused", { n }), tone: "danger" });
}

function isError(done: ChangedConversations | ApiError): done is ApiError {
  return "code" in done;
}

/** Closing them would change nothing: they are opened again. */
export function allClosed(desk: Desk): boolean {
  const rows = [...desk.selection.view.value.ids].map((id) => desk.rowNow(id));
  return rows.length > 0 && rows.every((row) => row?.status === "closed");
}

export function closeMany(desk: Desk): void {
  const closed = allClosed(desk);
  void changeMany(desk, { status: closed ? "open" : "closed" }, t(closed ? "many.reopened" : "many.closed"));
}

export function moveMany(desk: Desk, place: "inbox" | "archived" | "spam" | "trash"): void {
  void changeMany(desk, { place }, t(`many.${place}`));
}

export function snoozeMany(desk: Desk, until: number, stays: boolean): void {
  const time = coming(until, desk.clock(), locale.value);
  void changeMany(desk, { snoozed_until: until, snooze_stays: stays }, t("done.snoozed", { time }));
}

export function assignMany(desk: Desk, who: string | null): void {
  const me = desk.me.value.agent.id;
  const what =
    who === null
      ? t("done.unassigned")
      : who === me
        ? t("done.assignedMe")
        : t("done.assigned", { who: agentName(desk.house.value, who) });
  void changeMany(desk, { assignees: who === null ? [] : [who] }, what);
}

export function teamMany(desk: Desk, team: string | null): void {
  const name = team === null ? undefined : desk.house.value.teams.get(team)?.name;
  const what = name === undefined ? t("done.teamNone") : t("done.team", { team: name });
  void changeMany(desk, { team_id: team }, what);
}

/** All get it, unless all have it. */
export function flagMany(desk: Desk): void {
  const flagged = [...desk.selection.view.value.ids].every((id) => desk.rowNow(id)?.flagged);
  void changeMany(desk, { flagged: !flagged }, t(flagged ? "many.unflagged" : "many.flagged"));
}

export function readMany(desk: Desk, read: boolean): void {
  void changeMany(desk, { read }, t(read ? "many.read" : "many.unread"));
}

/** All that is unread of the list that is shown, also what is not loaded, with one undo. */
export async function readAll(desk: Desk): Promise<void> {
  const { folder, sort, ...filters } = desk.lists.view.value.query;
  const turns: Turn[] = [];
  try {
    for (let more = true; more; ) {
      const done = await desk.api("POST /api/conversations/read", { query: { folder, sort, ...filters } });
      turns.push(...done.changed);
      more = done.more === true && done.changed.length > 0;
    }
  } catch (cause) {
    sayRefused(apiError(cause));
  }
  desk.lists.letGo();
  if (turns.length === 0) return void toast({ text: t("list.readAllNone") });
  const takeBack = (): void => {
    desk.undo.current = null;
    dismiss();
    void takeBackAll(desk, turns);
  };
  desk.undo.current = takeBack;
  const dismiss = toast({ text: t("many.done", { what: t("many.read"), n: turns.length }), onUndo: takeBack });
}

async function takeBackAll(desk: Desk, turns: readonly Turn[]): Promise<void> {
  for (let at = 0; at < turns.length; at += BULK) {
    const done = await desk.selection.undo(turns.slice(at, at + BULK));
    sayOfUndo(done);
    if (isError(done)) return;
  }
}

/** Shift and a press: all from the row before to this one. */
export function pressedWithShift(desk: Desk, event: MouseEvent): void {
  if (!event.shiftKey || !(event.target instanceof Element) || desk.me.value.agent.role === "read_only") return;
  const id = event.target.closest<HTMLElement>("[data-id]")?.dataset.id;
  if (id === undefined) return;
  event.preventDefault();
  event.stopPropagation();
  desk.selection.through(id);
}

/** Where in the list the first of them stands; none does: at its head. */
export function placeOf({ lists }: Desk, of: ConversationId | readonly ConversationId[]): number {
  const wanted = new Set([of].flat());
  return Math.max(
    0,
    lists.view.value.ids.findIndex((id) => wanted.has(id)),
  );
}

/** Once it is drawn: what had the focus may have gone with what was done. Then it goes to the row at that place. */
export function keepFocus(desk: Desk, place: number): void {
  const keep = (): void => {
    if (!focusLost() || !listShown()) return;
    const { ids } = desk.lists.view.value;
    const id = ids[Math.max(0, Math.min(place, ids.length - 1))];
    const row = id === undefined ? null : document.querySelector<HTMLElement>(`${inList(id)} .sb-row`);
    (row ?? document.querySelector<HTMLElement>(".dk-list .sb-row, .dk-list__head button"))?.focus();
  };
  requestAnimationFrame(() => requestAnimationFrame(keep));
}

const inList = (id: ConversationId): string => `.dk-list [data-id="${CSS.escape(id)}"]`;

/** The row that has the focus. */
export function rowInFocus(): ConversationId | null {
  return document.activeElement?.closest<HTMLElement>(".dk-list [data-id]")?.dataset.id ?? null;
}

export function focusRow(id: ConversationId): void {
  requestAnimationFrame(() => {
    const row = document.querySelector<HTMLElement>(`${inList(id)} .sb-row`);
    row?.focus();
    row?.scrollIntoView({ block: "nearest" });
  });
}
