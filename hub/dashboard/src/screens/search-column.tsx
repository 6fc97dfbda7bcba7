/** What a search has found, in the place of the list. */
import { useSignal } from "@preact/signals";
import type { SearchHit } from "@switchboard/protocol";
import { Button } from "@switchboard/ui/button";
import { EmptyState } from "@switchboard/ui/empty-state";
import { TextField } from "@switchboard/ui/field";
import { t } from "@switchboard/ui/i18n/desk";
import { IconButton } from "@switchboard/ui/icon-button";
import { Skeleton } from "@switchboard/ui/skeleton";
import { Search, X } from "lucide-preact";
import { useEffect, useRef } from "preact/hooks";
import { useDesk } from "../context";
import { NOTHING_FOUND } from "../desk/desk";
import { apiError } from "../net/errors";
import { ListEdge } from "../parts/list-edge";
import { Row } from "../parts/row";
import { VirtualList } from "../parts/virtual-list";
import { go, route, searchPath } from "../router";
import { takeRows } from "../state/snapshots";
import { errorText } from "../words";
import { FolderButtons } from "./folder-buttons";

/** What the hub looks for; a query without any of it finds nothing. */
const LETTER_OR_DIGIT = /[\p{L}\p{N}]/u;
/** Waits this long after the last key before it asks, milliseconds. */
const SEARCH_AFTER_MS = 120;

export function SearchColumn({ words, open }: { readonly words: string; readonly open: string | null }) {
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
      desk.found.value = new Map(hits.value.map((hit) => [hit.conversation.id, hit.message?.number]));
      next.value = page.next;
      failed.value = null;
    } catch (cause) {
      if (route.value.page === "search" && route.value.words === words) failed.value = errorText(apiError(cause));
    }
  }
  useEffect(() => field.current?.focus(), []);
  useEffect(
    () => () => {
      desk.found.value = NOTHING_FOUND;
    },
    [],
  );
  useEffect(() => {
    typed.value = words;
    failed.value = null;
    desk.found.value = NOTHING_FOUND;
    if (words.trim() === "") hits.value = null;
    else if (LETTER_OR_DIGIT.test(words)) void ask(null);
    else hits.value = [];
  }, [words]);
  // After a reset the rows are the hub's to give again.
  const me = useRef(desk.me.value);
  useEffect(() => {
    if (me.current === desk.me.value) return;
    me.current = desk.me.value;
    if (hits.value !== null && LETTER_OR_DIGIT.test(words)) void ask(null);
  }, [desk.me.value]);
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
        <EmptyState
          icon={Search}
          title={t("empty.search", { query: words })}
          body={t(LETTER_OR_DIGIT.test(words) ? "empty.searchBody" : "search.onlySigns")}
        />
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
            <Row id={id} href={searchPath(words, id)} selected={id === open} found={found[place]?.excerpt} />
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
