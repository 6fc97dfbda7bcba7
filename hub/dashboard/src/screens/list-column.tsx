/** The second column of work: which list, its filters, its rows; search results stand in the same place. */
import { useSignal } from "@preact/signals";
import type { SearchHit } from "@switchboard/protocol";
import { Button } from "@switchboard/ui/button";
import { EmptyState } from "@switchboard/ui/empty-state";
import { Select, TextField } from "@switchboard/ui/field";
import { t } from "@switchboard/ui/i18n/desk";
import { IconButton } from "@switchboard/ui/icon-button";
import { Skeleton } from "@switchboard/ui/skeleton";
import { ArrowUp, Inbox, ListFilter, Menu as MenuIcon, MessagesSquare, PanelLeft, Search, X } from "lucide-preact";
import { useEffect, useRef } from "preact/hooks";
import { useDesk } from "../context";
import type { ListView } from "../desk/lists";
import { apiError } from "../net/errors";
import { ListEdge } from "../parts/list-edge";
import { Row } from "../parts/row";
import { VirtualList } from "../parts/virtual-list";
import { folders } from "../preferences";
import { go, listPath, type Route, route, searchPath } from "../router";
import type { ListQuery } from "../state/lists";
import { takeRows } from "../state/snapshots";
import { errorText } from "../words";
import { folderDrawer } from "./folders";
import "./list-column.css";

/** The list is held while the pointer has moved over it this lately, milliseconds. */
const POINTED_MS = 1_200;

export function ListColumn() {
  const where = route.value;
  if (where.page === "search") return <SearchColumn words={where.words} open={where.conversation} />;
  return where.page === "conversations" ? <FolderColumn where={where} /> : null;
}

/** The name of what a list shows. */
export function useListTitle(query: ListQuery): string {
  const { inboxes, teams } = useDesk().house.value;
  if (query.inbox !== undefined && query.folder === "inbox") return inboxes.get(query.inbox)?.name ?? t("folder.inbox");
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
  // The inbox of one team or site is a place of its own, which the folders lead to.
  const ownPlace = query.folder === "inbox" && (query.inbox === undefined || query.team === undefined);
  const filtered =
    query.assignee !== undefined ||
    query.status !== undefined ||
    (!ownPlace && (query.inbox !== undefined || query.team !== undefined));
  return (
    <section class="dk-list" aria-label={t("list.label")}>
      <header class="dk-list__head">
        <FolderButtons />
        <h1 class="dk-cut">{useListTitle(query)}</h1>
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
      {filters.value && <Filters query={query} />}
      <NewPill view={view} />
      <Rows view={view} open={conversation} filtered={filtered} />
      <ListEdge />
    </section>
  );
}

function FolderButtons() {
  return (
    <>
      <IconButton
        class="dk-only-narrow"
        icon={MenuIcon}
        label={t("folders.title")}
        tooltip="none"
        onClick={() => (folderDrawer.value = true)}
      />
      {folders.value === "folded" && (
        <IconButton
          class="dk-only-wide"
          icon={PanelLeft}
          mirrored
          label={t("folders.show")}
          tooltip="bottom"
          onClick={() => (folders.value = "open")}
        />
      )}
    </>
  );
}

function Filters({ query }: { readonly query: ListQuery }) {
  const { house } = useDesk();
  const change = (next: Partial<Record<"inbox" | "assignee" | "team" | "status" | "sort", string>>): void => {
    const merged = Object.entries({ ...query, ...next }).filter(([, value]) => value !== "");
    go(listPath(Object.fromEntries(merged) as unknown as ListQuery), true);
  };
  const any = { value: "", label: t("filter.any") };
  const people = [...house.value.agents.values()]
    .filter((one) => !one.disabled)
    .map((one) => ({ value: one.id, label: one.name }));
  const named = (things: Iterable<{ id: string; name: string }>) =>
    [...things].map((one) => ({ value: one.id, label: one.name }));
  return (
    <div class="dk-list__filters">
      <Select
        label={t("filter.inbox")}
        value={query.inbox ?? ""}
        options={[any, ...named(house.value.inboxes.values())]}
        onChange={(event) => change({ inbox: event.currentTarget.value })}
      />
      <Select
        label={t("filter.assignee")}
        value={query.assignee ?? ""}
        options={[any, { value: "nobody", label: t("assign.nobody") }, ...people]}
        onChange={(event) => change({ assignee: event.currentTarget.value })}
      />
      <Select
        label={t("filter.status")}
        value={query.status ?? ""}
        options={[
          any,
          ...(["open", "snoozed", "closed"] as const).map((value) => ({ value, label: t(`status.${value}`) })),
        ]}
        onChange={(event) => change({ status: event.currentTarget.value })}
      />
      <Select
        label={t("list.sort")}
        value={query.sort}
        options={(["activity", "created", "waiting"] as const).map((value) => ({ value, label: t(`sort.${value}`) }))}
        onChange={(event) => change({ sort: event.currentTarget.value })}
      />
    </div>
  );
}

function NewPill({ view }: { readonly view: ListView }) {
  const desk = useDesk();
  if (view.waiting === 0) return null;
  return (
    <button
      type="button"
      class="dk-list__new"
      onClick={() => {
        desk.lists.letGo();
        document.querySelector(".dk-list .dk-virtual")?.scrollTo({ top: 0 });
      }}
    >
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
    <div class="dk-list__rows" onPointerMove={point}>
      <VirtualList
        label={t("list.label")}
        ids={view.ids}
        active={open}
        onNearEnd={() => void desk.lists.loadMore()}
        onScrolled={(top) => {
          scrolled.current = top > 4;
          hold();
        }}
        row={(id) => <Row id={id} href={listPath(view.query, id)} selected={id === open} />}
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
        action={
          <Button onClick={() => go(listPath({ folder: query.folder, sort: query.sort }))}>{t("filter.clear")}</Button>
        }
      />
    );
  const never = !total.doubtful && [...total.folders.values()].every((count) => count === 0);
  if (never && query.folder === "inbox") {
    return (
      <EmptyState
        icon={MessagesSquare}
        title={t("list.firstTitle")}
        body={t("list.firstBody")}
        action={admin ? <Button onClick={() => go("/settings/inboxes")}>{t("list.snippet")}</Button> : undefined}
      />
    );
  }
  const title =
    query.folder === "unread" || query.folder === "mine" || query.folder === "closed"
      ? t(`list.empty.${query.folder}`)
      : t("empty.list");
  return <EmptyState icon={Inbox} title={title} body={t("empty.listBody")} />;
}

/** Waits this long after the last key before it asks, milliseconds. */
const SEARCH_AFTER_MS = 120;

function SearchColumn({ words, open }: { readonly words: string; readonly open: string | null }) {
  const desk = useDesk();
  const typed = useSignal(words);
  const hits = useSignal<readonly SearchHit[] | null>(null);
  const next = useSignal<string | null>(null);
  const failed = useSignal<string | null>(null);
  const field = useRef<HTMLInputElement>(null);

  async function ask(cursor: string | null): Promise<void> {
    const askedAt = desk.core.state.position;
    try {
      const page = await desk.api("GET /api/search", { query: { q: words, ...(cursor === null ? {} : { cursor }) } });
      if (route.value.page !== "search" || route.value.words !== words) return;
      const taken = takeRows(
        desk.core.state,
        page.hits.map((hit) => hit.conversation),
        askedAt,
      );
      if (taken.kind === "current") desk.core.publish(taken.touched);
      hits.value = cursor === null ? page.hits : [...(hits.value ?? []), ...page.hits];
      next.value = page.next;
      failed.value = null;
    } catch (cause) {
      if (route.value.page === "search" && route.value.words === words) failed.value = errorText(apiError(cause));
    }
  }
  useEffect(() => field.current?.focus(), []);
  useEffect(() => {
    typed.value = words;
    failed.value = null;
    if (words.trim() === "") hits.value = null;
    else void ask(null);
  }, [words]);
  // The address follows once the hand rests: browsers bound how often it may change.
  useEffect(() => {
    if (typed.value === words) return;
    const timer = setTimeout(() => go(searchPath(typed.value), true), SEARCH_AFTER_MS);
    return () => clearTimeout(timer);
  }, [typed.value]);

  const found = hits.value ?? [];
  return (
    <section class="dk-list" aria-label={t("search.results")}>
      <h1 class="sb-unseen">{t("search.label")}</h1>
      <search class="dk-list__head">
        <FolderButtons />
        <div class="dk-list__search">
          <TextField
            label={t("search.label")}
            bare
            icon={Search}
            type="search"
            placeholder={t("search.placeholder")}
            value={typed.value}
            inputRef={field}
            onInput={(event) => {
              typed.value = event.currentTarget.value;
            }}
            onKeyDown={(event) => {
              if (event.key === "Enter" && found[0]) go(searchPath(words, found[0].conversation.id));
            }}
          />
        </div>
        <IconButton icon={X} label={t("key.back")} keys="Escape" tooltip="bottom" onClick={() => go("/inbox")} />
      </search>
      {failed.value !== null && (
        <EmptyState
          title={t("list.failed")}
          body={failed.value}
          action={<Button onClick={() => void ask(null)}>{t("action.retry")}</Button>}
        />
      )}
      {failed.value === null &&
        hits.value === null &&
        (words.trim() === "" ? (
          <EmptyState icon={Search} title={t("list.empty.search")} />
        ) : (
          <Skeleton as="row" count={5} />
        ))}
      {hits.value !== null && found.length === 0 && (
        <EmptyState icon={Search} title={t("empty.search", { query: words })} body={t("empty.searchBody")} />
      )}
      {found.length > 0 && (
        <VirtualList
          label={t("search.results")}
          ids={found.map((hit) => hit.conversation.id)}
          active={open}
          onScrolled={() => undefined}
          onNearEnd={() => {
            if (next.value !== null) {
              const cursor = next.value;
              next.value = null;
              void ask(cursor);
            }
          }}
          row={(id, place) => (
            <Row
              id={id}
              href={searchPath(words, id)}
              selected={id === open}
              {...(found[place]?.message ? { second: found[place].message.text } : {})}
            />
          )}
        />
      )}
      <p class="sb-unseen" role="status">
        {hits.value === null ? "" : t("search.count", { n: found.length })}
      </p>
      <ListEdge />
    </section>
  );
}
