/**
 * What is true now and soon not: who writes, who looks, who is here. Comes as signals, has no position, runs out by
 * itself. The time is handed in.
 */
import type {
  AgentId,
  AgentPresence,
  AgentSignal,
  Author,
  Availability,
  ConversationId,
  IdentityId,
  PageSeen,
  Viewer,
  VisitorPresence,
} from "@switchboard/protocol";

export interface Typist {
  readonly who: Author;
  readonly note: boolean;
  /** Unix milliseconds. */
  readonly until: number;
}

export interface VisitorNow {
  readonly here: boolean;
  readonly page: PageSeen | null;
}

/** Visitors who are remembered though they have gone, so that an older snapshot does not bring them back; visitors. */
const GONE_KEPT = 2_000;

export interface Now {
  readonly typing: ReadonlyMap<ConversationId, readonly Typist[]>;
  readonly viewers: ReadonlyMap<ConversationId, readonly Viewer[]>;
  /** There is a connection that tells it. Without one, the team and the visitors are as they were last heard of. */
  readonly known: boolean;
  /** Who is not in it is not here. */
  readonly team: ReadonlyMap<AgentId, Availability>;
  /** Visitors of whom the hub has spoken: whether they are on the site, and the page that they have open. */
  readonly visitors: ReadonlyMap<IdentityId, VisitorNow>;
}

export const NOBODY: Now = {
  typing: new Map(),
  viewers: new Map(),
  known: false,
  team: new Map(),
  visitors: new Map(),
};

/** Null: not here. Undefined: nobody knows. */
export function presenceOf({ known, team }: Now, id: AgentId): Availability | null | undefined {
  return known ? (team.get(id) ?? null) : undefined;
}

/** The team is told as a whole where a connection begins. */
export function withWholeTeam(now: Now, present: readonly AgentPresence[]): Now {
  return { ...now, known: true, team: withTeam(NOBODY.team, present) };
}

export function takeSignal(now: Now, signal: AgentSignal, at: number): Now {
  switch (signal.signal) {
    case "typing":
      return { ...now, typing: withTypist(now.typing, signal, at) };
    case "viewers":
      return {
        ...now,
        viewers: withEntry(now.viewers, signal.conversation_id, signal.viewers, signal.viewers.length === 0),
      };
    case "all_viewers":
      return { ...now, viewers: new Map(signal.open.map((one) => [one.conversation_id, one.viewers])) };
    case "team":
      return signal.whole ? withWholeTeam(now, signal.changed) : { ...now, team: withTeam(now.team, signal.changed) };
    case "visitors":
      return { ...now, visitors: withVisitors(now.visitors, signal.changed) };
    default:
      return now;
  }
}

function withTeam(team: Now["team"], changed: readonly AgentPresence[]): Now["team"] {
  return changed.reduce(
    (next, one) => withEntry(next, one.agent_id, one.availability as Availability, one.availability === null),
    team,
  );
}

function withVisitors(visitors: Now["visitors"], changed: readonly VisitorPresence[]): Now["visitors"] {
  const next = new Map(visitors);
  for (const one of changed) {
    next.set(one.identity_id, {
      here: one.here,
      page: one.here ? (one.page ?? next.get(one.identity_id)?.page ?? null) : null,
    });
  }
  if (next.size > GONE_KEPT) for (const [id, visitor] of next) if (!visitor.here) next.delete(id);
  return next;
}

/** Somebody whose message has come writes no more, whatever the last signal said. */
export function stopTyping(now: Now, id: ConversationId, who: Author): Now {
  const list = now.typing.get(id);
  if (!list?.some((one) => authorKey(one.who) === authorKey(who))) return now;
  const left = list.filter((one) => authorKey(one.who) !== authorKey(who));
  return { ...now, typing: withEntry(now.typing, id, left, left.length === 0) };
}

/** Takes out those whose time is over. */
export function expire(now: Now, at: number): Now {
  let typing = now.typing;
  for (const [id, list] of now.typing) {
    const left = list.filter((one) => one.until > at);
    if (left.length !== list.length) typing = withEntry(typing, id, left, left.length === 0);
  }
  return typing === now.typing ? now : { ...now, typing };
}

/** When the next one runs out, unix milliseconds. */
export function nextExpiry(now: Now): number | null {
  let least: number | null = null;
  for (const list of now.typing.values())
    for (const one of list) least = least === null ? one.until : Math.min(least, one.until);
  return least;
}

/** Without a connection nobody can be said to write, to look or to be here. The team and who looks come anew with the
 * next one, and a visitor when their conversation is looked at. */
export function afterDisconnect(now: Now): Now {
  return { ...now, known: false, typing: new Map(), viewers: new Map() };
}

export function authorKey(author: Author): string {
  return author.kind === "system" ? "system" : `${author.kind}:${author.id}`;
}

function withTypist(
  typing: Now["typing"],
  signal: Extract<AgentSignal, { signal: "typing" }>,
  at: number,
): Now["typing"] {
  const key = authorKey(signal.who);
  const others = (typing.get(signal.conversation_id) ?? []).filter((one) => authorKey(one.who) !== key);
  const next = signal.on ? [...others, { who: signal.who, note: signal.note, until: at + signal.ttl_ms }] : others;
  return withEntry(typing, signal.conversation_id, next, next.length === 0);
}

function withEntry<K, V>(map: ReadonlyMap<K, V>, key: K, value: V, remove: boolean): ReadonlyMap<K, V> {
  const next = new Map(map);
  if (remove) next.delete(key);
  else next.set(key, value);
  return next;
}
