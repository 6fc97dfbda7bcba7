/**
 * The filters of a list: how each stands in an address, and what it lets through. The hub has the same ones
 * (`store/conversations/list.rs`); a view keeps them as they are here.
 */
import type { AgentId, Channel, ConversationRow, Priority, Status, ViewQuery } from "@switchboard/protocol";
import type { ListQuery } from "./lists";

/** Absent ones let everything through. */
export type Filters = Readonly<Omit<ViewQuery, "folder" | "sort">>;

/** What filters look at. */
export type Filtered = Pick<
  ConversationRow,
  | "inbox_id"
  | "channel"
  | "assignees"
  | "team_id"
  | "status"
  | "priority"
  | "tags"
  | "preview"
  | "flagged"
  | "language"
  | "has_files"
  | "created_at"
  | "last_activity_at"
>;

type Name = keyof Filters;

interface Rule<Value> {
  /** Out of an address; undefined: it says nothing that is known. */
  read(text: string): Value | undefined;
  fits(row: Filtered, value: Value, me: AgentId): boolean;
}

const STATUSES: readonly Status[] = ["open", "snoozed", "closed"];
/** In the order in which they are shown. */
export const CHANNELS: readonly Channel[] = ["email", "sms", "telegram", "web", "gateway", "api"];
export const PRIORITIES: readonly Priority[] = ["urgent", "high", "medium", "low", "none"];

const word = (text: string): string | undefined => (text === "" ? undefined : text);
const one =
  <Value extends string>(all: readonly Value[]) =>
  (text: string) =>
    all.find((value) => value === text);
const yesOrNo = (text: string): boolean | undefined => (text === "true" ? true : text === "false" ? false : undefined);
const time = (text: string): number | undefined => (/^\d{1,15}$/u.test(text) ? Number(text) : undefined);

const RULES: { readonly [N in Name]-?: Rule<NonNullable<Filters[N]>> } = {
  inbox: { read: word, fits: (row, inbox) => row.inbox_id === inbox },
  channel: { read: one(CHANNELS), fits: (row, channel) => row.channel === channel },
  assignee: {
    read: word,
    fits: ({ assignees }, who, me) =>
      who === "nobody" ? assignees.length === 0 : assignees.includes(who === "me" ? me : who),
  },
  team: { read: word, fits: (row, team) => row.team_id === team },
  status: { read: one(STATUSES), fits: (row, status) => row.status === status },
  priority: { read: one(PRIORITIES), fits: (row, priority) => row.priority === priority },
  tag: { read: word, fits: (row, tag) => row.tags.includes(tag) },
  last_by: {
    read: one(["contact", "team"] as const),
    fits: (row, by) => row.preview?.kind === (by === "contact" ? "in" : "out"),
  },
  flagged: { read: yesOrNo, fits: (row, flagged) => row.flagged === flagged },
  // Also what is narrower: "pt" finds "pt-BR".
  language: {
    read: word,
    fits: (row, wanted) => `${row.language?.toLowerCase()}-`.startsWith(`${wanted.toLowerCase()}-`),
  },
  has_files: { read: yesOrNo, fits: (row, has) => (row.has_files ?? false) === has },
  created_from: { read: time, fits: (row, from) => row.created_at >= from },
  created_before: { read: time, fits: (row, before) => row.created_at < before },
  active_from: { read: time, fits: (row, from) => row.last_activity_at >= from },
  active_before: { read: time, fits: (row, before) => row.last_activity_at < before },
};

export const FILTERS = Object.keys(RULES) as readonly Name[];

export function passes(row: Filtered, filters: Filters, me: AgentId): boolean {
  return FILTERS.every((name) => {
    const value = filters[name];
    return value === undefined || (RULES[name] as Rule<unknown>).fits(row, value, me);
  });
}

/** Those that an address names. */
export function filtersOf(search: URLSearchParams): Filters {
  const named = FILTERS.flatMap((name) => {
    const text = search.get(name);
    const value = text === null ? undefined : RULES[name].read(text);
    return value === undefined ? [] : [[name, value]];
  });
  return Object.fromEntries(named) as Filters;
}

/** Nothing but the filters, each in its place, so that what is the same looks the same. */
export function filtersIn(query: Filters): Filters {
  return Object.fromEntries(
    FILTERS.flatMap((name) => (query[name] === undefined ? [] : [[name, query[name]]])),
  ) as Filters;
}

export type Change = { readonly [N in keyof Filters]?: Filters[N] | undefined } & { readonly sort?: ListQuery["sort"] };

/** The same list with these changed; undefined takes one away. */
export function changed(query: ListQuery, change: Change): ListQuery {
  return Object.fromEntries(
    Object.entries({ ...query, ...change }).filter(([, value]) => value !== undefined && value !== ""),
  ) as unknown as ListQuery;
}

/** The inbox of one team, site or channel is a place of its own, which the folders lead to. */
export function ownPlace(query: ListQuery): boolean {
  const places = [query.inbox, query.team, query.channel].filter((one) => one !== undefined).length;
  return query.folder === "inbox" && places === 1;
}

/** The filters that hold beside what makes the list a place. */
export function narrowing(query: ListQuery): readonly (keyof Filters)[] {
  const place: readonly string[] = ownPlace(query) ? ["inbox", "team", "channel"] : [];
  return FILTERS.filter((name) => query[name] !== undefined && !place.includes(name));
}

/** The same place with all of it. */
export function cleared(query: ListQuery): ListQuery {
  return changed(query, Object.fromEntries(narrowing(query).map((name) => [name, undefined])));
}
