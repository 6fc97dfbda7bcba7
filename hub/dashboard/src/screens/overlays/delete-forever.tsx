/** The one question before something that has no undo. While it goes on, the dialog says how far it is. */
import { useSignal } from "@preact/signals";
import type { ConversationId, RemovedConversations } from "@switchboard/protocol";
import { Button } from "@switchboard/ui/button";
import { Dialog } from "@switchboard/ui/dialog";
import { t } from "@switchboard/ui/i18n/more";
import { toast } from "@switchboard/ui/toast";
import { useDesk } from "../../context";
import { apiError } from "../../net/errors";
import { go, listPath, route } from "../../router";
import { sayRefused } from "../actions";
import { keepFocus, placeOf } from "../many";
import { closeOverlay } from "../overlay";

export interface DeleteForeverProps {
  /** These, or all that lies in the folder. */
  readonly what: readonly ConversationId[] | "trash" | "spam";
}

export function DeleteForever({ what }: DeleteForeverProps) {
  const desk = useDesk();
  const gone = useSignal<number | null>(null);
  const title =
    what === "trash"
      ? t("forever.titleTrash")
      : what === "spam"
        ? t("forever.titleSpam")
        : t("forever.title", { n: what.length });
  const step = (): Promise<RemovedConversations> =>
    typeof what === "string"
      ? desk.api("POST /api/folders/{id}/emptied", { id: what })
      : desk.api("POST /api/conversations/removed", { body: { ids: [...what] } });
  const run = async (): Promise<void> => {
    gone.value = 0;
    const place = typeof what === "string" ? 0 : placeOf(desk, what);
    const refused = new Set<ConversationId>();
    try {
      for (let more = true; more; ) {
        const done = await step();
        gone.value += done.removed.length;
        for (const one of done.refused) refused.add(one.conversation_id);
        leave(done.removed);
        more = done.more ?? false;
      }
    } catch (cause) {
      sayRefused(apiError(cause));
    }
    // What is gone is gone, however far it came.
    if (gone.value > 0) toast({ text: t("forever.done", { n: gone.value }) });
    if (refused.size > 0) toast({ text: t("many.refused", { n: refused.size }), tone: "danger" });
    closeOverlay();
    keepFocus(desk, place);
  };
  const leave = (ids: readonly ConversationId[]): void => {
    desk.selection.without(ids);
    for (const id of ids) desk.lists.dismiss(id);
    const { value: where } = route;
    if (where.page === "conversations" && where.conversation !== null && ids.includes(where.conversation))
      go(listPath(where.query), true);
  };
  const working = gone.value !== null;
  return (
    <Dialog
      title={title}
      onClose={() => !working && closeOverlay()}
      actions={
        <>
          <Button onClick={closeOverlay} disabled={working}>
            {t("action.cancel")}
          </Button>
          <Button kind="danger" disabled={working} onClick={() => void run()}>
            {t("forever.delete")}
          </Button>
        </>
      }
    >
      <p>{t("forever.body")}</p>
      {gone.value !== null && typeof what === "string" && (
        <p class="dk-muted sb-figures" role="status">
          {t("forever.soFar", { n: gone.value })}
        </p>
      )}
    </Dialog>
  );
}
