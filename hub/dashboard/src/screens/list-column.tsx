/** The second column of work: which list, its filters, its rows. */
import { useSignal } from "@preact/signals";
import { Button } from "@switchboard/ui/button";
import { EmptyState } from "@switchboard/ui/empty-state";
import { t } from "@switchboard/ui/i18n/desk";
import { IconButton } from "@switchboard/ui/icon-button";
import { Skeleton } from "@switchboard/ui/skeleton";
import { ArrowUp, CheckCheck, Inbox, ListFilter, MessagesSquare, Search, SquarePen, Trash2 } from "lucide-preact";
import { useEffect, useRef } from "preact/hooks";
import { useDesk } from "../context";
import type { Desk } from "../desk/desk";
import type { ListView } from "../desk/lists";
import { InboxTrouble } from "../parts/inbox-trouble";
import { ListEdge } from "../parts/list-edge";
import { Row } from "../parts/row";
import { VirtualList } from "../parts/virtual-list";
import { go, listPath, type Route, route } from "../router";
import { cleared, narrowing } from "../state/filters";
import type { ListQuery } from "../state/lists";
import { errorText } from "../words";
import { askToDelete, mayDelete } from "./deleting";
import { useFocusGoesAlong } from "./focus";
import { FolderButtons } from "./folder-buttons";
import { pressedWithShift, readAll } from "./many";
import { FilterChips, FilterFields } from "./narrowing";
import { overlay } from "./overlay";
import { SearchColumn } from "./search-column";
import { SelectionBar } from "./selection-bar";
import "./list-column.css";

/** The list is held while the pointer has moved over it this lately, milliseconds. */
const POINTED_MS = 1_200;

export function ListColumn() {
  const where = route.value;
  useFocusGoesAlong("conversation" in where ? where.conversation : null);
  if (where.page === "search") return <SearchColumn words={where.words} open={where.conversation} />;
  return where.page === "conversations" ? <FolderColumn where={where} /> : null;
}

/** The name of what a list shows. */
export function useListTitle(query: ListQuery): string {
  const desk = useDesk();
  const { inboxes, teams } = desk.house.value;
  const path = listPath(query);
  const view = desk.views.list.value?.find((one) => listPath(one.query) === path);
  if (view) return view.name;
  if (query.inbox !== undefined && query.folder === "inbox") return inboxes.get(query.inbox)?.name ?? t("folder.inbox");
  if (query.channel !== undefined && query.folder === "inbox") return t(`channel.${query.channel}`);
  if (query.team !== undefined && query.folder === "inbox") return teams.get(query.team)?.name ?? t("folder.inbox");
  return t(`folder.${query.folder}`);
}

function FolderColumn({ where }: { readonly where: Extract<Route, { page: "conversations" }> }) {
  const desk = useDesk();
  const view = desk.lists.view.value;
  const filters = useSignal(false);
  const { query, conversation } = where;
  const path = listPath(query);
  useEffect(() => void desk.lists.open(query), [path]);
  useEffect(() => desk.lists.setOpen(conversation), [conversation]);
  const filtered = narrowing(query).length > 0;
  const title = useListTitle(query);
  const picking = desk.selection.view.value.ids.size > 0;
  const head = (
    <header class="dk-list__head">
      <FolderButtons />
      <h1 class="dk-cut">{title}</h1>
      {desk.me.value.agent.role !== "read_only" && (
        <IconButton
          icon={SquarePen}
          label={t("start.title")}
          keys="C"
          tooltip="bottom"
          onClick={() => (overlay.value = { kind: "start" })}
        />
      )}
      {(query.folder === "trash" || query.folder === "spam") && mayDelete(desk) && view.ids.length > 0 && (
        <IconButton
          icon={Trash2}
          label={t(query.folder === "trash" ? "forever.emptyTrash" : "forever.emptySpam")}
          tooltip="bottom"
          onClick={() => askToDelete(query.folder === "trash" ? "trash" : "spam")}
        />
      )}
      {mayHoldUnread(query) && (
        <IconButton icon={CheckCheck} label={t("list.readAll")} tooltip="bottom" onClick={() => void readAll(desk)} />
      )}
      <IconButton icon={Search} label={t("nav.search")} keys="/" tooltip="bottom" onClick={() => go("/search?q=")} />
      <IconButton
        icon={ListFilter}
        label={t("filter.title")}
        pressed={filters.value}
        tooltip="bottom"
        class={filtered ? "dk-list__filtered" : ""}
        onClick={() => (filters.value = !filters.value)}
      />
    </header>
  );
  return (
    <section class="dk-list" aria-label={t("list.label")} data-picking={picking}>
      {picking ? <SelectionBar view={view} /> : head}
      {filters.value && <FilterFields query={query} />}
      {filtered && <FilterChips query={query} />}
      <InboxTrouble inbox={query.inbox} />
      <NewPill view={view} />
      <Rows view={view} open={conversation} filtered={filtered} />
      <ListEdge />
    </section>
  );
}

/** Elsewhere nothing asks to be read. */
function mayHoldUnread({ folder }: ListQuery): boolean {
  return folder !== "sent" && folder !== "spam" && folder !== "trash";
}

/** Lets the list go and goes to where what is new stands. */
export function showNew(desk: Desk): void {
  desk.lists.letGo();
  document.querySelector(".dk-list .dk-virtual")?.scrollTo({ top: 0 });
}

function NewPill({ view }: { readonly view: ListView }) {
  const desk = useDesk();
  if (view.waiting === 0) return null;
  return (
    <button type="button" class="dk-list__new" onClick={() => showNew(desk)}>
      <ArrowUp size={14} aria-hidden="true" />
      {t("list.new", { n: view.waiting })}
    </button>
  );
}

function Rows({
  view,
  open,
  filtered,
}: {
  readonly view: ListView;
  readonly open: string | null;
  readonly filtered: boolean;
}) {
  const desk = useDesk();
  const scrolled = useRef(false);
  const pointed = useRef<ReturnType<typeof setTimeout> | null>(null);
  const hold = (): void => desk.lists.hold(scrolled.current || pointed.current !== null);
  const point = (): void => {
    if (pointed.current !== null) clearTimeout(pointed.current);
    pointed.current = setTimeout(() => {
      pointed.current = null;
      hold();
    }, POINTED_MS);
    hold();
  };
  useEffect(
    () => () => {
      if (pointed.current !== null) clearTimeout(pointed.current);
    },
    [],
  );
  if (view.error && view.ids.length === 0) {
    return (
      <EmptyState
        title={t("list.failed")}
        body={errorText(view.error)}
        action={<Button onClick={() => void desk.lists.reload()}>{t("action.retry")}</Button>}
      />
    );
  }
  if (view.fresh) return <Skeleton as="row" count={8} />;
  if (view.ids.length === 0) return <EmptyList query={view.query} filtered={filtered} />;
  return (
    <div class="dk-list__rows" onPointerMove={point} onClickCapture={(event) => pressedWithShift(desk, event)}>
      <VirtualList
        label={t("list.label")}
        ids={view.ids}
        active={open}
        onNearEnd={() => void desk.lists.loadMore()}
        onScrolled={(top) => {
          scrolled.current = top > 4;
          hold();
        }}
        row={(id) => <Row id={id} href={listPath(view.query, id)} selected={id === open} picks />}
        end={view.more ? <Skeleton as="row" count={1} /> : undefined}
      />
    </div>
  );
}

/** What will appear here, and the first step towards it. */
function EmptyList({ query, filtered }: { readonly query: ListQuery; readonly filtered: boolean }) {
  const desk = useDesk();
  const total = desk.counts.value;
  const admin = desk.me.value.agent.role === "owner" || desk.me.value.agent.role === "admin";
  if (desk.house.value.inboxes.size === 0 && admin) {
    return (
      <EmptyState
        icon={Inbox}
        title={t("list.firstInboxTitle")}
        body={t("list.firstInboxBody")}
        action={
          <Button kind="primary" onClick={() => go("/settings/inboxes?new")}>
            {t("list.firstInbox")}
          </Button>
        }
      />
    );
  }
  if (desk.house.value.inboxes.size === 0)
    return <EmptyState icon={Inbox} title={t("list.noInbox")} body={t("list.noInboxBody")} />;
  if (filtered)
    return (
      <EmptyState
        icon={ListFilter}
        title={t("list.filtered")}
        action={<Button onClick={() => go(listPath(cleared(query)))}>{t("filter.clear")}</Button>}
      />
    );
  const never = !total.doubtful && [...total.folders.values()].every((count) => count === 0);
  if (never && query.folder === "inbox") {
    return (
      <EmptyState
        icon={MessagesSquare}
        title={t("list.firstTitle")}
        body={t(admin ? "list.firstBody" : "list.firstBodyOthers")}
        action={admin ? <Button onClick={() => go("/settings/inboxes")}>{t("list.snippet")}</Button> : undefined}
      />
    );
  }
  return <EmptyState icon={Inbox} {...emptyWords(query.folder)} />;
}

function emptyWords(folder: ListQuery["folder"]): { title: string; body: string } {
  switch (folder) {
    case "unread":
    case "mine":
      return { title: t(`list.empty.${folder}`), body: t("empty.listBody") };
    case "closed":
    case "snoozed":
    case "sent":
    case "archived":
    case "spam":
    case "trash":
      return { title: t(`list.empty.${folder}`), body: t(`list.emptyBody.${folder}`) };
    default:
      return { title: t("empty.list"), body: t("empty.listBody") };
  }
}
