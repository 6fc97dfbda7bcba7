/** What a search has found, in the place of the list. */
import { useSignal } from "@preact/signals";
import { Button } from "@switchboard/ui/button";
import { EmptyState } from "@switchboard/ui/empty-state";
import { TextField } from "@switchboard/ui/field";
import { t } from "@switchboard/ui/i18n/desk";
import { IconButton } from "@switchboard/ui/icon-button";
import { Skeleton } from "@switchboard/ui/skeleton";
import { Search, X } from "lucide-preact";
import { useEffect, useRef } from "preact/hooks";
import { useDesk } from "../context";
import { hasWords } from "../desk/search";
import { ListEdge } from "../parts/list-edge";
import { Row } from "../parts/row";
import { VirtualList } from "../parts/virtual-list";
import { go, searchPath } from "../router";
import { errorText, searched } from "../words";
import { FolderButtons } from "./folder-buttons";

/** Waits this long after the last key before it asks, milliseconds. */
const SEARCH_AFTER_MS = 120;

export function SearchColumn({ words, open }: { readonly words: string; readonly open: string | null }) {
  const desk = useDesk();
  const typed = useSignal(words);
  const { hits, more, error } = desk.search.view.value;
  const field = useRef<HTMLInputElement>(null);

  useEffect(() => field.current?.focus(), []);
  useEffect(() => desk.search.close, []);
  useEffect(() => {
    typed.value = words;
    void desk.search.open(searched(words));
  }, [words]);
  // The address follows once the hand rests: browsers bound how often it may change.
  useEffect(() => {
    if (typed.value === words) return;
    const timer = setTimeout(() => go(searchPath(typed.value), true), SEARCH_AFTER_MS);
    return () => clearTimeout(timer);
  }, [typed.value]);

  const found = hits ?? [];
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
      {error !== null && (
        <EmptyState
          title={t("list.failed")}
          body={errorText(error)}
          action={<Button onClick={() => void desk.search.reload()}>{t("action.retry")}</Button>}
        />
      )}
      {error === null &&
        hits === null &&
        (words.trim() === "" ? (
          <EmptyState icon={Search} title={t("list.empty.search")} />
        ) : (
          <Skeleton as="row" count={5} />
        ))}
      {hits !== null && found.length === 0 && (
        <EmptyState
          icon={Search}
          title={t("empty.search", { query: words })}
          body={t(hasWords(words) ? "empty.searchBody" : "search.onlySigns")}
        />
      )}
      {found.length > 0 && (
        <VirtualList
          label={t("search.results")}
          ids={found.map((hit) => hit.conversation.id)}
          active={open}
          onScrolled={() => undefined}
          onNearEnd={() => void desk.search.loadMore()}
          row={(id, place) => (
            <Row id={id} href={searchPath(words, id)} selected={id === open} found={found[place]?.excerpt} />
          )}
        />
      )}
      <p class="sb-unseen" role="status">
        {hits === null ? "" : t(more ? "search.more" : "search.count", { n: found.length })}
      </p>
      <ListEdge />
    </section>
  );
}
