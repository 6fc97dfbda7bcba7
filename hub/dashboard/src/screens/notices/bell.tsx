/** The bell, with how much is new behind it, and what rings it. */
import type { Notification, NotificationChoice } from "@switchboard/protocol";
import { number } from "@switchboard/ui/i18n";
import { t } from "@switchboard/ui/i18n/desk";
import { IconButton } from "@switchboard/ui/icon-button";
import { Bell as BellIcon } from "lucide-preact";
import { useEffect } from "preact/hooks";
import { useDesk } from "../../context";
import type { Desk } from "../../desk/desk";
import { go, openId } from "../../router";
import { overlay } from "../overlay";
import { noticeBody, noticePath, noticeTitle } from "./words";
import "./bell.css";

/** More is not counted. */
const COUNTED = 99;

export function Bell() {
  useRing();
  const { notices } = useDesk();
  const unread = notices.unread.value;
  const label = unread > 0 ? t("notices.unread", { n: unread }) : t("notices.title");
  return (
    <span class="dk-bell">
      <IconButton
        icon={BellIcon}
        iconSize={20}
        label={label}
        tooltip="bottom"
        onClick={() => (overlay.value = { kind: "notices" })}
      />
      <Count of={unread} />
    </span>
  );
}

export function Count({ of }: { readonly of: number }) {
  if (of === 0) return null;
  return (
    <span class="dk-bell__count sb-figures" aria-hidden="true">
      {of > COUNTED ? `${number(COUNTED)}+` : number(of)}
    </span>
  );
}

/** Rings for what comes while the page is open, whichever part of it is shown. What rings may not come: the count says it all the same. */
function useRing(): void {
  const desk = useDesk();
  useEffect(() => desk.notices.onTold((told, choice) => void tell(desk, told, choice).catch(() => undefined)), [desk]);
}

async function tell(desk: Desk, told: Notification, choice: NotificationChoice): Promise<void> {
  const looking = openId() === told.conversation_id && document.visibilityState === "visible" && document.hasFocus();
  if (looking) void desk.notices.seen(told.conversation_id);
  if (!choice.sound && !choice.desktop) return;
  const { ring } = await import("../../parts/ring");
  await ring({
    told,
    looking,
    sound: choice.sound,
    desktop: choice.desktop,
    title: noticeTitle(told, desk),
    body: noticeBody(told),
    open: () => go(noticePath(told)),
  });
}
