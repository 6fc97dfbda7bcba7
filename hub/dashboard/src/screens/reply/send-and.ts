/** Sending and being done with it for now: the ways beside "Send", and the way back. */
import type { AfterReply, ConversationRow } from "@switchboard/protocol";
import { t } from "@switchboard/ui/i18n/desk";
import type { MenuEntry } from "@switchboard/ui/menu";
import { locale } from "@switchboard/ui/ticker";
import { coming } from "@switchboard/ui/time";
import { AlarmClock, CircleCheck } from "lucide-preact";
import type { Desk } from "../../desk/desk";
import { snoozeChoices } from "../../state/snooze";
import { settled } from "../actions";

export function waysToSend(now: number, send: (after: AfterReply) => void): readonly MenuEntry[] {
  return [
    {
      label: t("reply.sendAndClose"),
      icon: CircleCheck,
      keys: "Mod+Shift+Enter",
      onChoose: () => send({ to: "close" }),
    },
    { kind: "line" },
    { kind: "heading", text: t("reply.sendAndRemind") },
    ...snoozeChoices(now).map(({ id, at }) => ({
      label: t("reply.remindAt", { when: t(`snooze.${id}`), time: coming(at, now, locale.value) }),
      icon: AlarmClock,
      onChoose: () => send({ to: "snooze", until: at }),
    })),
  ];
}

/** Once the hub has taken it. The hub has changed the conversation with the answer: here it leaves the list, and can come back. */
export async function afterSending(
  desk: Desk,
  row: ConversationRow,
  after: AfterReply,
  went: Promise<boolean>,
): Promise<void> {
  if (!(await went)) return;
  const [change, said] =
    after.to === "close"
      ? [{ status: "closed" as const }, t("reply.sentAndClosed")]
      : [
          { snoozed_until: after.until },
          t("reply.sentAndSnoozed", { time: coming(after.until, desk.clock(), locale.value) }),
        ];
  settled(desk, row, change, said);
}
