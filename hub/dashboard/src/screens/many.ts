/** What a person does to all that is selected: each at once, each with one undo for all of them. */
import type { ApiError, BulkChange, ChangedConversations, ConversationId } from "@switchboard/protocol";
import { t } from "@switchboard/ui/i18n/desk";
import { locale } from "@switchboard/ui/ticker";
import { coming } from "@switchboard/ui/time";
import { toast } from "@switchboard/ui/toast";
import type { Desk } from "../desk/desk";
import { go, listPath, route } from "../router";
import { agentName } from "../words";
import { sayRefused } from "./actions";
import { overlay } from "./overlay";

/** Something is selected: what one does is done to that. */
export function selecting(desk: Desk): boolean {
  return desk.selection.view.value.ids.size > 0;
}

/** Which of the pickers is opened for all of them. */
export type ManyPicker = "assign" | "team" | "tags" | "priority" | "snooze";

export function pickForMany(picker: ManyPicker): void {
  overlay.value = { kind: "many", picker };
}

export async function changeMany(desk: Desk, change: BulkChange, what: string): Promise<void> {
  const before = desk.selection.view.value.ids;
  const { value: where } = route;
  const open = where.page === "conversations" ? where.conversation : null;
  const asked = desk.selection.change(change);
  // What was open and left the list by this gives room to the list.
  const left = open !== null && before.has(open) && !desk.lists.view.value.ids.includes(open);
  if (left && where.page === "conversations") go(listPath(where.query), true);
  const done = await asked;
  if (isError(done)) return sayRefused(done);
  const { changed, refused } = done;
  if (changed.length > 0) {
    const takeBack = (): void => {
      desk.undo.current = null;
      dismiss();
      void desk.selection.undo(changed).then(sayOfUndo);
    };
    desk.undo.current = takeBack;
    const dismiss = toast({ text: t("many.done", { what, n: changed.length }), onUndo: takeBack });
  }
  sayLeft(refused.length);
  if (changed.length === 0 && refused.length === 0) toast({ text: t("many.nothing") });
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

export function closeMany(desk: Desk): void {
  const rows = [...desk.selection.view.value.ids].map((id) => desk.rowNow(id));
  const closed = rows.length > 0 && rows.every((row) => row?.status === "closed");
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

/** Shift and a press: all from the row before to this one. */
export function pressedWithShift(desk: Desk, event: MouseEvent): void {
  if (!event.shiftKey || !(event.target instanceof Element) || desk.me.value.agent.role === "read_only") return;
  const id = event.target.closest<HTMLElement>("[data-id]")?.dataset.id;
  if (id === undefined) return;
  event.preventDefault();
  event.stopPropagation();
  desk.selection.through(id);
}

/** The row that has the focus. */
export function rowInFocus(): ConversationId | null {
  return document.activeElement?.closest<HTMLElement>(".dk-list [data-id]")?.dataset.id ?? null;
}

export function focusRow(id: ConversationId): void {
  requestAnimationFrame(() => {
    const row = document.querySelector<HTMLElement>(`.dk-list [data-id="${CSS.escape(id)}"] .sb-row`);
    row?.focus();
    row?.scrollIntoView({ block: "nearest" });
  });
}
