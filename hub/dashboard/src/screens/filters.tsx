/** What narrows a list: the fields that choose it, and a chip for each that holds, to be taken away. */
import type { AgentId, ConversationId } from "@switchboard/protocol";
import { Button } from "@switchboard/ui/button";
import { Select } from "@switchboard/ui/field";
import { LANGUAGES } from "@switchboard/ui/i18n";
import { t } from "@switchboard/ui/i18n/more";
import { Tag } from "@switchboard/ui/tag";
import { locale } from "@switchboard/ui/ticker";
import { atWallClock, wallClock } from "@switchboard/ui/time";
import { Bookmark } from "lucide-preact";
import { useId } from "preact/hooks";
import { useDesk } from "../context";
import type { Desk } from "../desk/desk";
import { useTagNames } from "../parts/tag-names";
import { go, listPath } from "../router";
import { type Change, changed, cleared, type Filters, narrowing, PRIORITIES } from "../state/filters";
import type { ListQuery } from "../state/lists";
import { agentName } from "../words";
import { overlay } from "./overlay";
import { WrittenField } from "./written-field";
import "./filters.css";

const DAY_MS = 24 * 3_600_000;

/** Languages that customers' browsers say they speak, besides those that a conversation here has. */
const COMMON = ["en", "nl", "fr", "nb", "ar", "de", "es", "it", "pl", "pt", "sv", "da", "tr", "uk", "zh"] as const;

export function FilterFields({ query }: { readonly query: ListQuery }) {
  const desk = useDesk();
  const { house, me } = desk;
  const tags = useId();
  const known = useTagNames();
  const change = (next: Change): void => go(listPath(changed(query, next)), true);
  const any = { value: "", label: t("filter.any") };
  const choice = <N extends keyof Filters>(
    name: N,
    label: string,
    options: readonly { readonly value: string; readonly label: string }[],
  ) => (
    <Select
      label={label}
      value={query[name] === undefined ? "" : String(query[name])}
      options={[any, ...options]}
      onChange={({ currentTarget: { value } }) =>
        change({ [name]: value === "true" ? true : value === "false" ? false : value || undefined } as Change)
      }
    />
  );
  const people = [...house.value.agents.values()].filter((one) => !one.disabled && one.id !== me.value.agent.id);
  const named = (things: Iterable<{ id: string; name: string }>) =>
    [...things].map((one) => ({ value: one.id, label: one.name }));
  return (
    <div class="dk-list__filters">
      <div class="dk-filters__whole">
        <Select
          label={t("list.sort")}
          value={query.sort}
          options={(["activity", "created", "waiting"] as const).map((value) => ({ value, label: t(`sort.${value}`) }))}
          onChange={({ currentTarget: { value } }) => change({ sort: value as ListQuery["sort"] })}
        />
      </div>
      {choice("inbox", t("filter.inbox"), named(house.value.inboxes.values()))}
      {choice("assignee", t("filter.assignee"), [
        { value: "me", label: t("filter.me") },
        { value: "nobody", label: t("assign.nobody") },
        ...named(people),
      ])}
      {choice("team", t("filter.team"), named(house.value.teams.values()))}
      {choice(
        "status",
        t("filter.status"),
        (["open", "snoozed", "closed"] as const).map((value) => ({ value, label: t(`status.${value}`) })),
      )}
      {choice(
        "priority",
        t("key.priority"),
        PRIORITIES.map((value) => ({ value, label: t(`priority.${value}`) })),
      )}
      {choice(
        "last_by",
        t("filter.lastBy"),
        (["contact", "team"] as const).map((value) => ({ value, label: t(`filter.lastBy.${value}`) })),
      )}
      {choice(
        "flagged",
        t("filter.flag"),
        (["true", "false"] as const).map((value) => ({ value, label: t(`filter.flag.${value}`) })),
      )}
      {choice(
        "has_files",
        t("filter.files"),
        (["true", "false"] as const).map((value) => ({ value, label: t(`filter.files.${value}`) })),
      )}
      {choice(
        "language",
        t("filter.language"),
        languages(desk, query.language).map((value) => ({ value, label: languageName(value) })),
      )}
      <WrittenField
        label={t("filter.tag")}
        list={tags}
        value={query.tag ?? ""}
        done={(tag) => change({ tag: tag.trim() || undefined })}
      />
      <datalist id={tags}>
        {[...known].sort().map((tag) => (
          <option key={tag} value={tag} />
        ))}
      </datalist>
      <Days label={t("filter.active")} query={query} from="active_from" before="active_before" change={change} />
      <Days label={t("filter.created")} query={query} from="created_from" before="created_before" change={change} />
      <div class="dk-filters__foot">
        <Button icon={Bookmark} size="small" onClick={() => (overlay.value = { kind: "view", query, id: null })}>
          {t("view.save")}
        </Button>
        {narrowing(query).length > 0 && (
          <Button kind="quiet" size="small" onClick={() => go(listPath(cleared(query)), true)}>
            {t("filter.clear")}
          </Button>
        )}
      </div>
    </div>
  );
}

/** A day that is written digit by digit has the years 2, 20 and 202 before it has its own. */
const isOurTime = (day: string): boolean => Date.parse(`${day}T00:00:00Z`) > 0;

type Edge = "created_from" | "created_before" | "active_from" | "active_before";

/** From one day to another, both with all of their hours where the person is. */
function Days({
  label,
  query,
  from,
  before,
  change,
}: {
  readonly label: string;
  readonly query: ListQuery;
  readonly from: Edge;
  readonly before: Edge;
  change(next: Change): void;
}) {
  const { zone } = locale.value;
  const day = (name: Edge, shift: number, value: string): void => {
    const wall = Date.parse(`${value}T00:00:00Z`);
    change({ [name]: isOurTime(value) ? atWallClock(wall + shift, zone) : undefined });
  };
  const [first, end] = [query[from], query[before]];
  return (
    <fieldset class="dk-filters__days">
      <legend class="sb-field__label">{label}</legend>
      <WrittenField
        bare
        label={`${label}: ${t("filter.from")}`}
        type="date"
        value={first === undefined ? "" : dayText(first, zone)}
        whole={isOurTime}
        done={(value) => day(from, 0, value)}
      />
      <span aria-hidden="true">–</span>
      <WrittenField
        bare
        label={`${label}: ${t("filter.until")}`}
        type="date"
        value={end === undefined ? "" : dayText(end - 1, zone)}
        whole={isOurTime}
        done={(value) => day(before, DAY_MS, value)}
      />
    </fieldset>
  );
}

/** As the field wants it: the day on the person's own clock. */
function dayText(at: number, zone: string): string {
  return new Date(wallClock(at, zone)).toISOString().slice(0, 10);
}

export function FilterChips({ query }: { readonly query: ListQuery }) {
  const desk = useDesk();
  const names = narrowing(query);
  if (names.length === 0) return null;
  return (
    <ul class="dk-filters__chips" aria-label={t("filter.held")}>
      {names.map((name) => (
        <li key={name}>
          <Tag tone="accent" onRemove={() => go(listPath(changed(query, { [name]: undefined })), true)}>
            {chip(desk, query, name)}
          </Tag>
        </li>
      ))}
    </ul>
  );
}

/** What a filter says, in few words. */
function chip(desk: Desk, query: ListQuery, name: keyof Filters): string {
  const { inboxes, teams } = desk.house.value;
  const { zone, language } = locale.value;
  const day = (at: number): string =>
    new Intl.DateTimeFormat(language, { dateStyle: "medium", timeZone: zone }).format(at);
  switch (name) {
    case "inbox":
      return inboxes.get(query.inbox ?? "")?.name ?? t("filter.inbox");
    case "team":
      return teams.get(query.team ?? "")?.name ?? t("filter.team");
    case "channel":
      return t(`channel.${query.channel ?? "web"}`);
    case "assignee":
      return `${t("filter.assignee")}: ${whose(desk, query.assignee ?? "nobody")}`;
    case "status":
      return t(`status.${query.status ?? "open"}`);
    case "priority":
      return t(`priority.${query.priority ?? "none"}`);
    case "tag":
      return `${t("filter.tag")}: ${query.tag}`;
    case "last_by":
      return `${t("filter.lastBy")}: ${t(`filter.lastBy.${query.last_by ?? "contact"}`)}`;
    case "flagged":
      return t(query.flagged ? "filter.flag.true" : "filter.flag.false");
    case "has_files":
      return t(query.has_files ? "filter.files.true" : "filter.files.false");
    case "language":
      return languageName(query.language ?? "");
    case "created_from":
      return t("filter.createdFrom", { day: day(query.created_from ?? 0) });
    case "created_before":
      return t("filter.createdUntil", { day: day((query.created_before ?? 1) - 1) });
    case "active_from":
      return t("filter.activeFrom", { day: day(query.active_from ?? 0) });
    case "active_before":
      return t("filter.activeUntil", { day: day((query.active_before ?? 1) - 1) });
  }
}

function whose(desk: Desk, who: AgentId | "me" | "nobody"): string {
  if (who === "me") return t("filter.me");
  return who === "nobody" ? t("assign.nobody") : agentName(desk.house.value, who);
}

function held(desk: Desk) {
  const ids: readonly ConversationId[] = desk.lists.view.value.ids;
  return ids.flatMap((id) => desk.rowNow(id) ?? []);
}

function languages(desk: Desk, chosen: string | undefined): readonly string[] {
  const spoken = held(desk).flatMap(({ language }) => language?.split("-")[0]?.toLowerCase() ?? []);
  const all = new Set<string>([...LANGUAGES, ...COMMON, ...spoken, ...(chosen === undefined ? [] : [chosen])]);
  return [...all].sort((a, b) => languageName(a).localeCompare(languageName(b)));
}

function languageName(tag: string): string {
  try {
    return new Intl.DisplayNames(locale.value.language, { type: "language" }).of(tag) ?? tag;
  } catch {
    // Not a tag: an address can say anything.
    return tag;
  }
}
