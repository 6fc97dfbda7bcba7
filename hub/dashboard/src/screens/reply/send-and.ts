/** Sending and being done with it for now: the ways beside "Send", and the way back. */
import type { AfterReply, ConversationRow } from "@switchboard/protocol";
import { t } from "@switchboard/ui/i18n/desk";
import type { MenuEntry } from "@switchboard/ui/menu";
import { locale, zone } from "@switchboard/ui/ticker";
import { coming } from "@switchboard/ui/time";
import { AlarmClock, CircleCheck } from "lucide-preact";
import type { Desk } from "../../desk/desk";
import type { Pending } from "../../state/model";
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
    ...snoozeChoices(now, zone.value).map(({ id, at }) => ({
      label: t("reply.remindAt", { when: t(`snooze.${id}`), time: coming(at, now, locale.value) }),
      icon: AlarmClock,
      onChoose: () => send({ to: "snooze", until: at }),
    })),
  ];
}

/** Later than this after sending nobody expects the next conversation to open, milliseconds. */
const GOES_ON_MS = 5_000;

/** One that did not go out, again, with what was to become of its conversation. */
export function sendAgain(desk: Desk, row: ConversationRow, { clientId, after }: Pending, over: boolean): void {
  const went = desk.compose.again(row.id, clientId, over);
  if (after) void afterSending(desk, row, after, went);
}

/** Once the hub has taken it. The hub has changed the conversation with the answer: here it leaves the list, and can come back. */
export async function afterSending(
  desk: Desk,
  row: ConversationRow,
  after: AfterReply,
  went: Promise<boolean>,
): Promise<void> {
  const [began, live] = [desk.clock(), desk.connection.value.status === "live"];
  if (!(await went)) return;
  // Who was cut off meanwhile, or writes on, is not led away from what is before them.
  const goesOn = live && desk.clock() - began < GOES_ON_MS && !desk.compose.hasDraft(row.id);
  const [change, said] =
    after.to === "close"
      ? [{ status: "closed" as const }, t("reply.sentAndClosed")]
      : [
          { snoozed_until: after.until },
          t("reply.sentAndSnoozed", { time: coming(after.until, desk.clock(), locale.value) }),
        ];
  settled(desk, row, change, said, goesOn);
}
