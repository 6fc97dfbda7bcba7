/** Splitting conversations, merging them and taking that back: one function per action, for buttons and the palette. */
import type { ApiError, CaseLink, ConversationId, ConversationRow } from "@switchboard/protocol";
import { t } from "@switchboard/ui/i18n/desk";
import { toast } from "@switchboard/ui/toast";
import type { Desk } from "../desk/desk";
import { apiError } from "../net/errors";
import { go, listPath, route } from "../router";
import { errorText } from "../words";

/** Where a conversation is shown, beside the list that is there. */
export function pathOf(id: string): string {
  const where = route.value;
  return listPath(where.page === "conversations" ? where.query : { folder: "inbox", sort: "activity" }, id);
}

/** Gives a message, and perhaps all after it, a conversation of its own. One stays where one is: the line leads there. */
export async function split(desk: Desk, row: ConversationRow, number: number, andAfter: boolean): Promise<void> {
  const body = { number, and_after: andAfter };
  try {
    const idempotencyKey = desk.core.newId();
    const made = await desk.api("POST /api/conversations/{id}/split", { id: row.id, body, idempotencyKey });
    say(desk, t("moving.doneSplit", { case: made.case_number }), () => put(desk, row.id, made.id));
  } catch (cause) {
    sayRefused(apiError(cause));
  }
}

/** Puts all of this conversation into another one, and goes there. */
export async function merge(desk: Desk, row: ConversationRow, into: CaseLink): Promise<void> {
  const path = pathOf(into.id);
  if (!(await tried(() => put(desk, into.id, row.id)))) return;
  go(path);
  say(desk, t("moving.doneMerged", { case: into.case_number }), async () => {
    await takeOut(desk, into.id, row.id);
    go(pathOf(row.id));
  });
}

/** Takes a conversation out of the one that it was merged into. */
export async function separate(desk: Desk, row: ConversationRow, into: CaseLink): Promise<void> {
  if (!(await tried(() => takeOut(desk, into.id, row.id)))) return;
  say(desk, t("moving.doneSeparated", { case: into.case_number }), () => put(desk, into.id, row.id));
}

function put(desk: Desk, id: ConversationId, other: ConversationId): Promise<unknown> {
  return desk.api("PUT /api/conversations/{id}/merged/{other}", { id, other });
}

function takeOut(desk: Desk, id: ConversationId, other: ConversationId): Promise<unknown> {
  return desk.api("DELETE /api/conversations/{id}/merged/{other}", { id, other });
}

async function tried(work: () => Promise<unknown>): Promise<boolean> {
  try {
    await work();
    return true;
  } catch (cause) {
    sayRefused(apiError(cause));
    return false;
  }
}

/** Says that it is done, with the way back. */
function say(desk: Desk, text: string, back: () => Promise<unknown>): void {
  const takeBack = (): void => {
    desk.undo.current = null;
    dismiss();
    void tried(back);
  };
  desk.undo.current = takeBack;
  const dismiss = toast({ text, onUndo: takeBack });
}

function sayRefused(error: ApiError): void {
  const text = error.code === "unavailable" ? t("change.offline") : t("change.failed", { why: errorText(error) });
  toast({ text, tone: "danger" });
}
