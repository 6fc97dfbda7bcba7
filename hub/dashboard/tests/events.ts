/** A small feed for the store's tests: the hub's side of it, so that both sides can be compared. */
import type {
  AgentEventFrame,
  ConversationDetail,
  ConversationPage,
  ConversationRow,
  Me,
  Message,
} from "@switchboard/protocol";
import fc from "fast-check";
import type { StorageListener, Surroundings } from "../src/desk/core";
import { patched } from "../src/state/model";

export const EPOCH = "e1";
export const ME = "agent-me";
/** Has every other conversation. */
export const TEAM = "team-1";

export function row(id: string, over: Partial<ConversationRow> = {}): ConversationRow {
  return {
    id,
    number: Number(id.replace(/\D/g, "")) || 1,
    case_number: `SB-${id}`,
    inbox_id: "inbox-1",
    channel: "web",
    contact: { id: `contact-${id}`, name: null },
    identity_id: `identity-${id}`,
    subject: null,
    status: "open",
    place: "inbox",
    snoozed_until: null,
    assignees: [],
    team_id: null,
    flagged: false,
    priority: "none",
    tags: [],
    language: null,
    source: {},
    created_at: 1,
    last_activity_at: 1,
    waiting_since: null,
    last_number: 0,
    last_in_number: 0,
    preview: null,
    delivered_number: 0,
    contact_read_number: 0,
    staff_read_number: 0,
    undelivered_number: null,
    read_number: 0,
    ...over,
  };
}

export function message(conversation: string, number: number, over: Partial<Message> = {}): Message {
  return {
    id: `${conversation}-${number}`,
    conversation_id: conversation,
    number,
    kind: "in",
    author: { kind: "contact", id: `contact-${conversation}` },
    at: number,
    text: `message ${number}`,
    ...over,
  };
}

export function me(position = 0): Me {
  return {
    agent: { id: ME, name: "An", email: "an@example.org", role: "owner", display_name: null, disabled: false },
    availability: "online",
    scopes: ["read", "write", "admin"],
    agents: [],
    teams: [],
    inboxes: [],
    health: [],
    bots: [],
    present: [],
    at: { epoch: EPOCH, position },
  };
}

/** A browser's storage in memory; given the same map it is the same browser after a reload. */
export function memory(
  kept = new Map<string, string>(),
): Pick<Storage, "getItem" | "setItem" | "removeItem" | "key" | "length"> {
  return {
    getItem: (name) => kept.get(name) ?? null,
    setItem: (name, value) => void kept.set(name, value),
    removeItem: (name) => void kept.delete(name),
    key: (place) => [...kept.keys()][place] ?? null,
    get length() {
      return kept.size;
    },
  };
}

/** Tabs of one browser: each hears what the others put into the storage that they share. */
export class Tabs {
  private readonly kept = new Map<string, string>();
  private readonly heard: Set<StorageListener>[] = [];

  open(): Pick<Surroundings, "storage" | "otherTabs"> {
    const mine = new Set<StorageListener>();
    this.heard.push(mine);
    const shared = memory(this.kept);
    const put = (key: string, after: string | null): void => {
      const before = shared.getItem(key);
      if (before === after) return;
      if (after === null) shared.removeItem(key);
      else shared.setItem(key, after);
      for (const theirs of this.heard) if (theirs !== mine) for (const tell of theirs) tell(key, before, after);
    };
    return {
      storage: {
        getItem: shared.getItem,
        key: shared.key,
        length: 0,
        setItem: put,
        removeItem: (key) => put(key, null),
      },
      otherTabs(listener) {
        mine.add(listener);
        return () => void mine.delete(listener);
      },
    };
  }
}

/** What the hub knows; every step is one event. */
export class Feed {
  position = 0;
  readonly rows = new Map<string, ConversationRow>();
  readonly messages = new Map<string, Message[]>();
  readonly frames: AgentEventFrame[] = [];

  begin(id: string): void {
    this.position += 1;
    const first = message(id, 1, { at: this.position });
    const { read_number: _mine, ...conversation } = row(id, {
      last_number: 1,
      last_in_number: 1,
      last_activity_at: this.position,
      created_at: this.position,
      team_id: Number(id) % 2 === 1 ? TEAM : null,
    });
    this.rows.set(id, { ...conversation, read_number: 0 });
    this.messages.set(id, [first]);
    this.push({ event: "conversation_created", conversation, messages: [first] });
  }

  write(id: string, own: boolean): void {
    const before = this.rows.get(id);
    if (!before) return this.begin(id);
    this.position += 1;
    const number = before.last_number + 1;
    const next = message(id, number, {
      at: this.position,
      kind: own ? "out" : "in",
      ...(own ? { author: { kind: "agent", id: ME }, client_id: `c-${id}-${number}` } : {}),
    });
    const patch = { last_number: number, last_activity_at: this.position, ...(own ? {} : { last_in_number: number }) };
    this.rows.set(id, patched(before, patch));
    this.messages.get(id)?.push(next);
    this.push({ event: "message_created", message: next, patch });
  }

  change(id: string, closed: boolean): void {
    const before = this.rows.get(id);
    if (!before) return this.begin(id);
    this.position += 1;
    const number = before.last_number + 1;
    const line = message(id, number, {
      kind: "system",
      author: { kind: "agent", id: ME },
      text: "",
      line: { kind: closed ? "closed" : "reopened" },
    });
    const patch = { status: closed ? "closed" : "open", last_number: number } as const;
    this.rows.set(id, patched(before, patch));
    this.messages.get(id)?.push(line);
    this.push({
      event: "conversation_changed",
      conversation_id: id,
      by: { kind: "agent", id: ME },
      patch,
      lines: [line],
    });
  }

  edit(id: string): void {
    const list = this.messages.get(id);
    const first = list?.[0];
    if (!list || !first) return this.begin(id);
    this.position += 1;
    list[0] = { ...first, text: `edited at ${this.position}`, edited_at: this.position };
    this.push({ event: "message_changed", message: list[0] });
  }

  read(id: string): void {
    const before = this.rows.get(id);
    if (!before) return this.begin(id);
    this.position += 1;
    this.rows.set(id, { ...before, read_number: before.last_number });
    this.push({ event: "read_changed", conversation_id: id, number: before.last_number });
  }

  page(): ConversationPage {
    return { rows: [...this.rows.values()], next: null, at: { epoch: EPOCH, position: this.position } };
  }

  /** The newest `count` messages of it. */
  detail(id: string, count: number): ConversationDetail {
    const all = this.messages.get(id) ?? [];
    const conversation = this.rows.get(id) ?? row(id);
    return {
      row: conversation,
      contact: {
        id: conversation.contact.id,
        name: null,
        email: null,
        phone: null,
        language: null,
        time_zone: null,
        notes: "",
        tags: [],
        identities: [],
        created_at: 1,
      },
      messages: all.slice(-count),
      more: all.length > count,
      viewers: [],
      visitor_page: null,
      visitor_here: false,
      at: { epoch: EPOCH, position: this.position },
    };
  }

  private push(event: Record<string, unknown> & { event: AgentEventFrame["event"] }): void {
    this.frames.push({ position: this.position, at: this.position, ...event } as AgentEventFrame);
  }
}

export type Step = { readonly id: string; readonly what: "own" | "theirs" | "close" | "open" | "edit" | "read" };

export const steps = fc.array(
  fc.record({
    id: fc.constantFrom("1", "2", "3"),
    what: fc.constantFrom<Step["what"]>("own", "theirs", "close", "open", "edit", "read"),
  }),
  { maxLength: 40 },
);

export function take(feed: Feed, { id, what }: Step): void {
  switch (what) {
    case "own":
      return feed.write(id, true);
    case "theirs":
      return feed.write(id, false);
    case "close":
      return feed.change(id, true);
    case "open":
      return feed.change(id, false);
    case "edit":
      return feed.edit(id);
    case "read":
      return feed.read(id);
  }
}
