/** The open conversation: its head, its thread, the reply bar. */
import { useComputed } from "@preact/signals";
import type { ApiError, ConversationRow } from "@switchboard/protocol";
import { Avatar } from "@switchboard/ui/avatar";
import { Button } from "@switchboard/ui/button";
import { EmptyState } from "@switchboard/ui/empty-state";
import { t } from "@switchboard/ui/i18n/desk";
import { IconButton } from "@switchboard/ui/icon-button";
import { Menu, type MenuEntry } from "@switchboard/ui/menu";
import { Skeleton } from "@switchboard/ui/skeleton";
import { locale, now } from "@switchboard/ui/ticker";
import { coming } from "@switchboard/ui/time";
import {
  AlarmClock,
  Archive,
  ArrowLeft,
  CircleCheck,
  Ellipsis,
  Eye,
  Flag,
  Globe,
  Inbox,
  MailOpen,
  Merge,
  MessagesSquare,
  PanelRight,
  PencilLine,
  Printer,
  RotateCcw,
  ShieldAlert,
  SignalHigh,
  StickyNote,
  Tag,
  Trash2,
  UserRoundPlus,
  Users,
} from "lucide-preact";
import { useEffect } from "preact/hooks";
import { useDesk } from "../context";
import { Dotted } from "../parts/dotted";
import { InboxTrouble } from "../parts/inbox-trouble";
import { Part } from "../parts/part";
import { othersHere } from "../parts/row";
import { panelOpen, showPanel } from "../preferences";
import { go, listPath, route, searchPath } from "../router";
import { agentName, contactName, errorText } from "../words";
import { closeOrReopen, markUnread, move, openToPrint, quietly } from "./actions";
import { BotBadge } from "./bots/badge";
import { askToDelete, mayDelete } from "./deleting";
import { MergedBar } from "./moved";
import { overlay } from "./overlay";
import { ReplyBar } from "./reply-bar";
import { ThreadView } from "./thread";
import "./conversation.css";

/** The list that this conversation was opened from. */
export function backToList(): void {
  const where = route.value;
  if (where.page !== "conversations" && where.page !== "search") return;
  const row = `.dk-list a[href="${CSS.escape(window.location.pathname + window.location.search)}"]`;
  go(where.page === "search" ? searchPath(where.words) : listPath(where.query));
  // The focus goes where the reader is: to the row that was open.
  requestAnimationFrame(() => document.querySelector<HTMLElement>(row)?.focus());
}

export function Conversation({ id }: { readonly id: string | null }) {
  const desk = useDesk();
  useEffect(() => {
    void desk.conversations.open(id);
    desk.bots.look(id);
  }, [id]);
  // Who goes elsewhere (settings) has it open no more, for the colleagues too.
  useEffect(
    () => () => {
      void desk.conversations.open(null);
      desk.bots.look(null);
    },
    [],
  );
  const view = desk.conversations.view.value;
  const { turnTo } = desk.conversations;
  if (id === null)
    return (
      <section class="dk-conversation dk-conversation--none" aria-label={t("thread.label")}>
        <EmptyState icon={MessagesSquare} title={t("empty.choose")} body={t("empty.chooseBody")} />
      </section>
    );
  const row = desk.row(id).value;
  const { thread } = desk.threadView(id).value;
  if (!thread && view.error) return <NotShown error={view.error} />;
  return (
    <section
      class="dk-conversation"
      aria-label={row ? contactName(row) : t("thread.label")}
      onPointerDown={turnTo}
      onWheel={turnTo}
      onFocusIn={turnTo}
    >
      {row && (
        <Part key={`head-${id}`}>
          <Head row={row} />
        </Part>
      )}
      {row && <InboxTrouble inbox={row.inbox_id} />}
      {row && thread ? (
        <>
          <Part key={id}>
            <ThreadView row={row} />
          </Part>
          {row.merged_into ? (
            <MergedBar row={row} into={row.merged_into} />
          ) : (
            <ReplyBar key={`reply-${id}`} row={row} />
          )}
        </>
      ) : (
        <div class="dk-thread">
          <div class="dk-thread__column">
            <Skeleton as="message" count={4} />
          </div>
        </div>
      )}
    </section>
  );
}

/** Trying again helps against a lost connection, not where there is nothing. */
function NotShown({ error }: { readonly error: ApiError }) {
  const desk = useDesk();
  const gone = error.code === "not_found";
  return (
    <section class="dk-conversation" aria-label={t("thread.label")}>
      <header class="dk-head">
        <BackButton />
        <h1 class="sb-unseen">{t("thread.label")}</h1>
      </header>
      <EmptyState
        title={gone ? errorText(error) : t("error.load")}
        {...(gone ? {} : { body: errorText(error) })}
        action={
          gone ? (
            <Button onClick={backToList}>{t("key.back")}</Button>
          ) : (
            <Button onClick={() => void desk.conversations.reload()}>{t("action.retry")}</Button>
          )
        }
      />
    </section>
  );
}

function BackButton() {
  return (
    <IconButton
      class="dk-only-phone"
      icon={ArrowLeft}
      mirrored
      label={t("key.back")}
      tooltip="none"
      onClick={backToList}
    />
  );
}

function Head({ row }: { readonly row: ConversationRow }) {
  const desk = useDesk();
  const closed = row.status === "closed";
  const readOnly = desk.me.value.agent.role === "read_only";
  return (
    <header class="dk-head">
      <BackButton />
      <div class="dk-head__who">
        <h1 class="dk-cut">
          <bdi>{row.subject ?? contactName(row)}</bdi>
        </h1>
        <p class="dk-head__meta dk-cut">
          <State row={row} />
        </p>
      </div>
      <BotBadge row={row} />
      <Others key={row.id} row={row} />
      {!readOnly && <AssignButton row={row} />}
      {!readOnly && (
        <>
          <IconButton
            class="dk-head__snooze"
            icon={AlarmClock}
            label={t("key.snooze")}
            keys="H"
            tooltip="bottom"
            onClick={() => (overlay.value = { kind: "snooze", id: row.id })}
          />
          {row.merged_into === undefined && (
            <Button
              class="dk-head__close"
              icon={closed ? RotateCcw : CircleCheck}
              aria-keyshortcuts="E"
              onClick={() => closeOrReopen(desk, row)}
            >
              {t(closed ? "conversation.reopen" : "conversation.close")}
            </Button>
          )}
        </>
      )}
      <MoreMenu row={row} readOnly={readOnly} />
      <IconButton
        class="dk-head__panel"
        icon={PanelRight}
        mirrored
        label={t(panelOpen.value ? "panel.hide" : "panel.show")}
        keys="P"
        tooltip="bottom"
        pressed={panelOpen.value}
        onClick={() => showPanel(!panelOpen.value)}
      />
    </header>
  );
}

function State({ row }: { readonly row: ConversationRow }) {
  const { house, me } = useDesk();
  const inbox = house.value.inboxes.get(row.inbox_id)?.name;
  const by = row.snoozed_by;
  const back = (until: number): string => {
    const time = coming(until, now.value, locale.value);
    if (by === undefined || by === me.value.agent.id) return t("conversation.snoozed", { time });
    return t("conversation.snoozedFor", { time, who: agentName(house.value, by) });
  };
  const status =
    row.status === "snoozed" && row.snoozed_until !== null ? back(row.snoozed_until) : t(`status.${row.status}`);
  // What is cut off where there is little room is what one knows already.
  const place = row.place === "inbox" ? undefined : t(`folder.${row.place}`);
  return <Dotted of={[status, place, row.case_number, inbox]} />;
}

/** Who else has it open, and who of them is writing: said before one begins to write the same. */
function Others({ row }: { readonly row: ConversationRow }) {
  const desk = useDesk();
  const { viewers } = useComputed(() => othersHere(desk, row.id)).value;
  const loudest =
    viewers.find((one) => one.mode === "replying") ?? viewers.find((one) => one.mode === "noting") ?? viewers[0];
  if (!loudest) return null;
  const mode = loudest.mode === "replying" ? "replying" : loudest.mode === "noting" ? "noting" : "reading";
  return (
    <div class="dk-others" data-mode={mode} role="status" title={t(`viewers.${mode}`, { who: loudest.name })}>
      {viewers.slice(0, 3).map((one) => (
        <Avatar key={one.id} id={one.id} name={one.name} size={20} />
      ))}
      {mode === "replying" ? (
        <PencilLine size={14} aria-hidden="true" />
      ) : mode === "noting" ? (
        <StickyNote size={14} aria-hidden="true" />
      ) : (
        <Eye size={14} aria-hidden="true" />
      )}
      <span class="dk-others__words">{t(`viewers.${mode}`, { who: loudest.name })}</span>
    </div>
  );
}

function AssignButton({ row }: { readonly row: ConversationRow }) {
  const { house } = useDesk();
  const [first, ...rest] = row.assignees;
  const open = (): void => {
    overlay.value = { kind: "assign", id: row.id };
  };
  if (first === undefined)
    return (
      <Button kind="quiet" icon={UserRoundPlus} class="dk-head__assign" aria-keyshortcuts="A" onClick={open}>
        {t("thread.assign")}
      </Button>
    );
  const name = agentName(house.value, first);
  return (
    <button type="button" class="dk-head__assignee" aria-keyshortcuts="A" onClick={open}>
      <Avatar id={first} name={name} size={20} />
      <span class="sb-unseen">{t("panel.assignees")}</span>
      <span class="dk-cut">{name}</span>
      {rest.length > 0 && <span class="dk-muted sb-figures">+{rest.length}</span>}
    </button>
  );
}

function MoreMenu({ row, readOnly }: { readonly row: ConversationRow; readonly readOnly: boolean }) {
  const desk = useDesk();
  const { id } = row;
  const reading: readonly MenuEntry[] = [
    { label: t("source.show"), icon: Globe, onChoose: () => (overlay.value = { kind: "source", id }) },
    { label: t("print.open"), icon: Printer, onChoose: () => openToPrint(id) },
  ];
  const show = (kind: "team" | "tags" | "priority" | "snooze" | "mergeCase") => () => {
    overlay.value = { kind, id };
  };
  return (
    <Menu
      label={t("thread.actions")}
      align="end"
      opener={(opener) => <IconButton icon={Ellipsis} label={t("action.more")} tooltip="none" {...opener} />}
      entries={
        readOnly
          ? reading
          : [
              { label: t("key.snooze"), icon: AlarmClock, keys: "H", onChoose: show("snooze") },
              {
                label: t(row.flagged ? "action.remove" : "conversation.flag"),
                icon: Flag,
                keys: "F",
                checked: row.flagged,
                onChoose: () => void quietly(desk, id, { flagged: !row.flagged }),
              },
              { label: t("key.priority"), icon: SignalHigh, keys: "L", onChoose: show("priority") },
              { label: t("key.tags"), icon: Tag, keys: "T", onChoose: show("tags") },
              { label: t("key.team"), icon: Users, keys: "G", onChoose: show("team") },
              { label: t("key.unread"), icon: MailOpen, keys: "U", onChoose: () => void markUnread(desk, id) },
              ...reading,
              ...(row.merged_into ? [] : [{ label: t("moving.mergeInto"), icon: Merge, onChoose: show("mergeCase") }]),
              { kind: "line" },
              ...(row.place === "inbox"
                ? []
                : [{ label: t("key.restore"), icon: Inbox, keys: "I", onChoose: () => move(desk, id, "inbox") }]),
              { label: t("key.archive"), icon: Archive, keys: "Y", onChoose: () => move(desk, id, "archived") },
              { label: t("key.spam"), icon: ShieldAlert, keys: "!", onChoose: () => move(desk, id, "spam") },
              {
                label: t("key.trash"),
                icon: Trash2,
                keys: "Delete",
                danger: true,
                onChoose: () => move(desk, id, "trash"),
              },
              ...(mayDelete(desk) && (row.place === "trash" || row.place === "spam")
                ? [{ label: t("forever.delete"), icon: Trash2, danger: true, onChoose: () => askToDelete([id]) }]
                : []),
            ]
      }
    />
  );
}
