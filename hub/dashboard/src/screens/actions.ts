/**
 * What a person does to the conversation in front of them: one function per action, each at once, each with its undo.
 * Buttons, keys and the palette all come here.
 */
import type {
  AgentId,
  ApiError,
  ConversationChange,
  ConversationId,
  ConversationRow,
  Place,
} from "@switchboard/protocol";
import { t } from "@switchboard/ui/i18n/desk";
import { locale } from "@switchboard/ui/ticker";
import { coming } from "@switchboard/ui/time";
import { toast } from "@switchboard/ui/toast";
import { inverse, patchOf } from "../desk/changes";
import type { Desk } from "../desk/desk";
import { go, listPath, printPath, route, searchPath } from "../router";
import { matches } from "../state/lists";
import { patched } from "../state/model";
import { agentName, errorText } from "../words";
import { focusOpenRow } from "./focus";

/** Takes the last thing back, if it can be. */
export function undoLast({ undo }: Desk): void {
  const last = undo.current;
  undo.current = null;
  last?.();
}

/** Nothing was written here that could be kept: it is only said that it was not done. */
export function sayRefused(error: ApiError): void {
  const text = error.code === "unavailable" ? t("change.offline") : t("change.failed", { why: errorText(error) });
  toast({ text, tone: "danger" });
}

/** Changes a conversation; if it leaves the list by that, the next one opens in its place. */
export async function act(desk: Desk, id: ConversationId, change: ConversationChange, said: string): Promise<void> {
  const row = desk.rowNow(id);
  if (!row) return;
  const back = inverse(change, row);
  const leaves = !matches(patched(row, patchOf(change, row)), desk.lists.view.value.query, desk.me.value.agent.id);
  const wasOpen = leaves && leave(desk, id);
  const bringBack = (): void => {
    desk.lists.restore(id);
    const { value: now } = route;
    if (wasOpen && now.page === "conversations") go(listPath(now.query, id), true);
  };
  const takeBack = (): void => {
    desk.undo.current = null;
    dismiss();
    bringBack();
    void desk.changes.change(id, back).then((error) => error && sayRefused(error));
  };
  desk.undo.current = takeBack;
  const dismiss = toast({ text: said, onUndo: takeBack });
  const error = await desk.changes.change(id, change);
  if (!error) return;
  dismiss();
  if (desk.undo.current === takeBack) desk.undo.current = null;
  if (leaves) bringBack();
  sayRefused(error);
}

/**
 * The same of a change that the hub has made already, with an answer: the message stays, the change can be taken back. What
 * is open stays open unless one `goesOn`.
 */
export function settled(
  desk: Desk,
  row: ConversationRow,
  change: ConversationChange,
  said: string,
  goesOn: boolean,
): void {
  const { id } = row;
  const back = inverse(change, row);
  const leaves = !matches(patched(row, patchOf(change, row)), desk.lists.view.value.query, desk.me.value.agent.id);
  const wasOpen = leaves && goesOn && leave(desk, id);
  const takeBack = (): void => {
    desk.undo.current = null;
    dismiss();
    desk.lists.restore(id);
    const { value: now } = route;
    if (wasOpen && now.page === "conversations") go(listPath(now.query, id), true);
    void desk.changes.change(id, back).then((error) => error && sayRefused(error));
  };
  desk.undo.current = takeBack;
  const dismiss = toast({ text: said, onUndo: takeBack });
}

/** Takes it out of the list; if it was open, the next one opens in its place. */
function leave(desk: Desk, id: ConversationId): boolean {
  const { value: where } = route;
  const open = where.page === "conversations" && where.conversation === id;
  if (open) {
    const next = neighbour(desk, id, 1) ?? neighbour(desk, id, -1);
    if (next !== null) desk.conversations.comesNext(next);
    go(listPath(where.query, next), true);
  }
  desk.lists.dismiss(id);
  if (open) focusOpenRow();
  return open;
}

/** The conversation so many rows below (or above) in the list as it is shown. */
export function neighbour(desk: Desk, id: ConversationId | null, step: 1 | -1): ConversationId | null {
  const { ids } = desk.lists.view.value;
  const at = id === null ? -1 : ids.indexOf(id);
  if (id === null || at < 0) return ids[0] ?? null;
  return ids[at + step] ?? null;
}

export function closeOrReopen(desk: Desk, row: ConversationRow): void {
  const closed = row.status === "closed";
  void act(desk, row.id, { status: closed ? "open" : "closed" }, t(closed ? "done.reopened" : "done.closed"));
}

/** `stays`: though the customer answers before. */
export function snooze(desk: Desk, id: ConversationId, until: number, stays: boolean): void {
  const change = { snoozed_until: until, snooze_stays: stays };
  void act(desk, id, change, t("done.snoozed", { time: coming(until, desk.clock(), locale.value) }));
}

export function move(desk: Desk, id: ConversationId, place: Place): void {
  void act(desk, id, { place }, t(`done.${place}`));
}

export function assignMe(desk: Desk, row: ConversationRow): void {
  const me = desk.me.value.agent.id;
  if (row.assignees[0] === me) return;
  void act(desk, row.id, { assignees: [me, ...row.assignees.filter((one) => one !== me)] }, t("done.assignedMe"));
}

export function assign(desk: Desk, row: ConversationRow, assignees: readonly AgentId[]): void {
  const added = assignees.find((one) => !row.assignees.includes(one));
  const gone = row.assignees.find((one) => !assignees.includes(one));
  const name = (who: AgentId) => ({ who: agentName(desk.house.value, who) });
  const said =
    added !== undefined
      ? t("done.assigned", name(added))
      : assignees.length > 0 && gone !== undefined
        ? t("done.takenFrom", name(gone))
        : t("done.unassigned");
  void act(desk, row.id, { assignees: [...assignees] }, said);
}

export function giveToTeam(desk: Desk, row: ConversationRow, team: string | null): void {
  const name = team === null ? undefined : desk.house.value.teams.get(team)?.name;
  void act(desk, row.id, { team_id: team }, name === undefined ? t("done.teamNone") : t("done.team", { team: name }));
}

/** Small things that show by themselves need no toast. */
export async function quietly(desk: Desk, id: ConversationId, change: ConversationChange): Promise<void> {
  const error = await desk.changes.change(id, change);
  if (error) sayRefused(error);
}

/** Beside the desk, which stays as it is. */
export function openToPrint(id: ConversationId): void {
  window.open(printPath(id), "_blank", "noopener");
}

/** Out of the conversation first: what stays open would be read again at once. */
export async function markUnread(desk: Desk, id: ConversationId): Promise<void> {
  const { value: where } = route;
  if (where.page === "conversations" && where.conversation === id) go(listPath(where.query));
  else if (where.page === "search" && where.conversation === id) go(searchPath(where.words));
  const error = await desk.conversations.markUnread(id);
  if (error) sayRefused(error);
  else toast({ text: t("done.unread") });
}
