/** Answers that the hub holds before they go out: one's own can be taken back, those of others are seen to be coming. */
import type { ConversationId, ConversationRow, HeldReply } from "@switchboard/protocol";
import { Button } from "@switchboard/ui/button";
import { t } from "@switchboard/ui/i18n/desk";
import { Icon } from "@switchboard/ui/icon";
import { MessageItem } from "@switchboard/ui/message-item";
import { ticker } from "@switchboard/ui/ticker";
import { toast } from "@switchboard/ui/toast";
import { Hourglass, Undo2 } from "lucide-preact";
import { useMemo } from "preact/hooks";
import { useDesk } from "../../context";
import type { Desk } from "../../desk/desk";
import { go, listPath, route } from "../../router";
import { agentName, errorText } from "../../words";
import { sayRefused } from "../actions";
import { tileOf } from "../messages";
import { Quoted } from "../quoted";
import "./held.css";

/** How often the seconds that are left are counted, milliseconds. */
const COUNT_MS = 250;
/** What the hub takes to answer is not taken from who wants it back, milliseconds. */
const MARGIN_MS = 500;

/** Says so once the hub holds it, with the way back, which is the last thing that "undo" undoes. */
export function sayHeld(desk: Desk, id: ConversationId, clientId: string, seconds: number): void {
  const back = (): void => {
    if (desk.undo.current === back) desk.undo.current = null;
    dismiss();
    void takeBack(desk, id, clientId);
  };
  desk.undo.current = back;
  const dismiss = toast({ text: t("held.for", { n: seconds }), onUndo: back, lifeMs: seconds * 1_000 - MARGIN_MS });
}

/** Wherever one is by then: the words stand in the field of their conversation, which opens. */
async function takeBack(desk: Desk, id: ConversationId, clientId: string): Promise<void> {
  const error = await desk.compose.takeBack(id, clientId);
  if (error?.code === "conflict") toast({ text: t("held.late"), tone: "danger" });
  else if (error) sayRefused(error);
  else {
    const { value: where } = route;
    if (where.page === "conversations" && where.conversation !== id) go(listPath(where.query, id));
  }
}

export function HeldMessage({ held, row }: { readonly held: HeldReply; readonly row: ConversationRow }) {
  const desk = useDesk();
  const seconds = useMemo(() => ticker(() => desk.clock(), COUNT_MS), [desk]);
  const mine = held.by === desk.me.value.agent.id;
  const left = Math.max(0, Math.ceil((held.due_at - seconds.value) / 1_000));
  return (
    <div class="dk-held" data-refused={held.refused ? true : undefined}>
      <MessageItem
        author={{ kind: "agent", id: held.by, name: agentName(desk.house.value, held.by) }}
        at={held.at}
        text={held.text}
        above={<Quoted of={held} row={row} />}
        first
        attachments={(held.attachments ?? []).map(tileOf)}
      />
      <div class="dk-held__foot">
        <Icon of={Hourglass} size={14} />
        <span class="sb-figures">
          {held.refused
            ? t("held.refused", { why: errorText(held.refused) })
            : left > 0
              ? t("held.in", { n: left })
              : t("held.now")}
        </span>
        {mine && (
          <Button kind="quiet" size="small" icon={Undo2} onClick={() => void takeBack(desk, row.id, held.client_id)}>
            {t("held.takeBack")}
          </Button>
        )}
      </div>
    </div>
  );
}
