/**
 * The lists of conversations: which belong in one, in which order, and what of it is shown while the person reads.
 *
 * Membership is computed from the conversation by the same rules as the hub's (the folders of the protocol), so a list is
 * right after every event without asking again. A list knows how far down it is loaded; below that the hub knows better.
 */
import type { AgentId, ConversationId, ConversationRow, Folder, Sort } from "@switchboard/protocol";
import { type Filtered, type Filters, passes } from "./filters";
import type { RowPatch } from "./model";

/** What a list shows. An absent filter lets everything through. */
export interface ListQuery extends Filters {
  readonly folder: Folder;
  readonly sort: Sort;
}

/** A list as far as it is loaded. */
export interface List {
  readonly query: ListQuery;
  /** In order. */
  readonly ids: readonly ConversationId[];
  /** Where the loaded part ends; null when all is loaded. */
  readonly horizon: SortKey | null;
  readonly cursor: string | null;
}

/** What is shown of a list while it holds its place. */
export interface Shown {
  readonly ids: readonly ConversationId[];
  /** Conversations that would stand elsewhere or newly, were the list let go. */
  readonly waiting: number;
}

export type RowOf = (id: ConversationId) => ConversationRow | undefined;

/** Smaller stands higher. The id decides among equals, so that the order is one. */
export type SortKey = readonly [number, string];

export function sortKey(row: Standing, sort: Sort): SortKey {
  switch (sort) {
    case "activity":
      return [-row.last_activity_at, row.id];
    case "created":
      // Not by the time: it is taken before the number is given, on each hub by its own clock.
      return [-row.number, row.id];
    case "waiting":
      return [row.waiting_since ?? Number.MAX_SAFE_INTEGER, row.id];
  }
}

/** Ids grow with time: where the newest stands first, so does the greater id. */
export function compareKeys(a: SortKey, b: SortKey, sort: Sort): number {
  if (a[0] !== b[0]) return a[0] - b[0];
  const rising = a[1] < b[1] ? -1 : a[1] > b[1] ? 1 : 0;
  return sort === "waiting" ? rising : -rising;
}

export function isUnread(row: Standing): boolean {
  return row.last_in_number > row.read_number;
}

/** The folder rules of the hub. */
export function inFolder(row: Standing, folder: Folder, me: AgentId): boolean {
  const inPlace = row.place === "inbox";
  const open = inPlace && row.status === "open";
  switch (folder) {
    case "inbox":
      return open;
    case "unread":
      return open && isUnread(row);
    case "mine":
      return open && row.assignees.includes(me);
    case "unassigned":
      return open && row.assignees.length === 0;
    case "snoozed":
      return inPlace && row.status === "snoozed";
    case "sent":
      return inPlace && row.started_by === me && row.last_in_number === 0;
    case "closed":
      return inPlace && row.status === "closed";
    case "archived":
      return row.place === "archived";
    case "spam":
      return row.place === "spam";
    case "trash":
      return row.place === "trash";
  }
}

export function matches(row: Standing, query: ListQuery, me: AgentId): boolean {
  return inFolder(row, query.folder, me) && passes(row, query, me);
}

export function emptyList(query: ListQuery): List {
  return { query, ids: [], horizon: null, cursor: null };
}

/** Adds a page of the hub's at the end. What no longer matches by what is held here is left out. */
export function withPage(
  list: List,
  rows: readonly ConversationRow[],
  next: string | null,
  rowOf: RowOf,
  me: AgentId,
): List {
  const { sort } = list.query;
  const last = rows[rows.length - 1];
  const horizon = next === null || last === undefined ? null : sortKey(last, sort);
  const ids = new Set(list.ids);
  for (const row of rows) ids.add(row.id);
  return { ...list, ids: ordered(ids, { ...list, horizon }, rowOf, me), horizon, cursor: next };
}

/** Puts the conversations that changed where they now belong, or out. */
export function replaced(list: List, changed: ReadonlySet<ConversationId>, rowOf: RowOf, me: AgentId): List {
  const wanted: [SortKey, ConversationId][] = [];
  for (const id of changed) {
    const row = rowOf(id);
    if (row && belongs(row, list, me)) wanted.push([sortKey(row, list.query.sort), id]);
  }
  const rest = list.ids.filter((id) => !changed.has(id));
  if (wanted.length === 0 && rest.length === list.ids.length) return list;
  wanted.sort((a, b) => compareKeys(a[0], b[0], list.query.sort));
  for (const [key, id] of wanted) rest.splice(placeFor(key, rest, list, rowOf), 0, id);
  return { ...list, ids: rest };
}

/**
 * Whether a conversation that is not held, and of which no more than this is known, may have come into the loaded part of
 * a list by it. (Had it stood there before, it would be held.)
 */
export function mayJoin(patch: RowPatch, list: List, me: AgentId): boolean {
  const { query } = list;
  const filtered = Object.entries(FILTERED).filter(([filter]) => query[filter as keyof typeof FILTERED] !== undefined);
  const moves = [...MOVING, ...filtered.map(([, name]) => name)].some((name) => patch[name] !== undefined);
  const unread = query.folder === "unread" && patch.read_number !== undefined;
  return (moves || unread) && belongs({ ...likeliest(query, me), ...patch }, list, me);
}

/** What a change of takes a conversation into a list, or to another place in it. */
const MOVING = ["status", "place", "assignees", "team_id", "last_activity_at", "waiting_since"] as const;

/** The same where a filter looks at it. */
const FILTERED = {
  priority: "priority",
  tag: "tags",
  flagged: "flagged",
  has_files: "has_files",
  last_by: "preview",
} as const;

/** What decides where a conversation stands: the part of it that the lists look at. */
type Standing = Filtered &
  Pick<ConversationRow, "id" | "number" | "place" | "waiting_since" | "last_in_number" | "read_number" | "started_by">;

/** One that would stand at the top of such a list. */
function likeliest(query: ListQuery, me: AgentId): Standing {
  const { folder, assignee, status } = query;
  const apart = folder === "archived" || folder === "spam" || folder === "trash";
  const named = assignee === undefined || assignee === "nobody" ? [] : [assignee === "me" ? me : assignee];
  const by = query.last_by === "team" ? "out" : "in";
  return {
    id: "",
    inbox_id: query.inbox ?? "",
    channel: query.channel ?? "web",
    place: apart ? folder : "inbox",
    status: folder === "snoozed" || folder === "closed" ? folder : (status ?? "open"),
    assignees: folder === "mine" ? [me, ...named] : named,
    team_id: query.team ?? null,
    priority: query.priority ?? "none",
    tags: query.tag === undefined ? [] : [query.tag],
    preview: { number: 1, kind: by, author: { kind: "system" }, text: "", attachments: 0 },
    flagged: query.flagged ?? false,
    language: query.language ?? null,
    has_files: query.has_files ?? false,
    created_at: query.created_from ?? (query.created_before ?? 1) - 1,
    last_activity_at: (query.active_before ?? Number.MAX_SAFE_INTEGER) - 1,
    number: Number.MAX_SAFE_INTEGER,
    waiting_since: 0,
    last_in_number: folder === "sent" ? 0 : Number.MAX_SAFE_INTEGER,
    read_number: 0,
    ...(folder === "sent" ? { started_by: me } : {}),
  };
}

function belongs(row: Standing, list: List, me: AgentId): boolean {
  return (
    matches(row, list.query, me) &&
    (list.horizon === null || compareKeys(sortKey(row, list.query.sort), list.horizon, list.query.sort) <= 0)
  );
}

function placeFor(key: SortKey, ids: readonly ConversationId[], list: List, rowOf: RowOf): number {
  let low = 0;
  let high = ids.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const row = rowOf(ids[middle] as ConversationId);
    if (row && compareKeys(sortKey(row, list.query.sort), key, list.query.sort) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

function ordered(ids: Iterable<ConversationId>, list: List, rowOf: RowOf, me: AgentId): ConversationId[] {
  const keyed: [SortKey, ConversationId][] = [];
  for (const id of ids) {
    const row = rowOf(id);
    if (row && belongs(row, list, me)) keyed.push([sortKey(row, list.query.sort), id]);
  }
  return keyed.sort((a, b) => compareKeys(a[0], b[0], list.query.sort)).map(([, id]) => id);
}

/**
 * What is shown. While the list is held, what was shown stays where it was; only what `gone` names leaves (the person
 * closed it here). Let go, it is the list itself, with the open conversation kept where it stood though it no longer
 * belongs, so that reading a conversation does not make it vanish.
 */
export function shownOf(
  list: List,
  before: Shown,
  held: boolean,
  open: ConversationId | null,
  gone: ReadonlySet<ConversationId>,
): Shown {
  if (!held) return { ids: withOpen(list.ids, before.ids, open, gone), waiting: 0 };
  const kept = before.ids.filter((id) => !gone.has(id));
  const known = new Set(kept);
  const lastShown = kept[kept.length - 1];
  // What came by paging stands below what is shown: nothing moves by it.
  const from = lastShown === undefined ? 0 : list.ids.indexOf(lastShown) + 1;
  const below = from > 0 ? list.ids.slice(from).filter((id) => !known.has(id) && !gone.has(id)) : [];
  const late = new Set(below);
  const waiting =
    list.ids.filter((id) => !known.has(id) && !late.has(id) && !gone.has(id)).length + risen(kept, list.ids);
  return { ids: [...kept, ...below], waiting };
}

/** Shown conversations that have moved up to the top since. */
function risen(shown: readonly ConversationId[], live: readonly ConversationId[]): number {
  const placeShown = new Map(shown.map((id, place) => [id, place]));
  let count = 0;
  // From the end: one that stands below a later one of the live order has been overtaken by it.
  const inLive = live.filter((id) => placeShown.has(id));
  for (let place = inLive.length - 1, least = Number.MAX_SAFE_INTEGER; place >= 0; place -= 1) {
    const shownAt = placeShown.get(inLive[place] as ConversationId) as number;
    if (shownAt > least) count += 1;
    else least = shownAt;
  }
  return count;
}

function withOpen(
  live: readonly ConversationId[],
  before: readonly ConversationId[],
  open: ConversationId | null,
  gone: ReadonlySet<ConversationId>,
): readonly ConversationId[] {
  if (open === null || gone.has(open) || live.includes(open)) return live;
  const place = before.indexOf(open);
  if (place < 0) return live;
  const next = [...live];
  next.splice(Math.min(place, next.length), 0, open);
  return next;
}
