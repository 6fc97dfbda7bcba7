/** What one was told because it concerns one, newest first: each leads to its conversation. */
import type { Notification } from "@switchboard/protocol";
import { Button } from "@switchboard/ui/button";
import { EmptyState } from "@switchboard/ui/empty-state";
import { t } from "@switchboard/ui/i18n/more";
import { Icon } from "@switchboard/ui/icon";
import { IconButton } from "@switchboard/ui/icon-button";
import { Moment } from "@switchboard/ui/moment";
import { Skeleton } from "@switchboard/ui/skeleton";
import { Unseen } from "@switchboard/ui/unseen";
import {
  AlarmClock,
  AtSign,
  Bell,
  Check,
  CheckCheck,
  type LucideIcon,
  MessageSquarePlus,
  MessageSquareReply,
  Settings,
  UserRoundPlus,
  X,
} from "lucide-preact";
import { useEffect } from "preact/hooks";
import { useDesk } from "../../context";
import { Drawer } from "../../parts/drawer";
import { go } from "../../router";
import { errorText } from "../../words";
import { sayRefused } from "../actions";
import { closeOverlay } from "../overlay";
import { noticeBody, noticePath, noticeTitle } from "./words";
import "./list.css";

const ICONS: Record<Notification["kind"], LucideIcon> = {
  assigned: UserRoundPlus,
  mention: AtSign,
  answered: MessageSquareReply,
  new_conversation: MessageSquarePlus,
  reminder_due: AlarmClock,
};

export function NoticeList() {
  const { notices } = useDesk();
  const list = notices.list.value;
  const error = notices.error.value;
  useEffect(() => notices.want(), []);
  const seen = (of: string | null): void => void notices.seen(of).then((error) => error && sayRefused(error));
  const leave = (path: string): void => {
    closeOverlay();
    go(path);
  };
  return (
    <Drawer label={t("notices.title")} side="start" close={closeOverlay}>
      <div class="dk-notices__head">
        <h2>{t("notices.title")}</h2>
        <IconButton
          icon={Settings}
          label={t("settings.notifications")}
          tooltip="none"
          onClick={() => leave("/settings/notifications")}
        />
        <IconButton icon={X} label={t("action.close")} tooltip="none" onClick={closeOverlay} />
      </div>
      {list === null && error === null && <Skeleton as="row" count={4} />}
      {list === null && error !== null && (
        <EmptyState
          icon={Bell}
          title={t("error.load")}
          body={errorText(error)}
          action={<Button onClick={() => void notices.load()}>{t("action.retry")}</Button>}
        />
      )}
      {list !== null && list.length === 0 && (
        <EmptyState icon={Bell} title={t("notices.none")} body={t("notices.noneBody")} />
      )}
      {list !== null && list.length > 0 && (
        <>
          <ul class="dk-notices">
            {list.map((one) => (
              <One
                key={`${one.conversation_id} ${one.kind}`}
                told={one}
                open={() => {
                  if (!one.read) seen(one.conversation_id);
                  leave(noticePath(one));
                }}
                seen={() => seen(one.conversation_id)}
              />
            ))}
          </ul>
          {notices.unread.value > 0 && (
            <div class="dk-notices__foot">
              <Button icon={CheckCheck} onClick={() => seen(null)}>
                {t("notices.readAll")}
              </Button>
            </div>
          )}
        </>
      )}
    </Drawer>
  );
}

interface OneProps {
  readonly told: Notification;
  open(): void;
  seen(): void;
}

function One({ told, open, seen }: OneProps) {
  const desk = useDesk();
  return (
    <li class="dk-notice" data-unread={!told.read || undefined}>
      <button type="button" class="dk-notice__open" onClick={open}>
        <Icon of={ICONS[told.kind]} />
        <span class="dk-notice__title">
          {!told.read && <Unseen>{t("notices.new")}</Unseen>}
          {noticeTitle(told, desk)}
        </span>
        <span class="dk-notice__body dk-cut" dir="auto">
          {noticeBody(told)}
        </span>
        <Moment at={told.at} class="dk-notice__time sb-figures" />
      </button>
      {!told.read && <IconButton icon={Check} size="small" label={t("notices.read")} tooltip="bottom" onClick={seen} />}
    </li>
  );
}
