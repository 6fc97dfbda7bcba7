/**
 * How many conversations each folder holds. The hub's count is the truth at its position; events after it move it by what
 * they did to a conversation that is held here. An event that touched one that is not held leaves doubt: ask again.
 */
import type { AgentId, Channel, ConversationRow, Counts, Folder, Inbox, InboxId, TeamId } from "@switchboard/protocol";
import { inFolder } from "./lists";

/** Moves that are kept so that a count that arrives late can be brought up to date, moves. */
export const KEPT_MOVES = 1_000;

export const FOLDERS: readonly Folder[] = [
  "inbox",
  "unread",
  "mine",
  "unassigned",
  "snoozed",
  "sent",
  "closed",
  "archived",
  "spam",
  "trash",
];

interface Move {
  readonly position: number;
  /** Null: something moved, nobody here knows what. */
  readonly change: ReadonlyMap<string, number> | null;
}

export interface CountState {
  readonly folders: ReadonlyMap<Folder, number>;
  readonly inboxes: ReadonlyMap<InboxId, number>;
  readonly teams: ReadonlyMap<TeamId, number>;
  readonly at: number;
  readonly moves: readonly Move[];
  /** Not exact any more: ask the hub. */
  readonly doubtful: boolean;
}

export function noCounts(at: number): CountState {
  return { folders: new Map(), inboxes: new Map(), teams: new Map(), at, moves: [], doubtful: true };
}

/** The hub's count, with what has moved since laid on it. */
export function takeCounts(state: CountState, counts: Counts): CountState {
  const at = counts.at.position;
  if (at < state.at) return { ...state, doubtful: true };
  const later = state.moves.filter((move) => move.position > at);
  const fresh: CountState = {
    folders: new Map(counts.folders.map((one) => [one.folder, one.conversations])),
    inboxes: new Map(counts.inboxes.map((one) => [one.inbox_id, one.conversations])),
    teams: new Map(counts.teams.map((one) => [one.team_id, one.conversations])),
    at,
    moves: [],
    doubtful: false,
  };
  return later.reduce(withMove, fresh);
}

/** How many lie in the folder "inbox" of each channel that there is an inbox of: what its inboxes hold together. */
export function byChannel(
  inboxes: Iterable<Pick<Inbox, "id" | "channel">>,
  counts: ReadonlyMap<InboxId, number>,
): ReadonlyMap<Channel, number> {
  const sums = new Map<Channel, number>();
  for (const { id, channel } of inboxes) sums.set(channel, (sums.get(channel) ?? 0) + (counts.get(id) ?? 0));
  return sums;
}

/** An event changed a conversation from `before` to `after`; undefined: it is not held. */
export function moved(
  state: CountState,
  position: number,
  before: ConversationRow | undefined,
  after: ConversationRow | undefined,
  me: AgentId,
  created: boolean,
): CountState {
  if (position <= state.at) return state;
  const known = after !== undefined && (created || before !== undefined);
  return withMove(state, { position, change: known ? difference(before, after, me) : null });
}

function withMove(state: CountState, move: Move): CountState {
  const moves = [...state.moves.slice(-KEPT_MOVES + 1), move];
  if (move.change === null) return { ...state, moves, doubtful: true };
  if (move.change.size === 0) return state;
  const folders = new Map(state.folders);
  const inboxes = new Map(state.inboxes);
  const teams = new Map(state.teams);
  for (const [key, by] of move.change) {
    const [kind, id] = key.split(":", 2) as ["folder" | "inbox" | "team", string];
    if (kind === "folder") folders.set(id as Folder, (folders.get(id as Folder) ?? 0) + by);
    else {
      const counted = kind === "inbox" ? inboxes : teams;
      counted.set(id, (counted.get(id) ?? 0) + by);
    }
  }
  return { ...state, folders, inboxes, teams, moves };
}

function difference(
  before: ConversationRow | undefined,
  after: ConversationRow,
  me: AgentId,
): ReadonlyMap<string, number> {
  const change = new Map<string, number>();
  const count = (row: ConversationRow | undefined, by: number): void => {
    if (!row) return;
    const add = (key: string): void => void change.set(key, (change.get(key) ?? 0) + by);
    for (const folder of FOLDERS) if (inFolder(row, folder, me)) add(`folder:${folder}`);
    if (!inFolder(row, "inbox", me)) return;
    add(`inbox:${row.inbox_id}`);
    if (row.team_id !== null) add(`team:${row.team_id}`);
  };
  count(before, -1);
  count(after, 1);
  for (const [key, by] of change) if (by === 0) change.delete(key);
  return change;
}
