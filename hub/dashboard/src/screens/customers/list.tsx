/** Who has written, and who was written down: the newest first, or those whom words find. */
import { useSignal } from "@preact/signals";
import type { ApiError, Contact, ContactRow } from "@switchboard/protocol";
import { Avatar, CHANNEL_ICONS } from "@switchboard/ui/avatar";
import { Button } from "@switchboard/ui/button";
import { EmptyState } from "@switchboard/ui/empty-state";
import { TextField } from "@switchboard/ui/field";
import { t } from "@switchboard/ui/i18n/customers";
import { Icon } from "@switchboard/ui/icon";
import { IconButton } from "@switchboard/ui/icon-button";
import { Moment } from "@switchboard/ui/moment";
import { Skeleton } from "@switchboard/ui/skeleton";
import { Tag } from "@switchboard/ui/tag";
import { ArrowLeft, BookUser, Plus, Search } from "lucide-preact";
import { useEffect, useState } from "preact/hooks";
import { useDesk } from "../../context";
import { hasWords } from "../../desk/search";
import { apiError } from "../../net/errors";
import { customerPath, customersPath, go, linkTo } from "../../router";
import { Missing } from "../customer/parts";
import { NewCustomer } from "./new-customer";

/** Waits this long after the last key before it asks, milliseconds. */
const SEARCH_AFTER_MS = 150;

interface Shown {
  readonly rows: readonly ContactRow[];
  readonly next: string | undefined;
  /** The words that found them. */
  readonly by: string;
}

export function CustomerList({ words }: { readonly words: string }) {
  const desk = useDesk();
  const typed = useSignal(words);
  const adding = useSignal(false);
  const busy = useSignal(false);
  const [shown, setShown] = useState<Shown | null>(null);
  const [error, setError] = useState<ApiError | null>(null);
  const [time, setTime] = useState(0);
  const mayWrite = desk.me.value.agent.role !== "read_only";
  // Only signs are no words: nobody has them.
  const wanted = words.trim();
  useEffect(() => {
    const stop = new AbortController();
    const query = wanted === "" ? {} : { q: wanted };
    desk.api("GET /api/contacts", { query, signal: stop.signal }).then(
      ({ contacts, next }) => {
        setError(null);
        setShown({ rows: contacts, next, by: wanted });
      },
      (cause) => !stop.signal.aborted && setError(apiError(cause)),
    );
    return () => stop.abort();
  }, [wanted, time]);
  // Nothing moves under the pointer: what changes, changes where it stands.
  useEffect(
    () =>
      desk.socket.on("event", (frame) => {
        if (frame.event === "contact_changed") setShown((before) => before && changed(before, frame.contact));
        if (frame.event === "contact_removed")
          setShown((before) => before && { ...before, rows: before.rows.filter((one) => one.id !== frame.contact_id) });
      }),
    [],
  );
  useEffect(() => {
    typed.value = words;
  }, [words]);
  useEffect(() => {
    if (typed.value === words) return;
    const timer = setTimeout(() => go(customersPath(typed.value), true), SEARCH_AFTER_MS);
    return () => clearTimeout(timer);
  }, [typed.value]);
  const more = async (): Promise<void> => {
    if (busy.value || !shown?.next) return;
    busy.value = true;
    try {
      const query = { cursor: shown.next, ...(wanted === "" ? {} : { q: wanted }) };
      const { contacts, next } = await desk.api("GET /api/contacts", { query });
      setShown((before) => (before?.by === wanted ? { ...before, rows: [...before.rows, ...contacts], next } : before));
    } catch (cause) {
      setError(apiError(cause));
    } finally {
      busy.value = false;
    }
  };
  return (
    <>
      <header class="dk-customers__head">
        <IconButton
          class="dk-only-phone"
          icon={ArrowLeft}
          mirrored
          label={t("key.back")}
          tooltip="none"
          onClick={() => go("/inbox")}
        />
        <h1>{t("customers.title")}</h1>
        {mayWrite && (
          <Button icon={Plus} size="small" onClick={() => (adding.value = !adding.value)} aria-expanded={adding.value}>
            {t("customers.new")}
          </Button>
        )}
      </header>
      {adding.value && <NewCustomer close={() => (adding.value = false)} />}
      <search class="dk-customers__find">
        <TextField
          label={t("customers.find")}
          bare
          icon={Search}
          type="search"
          placeholder={t("customers.hint")}
          value={typed.value}
          onInput={(event) => {
            typed.value = event.currentTarget.value;
          }}
          onKeyDown={(event) => {
            const first = shown?.rows[0];
            if (event.key === "Enter" && first && shown?.by === typed.value.trim()) go(customerPath(first.id));
          }}
        />
      </search>
      {error && <Missing error={error} again={() => setTime((before) => before + 1)} />}
      {!error && shown === null && <Skeleton as="row" count={8} />}
      {shown?.rows.length === 0 &&
        (wanted === "" ? (
          <EmptyState icon={BookUser} title={t("customers.empty")} body={t("customers.emptyBody")} />
        ) : (
          <EmptyState
            icon={Search}
            title={t("customers.none", { words: wanted })}
            {...(hasWords(wanted) ? {} : { body: t("search.onlySigns") })}
          />
        ))}
      {shown !== null && shown.rows.length > 0 && (
        <ul class="dk-customers__list" aria-label={t("customers.title")}>
          {shown.rows.map((one) => (
            <Row key={one.id} row={one} />
          ))}
        </ul>
      )}
      {shown?.next !== undefined && (
        <Button busy={busy.value} onClick={() => void more()}>
          {t("customers.more")}
        </Button>
      )}
    </>
  );
}

/** It may tell of one inbox alone: by which channels they are known stays. */
function changed(shown: Shown, { id, name, email, phone, tags }: Contact): Shown {
  return { ...shown, rows: shown.rows.map((one) => (one.id === id ? { ...one, name, email, phone, tags } : one)) };
}

function Row({ row }: { readonly row: ContactRow }) {
  const address = row.email ?? row.phone;
  const name = row.name ?? address ?? t("person.unnamed");
  return (
    <li>
      <a class="dk-customers__row" {...linkTo(customerPath(row.id))}>
        <Avatar id={row.id} name={name} size={28} />
        <span class="dk-customers__who">
          <strong class="dk-cut">
            <bdi>{name}</bdi>
          </strong>
          <span class="dk-muted dk-customers__under">
            {row.channels.map((one) => (
              <Icon key={one} of={CHANNEL_ICONS[one]} label={t(`channel.${one}`)} />
            ))}
            {address !== null && address !== name && <bdi class="dk-cut">{address}</bdi>}
          </span>
        </span>
        {row.tags.length > 0 && (
          <span class="dk-customers__tags">
            {row.tags.slice(0, 3).map((tag) => (
              <Tag key={tag}>{tag}</Tag>
            ))}
          </span>
        )}
        <span class="dk-customers__last dk-muted">
          {row.last_activity_at === undefined ? (
            t("customers.never")
          ) : (
            <>
              <Moment at={row.last_activity_at} class="sb-figures" />
              <span>{t("customers.conversations", { n: row.conversations })}</span>
            </>
          )}
        </span>
      </a>
    </li>
  );
}
