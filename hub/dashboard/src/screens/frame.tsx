/** The frame of four columns, the page's keys, the bar that says there is no connection, and the title with its count. */
import { useSignalEffect } from "@preact/signals";
import { Banner, OfflineBanner } from "@switchboard/ui/banner";
import { Button } from "@switchboard/ui/button";
import { language } from "@switchboard/ui/i18n";
import { t } from "@switchboard/ui/i18n/desk";
import { ticker } from "@switchboard/ui/ticker";
import { useDesk } from "../context";
import { useKeys } from "../keys/keys";
import { Part } from "../parts/part";
import { folders, listWidth, panelOpen, showPanel } from "../preferences";
import { go, listPath, route, searchPath } from "../router";
import { contactName, errorText } from "../words";
import { assignMe, closeOrReopen, markUnread, neighbour, quietly, undoLast } from "./actions";
import { blockOrFreeAll, runFirst } from "./bots/actions";
import { openId } from "./commands";
import { backToList, Conversation } from "./conversation";
import { CustomerPanel } from "./customer/customer";
import { focusReply } from "./focus";
import { FolderDrawer, Folders, Rail } from "./folders";
import { ListColumn, showNew } from "./list-column";
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
  const show = (kind: "assign" | "team" | "tags" | "snooze") => (): void | false => {
    const id = openId();
    if (id === null || !may) return false;
    overlay.value = { kind, id };
  };
  const onRow = (run: (row: NonNullable<ReturnType<typeof here>>) => void | false) => (): void | false => {
    const row = here();
    if (!row || !may) return false;
    return run(row);
  };
  useKeys({
    j: walk(1),
    k: walk(-1),
    ArrowDown: (event) => (inList(event) ? walk(1)() : false),
    ArrowUp: (event) => (inList(event) ? walk(-1)() : false),
    r: onRow((row) => focusReply(row.id, "reply")),
    n: onRow((row) => focusReply(row.id, "note")),
    q: onRow((row) => answerLast(desk, row)),
    e: onRow((row) => closeOrReopen(desk, row)),
    m: onRow((row) => assignMe(desk, row)),
    a: show("assign"),
    g: show("team"),
    t: show("tags"),
    h: show("snooze"),
    f: onRow((row) => void quietly(desk, row.id, { flagged: !row.flagged })),
    u: onRow((row) => void markUnread(desk, row.id)),
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
    Escape: stepBack,
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

function inList(event: KeyboardEvent): boolean {
  return event.target instanceof HTMLElement && event.target.closest(".dk-list") !== null;
}
