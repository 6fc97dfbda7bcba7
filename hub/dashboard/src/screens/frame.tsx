/** The frame of four columns, the page's keys, the bar that says there is no connection, and the title with its count. */
import { useSignalEffect } from "@preact/signals";
import type { ConversationRow, Place } from "@switchboard/protocol";
import { Banner, OfflineBanner } from "@switchboard/ui/banner";
import { Button } from "@switchboard/ui/button";
import { language } from "@switchboard/ui/i18n";
import { t } from "@switchboard/ui/i18n/desk";
import { ticker } from "@switchboard/ui/ticker";
import { toast } from "@switchboard/ui/toast";
import { useEffect } from "preact/hooks";
import { useDesk } from "../context";
import { useKeys, writes } from "../keys/keys";
import { Part } from "../parts/part";
import { folders, listWidth, panelOpen, showPanel } from "../preferences";
import { go, listPath, openId, route, searchPath } from "../router";
import { contactName, errorText } from "../words";
import { assignMe, closeOrReopen, markUnread, move, neighbour, quietly, undoLast } from "./actions";
import { blockOrFreeAll, runFirst } from "./bots/actions";
import { backToList, Conversation } from "./conversation";
import { CustomerPanel } from "./customer/customer";
import { focusReply } from "./focus";
import { FolderDrawer, Folders, Rail } from "./folders";
import { ListColumn, showNew } from "./list-column";
import {
  assignMany,
  closeMany,
  flagMany,
  focusRow,
  listShown,
  moveMany,
  pickForMany,
  readMany,
  rowInFocus,
  selecting,
} from "./many";
import { overlay } from "./overlay";
import { Overlays } from "./overlays";
import { answerLast } from "./quoted";
import "./frame.css";

/** The offline bar counts seconds. */
const SECOND = ticker(() => Date.now(), 1_000);

export function Frame() {
  const desk = useDesk();
  const open = openId();
  const known = open !== null && desk.row(open).value !== undefined;
  usePageKeys();
  useTitle();
  useBackFromDeleted();
  useHeldRefused();
  return (
    <div class="dk-page">
      <Offline />
      <Unsent open={open} />
      <div
        class="dk-frame"
        data-folders={folders.value}
        data-panel={known && panelOpen.value ? "open" : "folded"}
        data-column={open === null ? "list" : "conversation"}
        style={{ "--dk-list": `${listWidth.value}px` }}
      >
        <Rail />
        <Folders />
        <main class="dk-main">
          <ListColumn />
          <Conversation id={open} />
        </main>
        {open !== null && panelOpen.value && (
          <Part key={open}>
            <CustomerPanel id={open} />
          </Part>
        )}
      </div>
      <FolderDrawer />
      <Overlays />
    </div>
  );
}

function Offline() {
  const { connection, socket, beenLive } = useDesk();
  const { status, retryAt } = connection.value;
  // The first moment of a page is not a lost connection.
  if (status === "live" || (status === "connecting" && !beenLive.value)) return null;
  return (
    <OfflineBanner
      retryAt={retryAt ?? undefined}
      now={SECOND.value}
      language={language.value}
      onRetry={() => socket.retry()}
    />
  );
}

/** What was written elsewhere and did not go out is not known by itself to who has gone on meanwhile. */
function Unsent({ open }: { readonly open: string | null }) {
  const desk = useDesk();
  const waiting = [...desk.compose.unsent.value].filter(([id]) => id !== open);
  const first = waiting[0];
  if (!first) return null;
  const [id, error] = first;
  const row = desk.row(id).value;
  return (
    <Banner
      tone="danger"
      action={
        <Button kind="quiet" size="small" onClick={() => openConversation(id, false)}>
          {t("unsent.show")}
        </Button>
      }
    >
      {row && waiting.length === 1
        ? t("unsent.to", { who: contactName(row), why: errorText(error) })
        : t("unsent.several", { n: waiting.length })}
    </Banner>
  );
}

/** A held answer that did not go out at its time: who has gone on meanwhile believes that it did. */
function useHeldRefused(): void {
  const desk = useDesk();
  useEffect(
    () =>
      desk.socket.on("event", (frame) => {
        if (frame.event !== "reply_held" || !frame.held.refused || frame.held.by !== desk.me.value.agent.id) return;
        const row = desk.rowNow(frame.held.conversation_id);
        const why = errorText(frame.held.refused);
        const text = row ? t("unsent.to", { who: contactName(row), why }) : t("held.refused", { why });
        if (frame.held.conversation_id !== openId()) toast({ text, tone: "danger" });
      }),
    [desk],
  );
}

/** What is open is deleted forever, here or by somebody else: there is nothing to stay with. */
function useBackFromDeleted(): void {
  const { socket } = useDesk();
  useEffect(
    () =>
      socket.on("event", (frame) => {
        if (frame.event !== "conversation_removed" || frame.conversation_id !== openId()) return;
        const where = route.value;
        go(
          where.page === "search" ? searchPath(where.words) : "query" in where ? listPath(where.query) : "/inbox",
          true,
        );
        // Who has just done it knows.
        if (overlay.value?.kind !== "deleteForever") toast({ text: t("forever.gone") });
      }),
    [socket],
  );
}

/** "(3) Switchboard": the unread ones, wherever one looks. */
function useTitle(): void {
  const { counts } = useDesk();
  useSignalEffect(() => {
    const unread = counts.value.folders.get("unread") ?? 0;
    document.title = unread > 0 ? t("title.unread", { n: unread }) : "Switchboard";
  });
}

function openConversation(id: string | null, replace: boolean): void {
  const where = route.value;
  if (id === null) return;
  if (where.page === "conversations") go(listPath(where.query, id), replace);
  else if (where.page === "search") go(searchPath(where.words, id), replace);
}

function usePageKeys(): void {
  const desk = useDesk();
  const may = desk.me.value.agent.role !== "read_only";
  const here = () => {
    const id = openId();
    return id === null ? undefined : desk.rowNow(id);
  };
  const walk = (step: 1 | -1) => () => openConversation(neighbour(desk, openId(), step), openId() !== null);
  const moveTo = (row: ConversationRow, place: Place): void | false => {
    if (row.place === place) return false;
    move(desk, row.id, place);
  };
  const show = (kind: "assign" | "team" | "tags" | "snooze" | "priority") => (): void | false => {
    const id = openId();
    if (selecting(desk)) return pickForMany(kind);
    if (id === null || !may) return false;
    overlay.value = { kind, id };
  };
  const onRow = (run: (row: NonNullable<ReturnType<typeof here>>) => void | false) => (): void | false => {
    const row = here();
    if (!row || !may) return false;
    return run(row);
  };
  /** Of what is selected, if something is; else of what is open. */
  const onAll = (many: () => void, one: () => void | false) => (): void | false => (selecting(desk) ? many() : one());
  const extend =
    (by: 1 | -1) =>
    (event: KeyboardEvent): void | false => {
      // Where text is marked, elsewhere than in the list, these keys mark more of it.
      const here = inList(event) || ((event.target === document.body || selecting(desk)) && !textMarked());
      if (!may || !here || !listShown()) return false;
      const at = desk.selection.step(by, rowInFocus() ?? openId());
      if (at !== null) focusRow(at);
    };
  useKeys({
    j: walk(1),
    k: walk(-1),
    ArrowDown: (event) => (inList(event) ? walk(1)() : false),
    ArrowUp: (event) => (inList(event) ? walk(-1)() : false),
    r: onRow((row) => focusReply(row.id, "reply")),
    n: onRow((row) => focusReply(row.id, "note")),
    q: onRow((row) => answerLast(desk, row)),
    x: () => {
      const { ids } = desk.lists.view.value;
      const id = rowInFocus() ?? openId() ?? ids[0];
      if (!may || id === undefined || !ids.includes(id) || !listShown()) return false;
      desk.selection.toggle(id);
    },
    "Shift+ArrowDown": extend(1),
    "Shift+ArrowUp": extend(-1),
    "Mod+a": (event) => {
      if (!may || !(selecting(desk) || inList(event)) || !listShown() || writes(event.target)) return false;
      desk.selection.all();
    },
    e: onAll(
      () => closeMany(desk),
      onRow((row) => closeOrReopen(desk, row)),
    ),
    m: onAll(
      () => assignMany(desk, desk.me.value.agent.id),
      onRow((row) => assignMe(desk, row)),
    ),
    a: show("assign"),
    g: show("team"),
    t: show("tags"),
    h: show("snooze"),
    f: onAll(
      () => flagMany(desk),
      onRow((row) => void quietly(desk, row.id, { flagged: !row.flagged })),
    ),
    u: onAll(
      () => readMany(desk, false),
      onRow((row) => void markUnread(desk, row.id)),
    ),
    y: onAll(
      () => moveMany(desk, "archived"),
      onRow((row) => moveTo(row, "archived")),
    ),
    "!": onAll(
      () => moveMany(desk, "spam"),
      onRow((row) => moveTo(row, "spam")),
    ),
    Delete: onAll(
      () => moveMany(desk, "trash"),
      onRow((row) => moveTo(row, "trash")),
    ),
    i: onAll(
      () => moveMany(desk, "inbox"),
      onRow((row) => moveTo(row, "inbox")),
    ),
    l: show("priority"),
    o: () => {
      overlay.value = { kind: "goTo" };
    },
    b: onRow((row) => blockOrFreeAll(desk, row.id)),
    w: onRow((row) => runFirst(desk, row.id)),
    c: () => {
      if (!may) return false;
      overlay.value = { kind: "start" };
    },
    z: () => undoLast(desk),
    "Mod+k": () => {
      overlay.value = { kind: "palette" };
    },
    "?": () => {
      overlay.value = { kind: "help" };
    },
    "/": () => go("/search?q="),
    p: () => {
      showPanel(!panelOpen.value);
    },
    ".": () => showNew(desk),
    Enter: (event) =>
      openId() !== null && (event.target === document.body || onOpenRow(event))
        ? document.querySelector<HTMLElement>(".dk-thread")?.focus()
        : false,
    Escape: (event) => {
      if (!selecting(desk) || writes(event.target)) return stepBack(event);
      desk.selection.clear();
    },
  });
}

/** Out of the field first, then out of the conversation, then out of the search. */
function stepBack(event: KeyboardEvent): void | false {
  const { target } = event;
  if (
    target instanceof HTMLElement &&
    target.matches("textarea, input, [contenteditable]") &&
    target.closest(".dk-reply, .dk-customer")
  )
    return document.querySelector<HTMLElement>(".dk-thread")?.focus();
  const where = route.value;
  if (openId() !== null) return backToList();
  if (where.page === "search") return go("/inbox");
  return false;
}

/** The row of what is open: it leads nowhere else. */
function onOpenRow({ target }: KeyboardEvent): boolean {
  return target instanceof HTMLElement && target.matches(".dk-list .sb-row--selected");
}

function textMarked(): boolean {
  return document.getSelection()?.isCollapsed === false;
}

function inList(event: KeyboardEvent): boolean {
  return event.target instanceof HTMLElement && event.target.closest(".dk-list") !== null;
}
