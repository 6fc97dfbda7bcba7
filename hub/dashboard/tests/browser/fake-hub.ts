/**
 * A hub in memory that speaks the real REST bodies and socket frames, for the browser runs that need no store: enough of
 * one to sign in, list, answer, change and push events. Not a model of the hub's rules beyond that.
 */
import type {
  Access,
  AfterReply,
  Agent,
  AgentCommand,
  AgentEventFrame,
  AgentFrame,
  AgentPresence,
  AgentServerFrame,
  AgentSignal,
  ApiError,
  ChangeConversations,
  ChangedConversations,
  Contact,
  ConversationChange,
  ConversationRow,
  FieldError,
  HeldReply,
  Inbox,
  InboxHours,
  InboxIdentity,
  LinkShown,
  Me,
  Message,
  PendingInvitation,
  RemoveConversations,
  RemovedConversations,
  RenewIdentitySecret,
  Standing,
  StartConversations,
  StartedConversations,
  UndoConversations,
  WebSettings,
} from "@switchboard/protocol";
import { MESSAGE_TEXT_CHARS } from "@switchboard/protocol";
import { patchOf } from "../../src/desk/changes";
import { bulkPatch } from "../../src/desk/selection";
import { FOLDERS } from "../../src/state/counts";
import { filtersOf } from "../../src/state/filters";
import { compareKeys, inFolder, type ListQuery, matches, sortKey } from "../../src/state/lists";
import { patched, type RowPatch } from "../../src/state/model";
import { row as rowOf } from "../events";
import { FakeBots } from "./fake-bots";
import { FakeChannels, PICTURE_IN_MAIL, PIXEL } from "./fake-channels";
import { FakeMoving } from "./fake-moving";
import { FakeNotices } from "./fake-notices";
import { FakePeople } from "./fake-people";
import { FakeTags } from "./fake-tags";
import { FakeTemplates } from "./fake-templates";
import { FakeViews } from "./fake-views";

export interface Answer {
  readonly status: number;
  readonly body?: unknown;
  /** A document or a picture in place of a body; `policy` is the document's. */
  readonly bytes?: { readonly type: string; readonly of: string | Buffer; readonly policy?: string };
}

type Send = (frame: AgentServerFrame) => void;

const EPOCH = "fake";
/** When secrets are made here. */
const MADE_AT = Date.UTC(2026, 2, 3, 9, 30);
const PAGE = 50;

export class FakeHub {
  position = 1;
  signedIn = false;
  readonly me: Agent = agent("agent-an", "Anna de Vries", "owner");
  readonly agents: Agent[] = [
    this.me,
    agent("agent-ben", "Ben Okafor", "agent"),
    agent("agent-chloe", "Chloé Martin", "admin"),
    agent("agent-dina", "Dina Haddad", "agent"),
  ];
  readonly inboxes: Inbox[] = [inbox("inbox-shop", "Shop", "SB-"), inbox("inbox-help", "Help centre", "HC-")];
  readonly teams = [
    { id: "team-orders", name: "Orders", members: ["agent-an", "agent-ben"] },
    { id: "team-tech", name: "Technical", members: ["agent-chloe", "agent-dina"] },
  ];
  readonly rows = new Map<string, ConversationRow>();
  readonly messages = new Map<string, Message[]>();
  readonly contacts = new Map<string, Contact>();
  /** Who may see the inboxes beside owners and admins. */
  access: Access = { agents: ["agent-ben"], teams: ["team-orders"] };
  /** Who may be given a conversation. */
  mayWork = ["agent-an", "agent-ben", "agent-chloe"];
  hours: InboxHours = { hours: null };
  /** By what the site of an inbox signs who is signed in. */
  identity: InboxIdentity = { made_at: null, old_until: null };
  /** How often a secret was made. */
  private secrets = 0;
  /** What was to be kept of widgets, and what is wrong with the next. */
  readonly webSaid: Partial<WebSettings>[] = [];
  webWrong: readonly FieldError[] = [];
  /** What is wrong with the next hours. */
  hoursWrong: readonly FieldError[] = [];
  present: AgentPresence[] = [
    { agent_id: "agent-an", availability: "online" },
    { agent_id: "agent-ben", availability: "online" },
    { agent_id: "agent-chloe", availability: "busy" },
  ];
  invited: PendingInvitation[] = [];
  /** Links that have not been opened yet, by their token. */
  readonly links = new Map<string, LinkShown>();
  /** What the last link was opened with. */
  chosen: { readonly name?: string; readonly password?: string } | null = null;
  private linksMade = 0;
  /** Answers and notes, as they came. */
  readonly written: Extract<AgentCommand, { do: "reply" | "note" }>[] = [];
  /** Answers that wait before they go out. */
  readonly held = new Map<string, HeldReply>();
  /** Conversations that agents began. */
  readonly begun: StartConversations[] = [];
  /** Addresses that do not want to be written to. */
  readonly stopped = new Set<string>();
  /** Conversations that are not this person's to see any more. */
  readonly leaves = new Set<string>();
  /** What the page has said that it has open. */
  viewed: string | null = null;
  /** Changes of many that were taken back. */
  undone = 0;
  /** Longest text that it takes, characters. */
  textChars = MESSAGE_TEXT_CHARS;
  /** Rows of one page of a list. */
  rowsAtOnce = PAGE;
  readonly bots = new FakeBots(this);
  readonly channels = new FakeChannels();
  readonly persons = new FakePeople(this);
  readonly moving = new FakeMoving(this);
  readonly notices = new FakeNotices(this);
  readonly tags = new FakeTags(this);
  readonly templates = new FakeTemplates(this);
  readonly views = new FakeViews(this);
  private readonly sockets = new Set<Send>();

  constructor(readonly now: () => number) {}

  answer(method: string, url: URL, body: unknown): Answer {
    const path = url.pathname;
    const given = (body ?? {}) as Record<string, never>;
    if (path === "/api/session" && method === "POST") return this.signIn(given);
    if (path === "/api/setup") return this.signIn({ email: this.me.email, password: "right password" });
    if (path === "/api/links/show") {
      const shown = this.links.get(given.token ?? "");
      return shown ? ok(shown) : refusal(404, "not_found");
    }
    if (path === "/api/invitations/accept" || path === "/api/password/new") {
      if (!this.links.delete(given.token ?? "")) return refusal(404, "not_found");
      this.chosen = given;
      return this.signIn({ email: this.me.email, password: "right password" });
    }
    if (!this.signedIn) return refusal(401, "unauthenticated");
    if (path === "/api/conversations" && method === "POST") return this.begin(body as StartConversations);
    if (path === "/api/session") {
      this.signedIn = method !== "DELETE";
      return ok(method === "DELETE" ? undefined : this.meNow());
    }
    if (path === "/api/conversations") return ok(this.page(url.searchParams));
    if (path === "/api/conversations/removed") return ok(this.remove((body as RemoveConversations).ids));
    if (path === "/api/folders/trash/emptied") {
      const lying = [...this.rows.values()].filter((row) => row.place === "trash").map((row) => row.id);
      return ok({ ...this.remove(lying.slice(0, 2)), more: lying.length > 2 });
    }
    if (path === "/api/conversations/changes") return ok(this.changeMany(body as ChangeConversations));
    if (path === "/api/conversations/changes/undone") return ok(this.undoMany(body as UndoConversations));
    if (path === "/api/conversations/read") return ok(this.readAll(url.searchParams));
    if (path === "/api/retention") return ok(body ?? { archived_days: 30, trash_days: 30 });
    if (path === "/api/counts") return ok(this.counts());
    if (path === "/api/search") return ok(this.search(url.searchParams.get("q") ?? ""));
    const [, , noun, id = "", part] = path.split("/");
    if (noun === "notifications") return this.notices.answer(method, id, body);
    if (noun === "attachments" && id === PICTURE_IN_MAIL)
      return { status: 200, bytes: { type: "image/gif", of: PIXEL } };
    if (noun === "messages" && part === "frame")
      return this.channels.frame(id, url.searchParams.get("pictures") === "1");
    if (noun === "messages" || part === "channel" || part === "form") return this.channels.answer(method, path, body);
    if (part === "split" || (noun === "conversations" && part === "merged"))
      return this.moving.answer(method, path, given);
    if (noun === "inboxes" && part === "identity") return this.identityOf(method, body as RenewIdentitySecret);
    if (noun === "inboxes" && part === "hours") return this.hoursOf(method, body as InboxHours);
    if (noun === "bots" || part === "bots" || part === "bot-rules") return this.bots.answer(method, path, body);
    if (noun === "conversations") return this.conversation(id, part, url.searchParams);
    if (noun === "views") return this.views.answer(method, id, body);
    if (noun === "tags") return this.tags.answer(method, id, body);
    if (noun === "templates") return this.templates.answer(method, id, part, body);
    if (noun === "contacts") return this.persons.answer(method, url, given);
    if (noun === "attachments" && url.searchParams.get("name")?.endsWith(".exe"))
      return refusal(415, "unsupported_file");
    if (noun === "attachments")
      return ok({
        attachment: {
          id: `file-${this.position}`,
          name: url.searchParams.get("name") ?? "file",
          media_type: "text/plain",
          bytes: 12,
          picture: false,
        },
      });
    if (noun === "agents" && part === "password-link") {
      const expires_at = this.now() + 86_400_000;
      return { status: 201, body: { link: `/password#${this.newLink()}`, expires_at } };
    }
    if (noun === "agents" && method !== "GET") return this.people(method, id, given);
    if (noun === "inboxes" && part === "agents") return ok({ agents: this.mayWork });
    if (noun === "inboxes" && part === "access" && method === "PUT") {
      this.access = given as unknown as Access;
      return ok(this.access);
    }
    if (noun === "inboxes" && method !== "GET" && part === undefined) return this.changeInbox(method, id, given);
    return ok(this.house(noun ?? "", part));
  }

  private identityOf(method: string, body: RenewIdentitySecret): Answer {
    if (method === "GET") return ok(this.identity);
    if (method === "DELETE") {
      this.identity = { made_at: null, old_until: null };
      return ok();
    }
    const old_until = body.old_hours ? MADE_AT + body.old_hours * 3_600_000 : null;
    this.identity = { made_at: MADE_AT, old_until };
    this.secrets += 1;
    return ok({ secret: `sbid_${this.secrets}`, ...this.identity });
  }

  private hoursOf(method: string, body: InboxHours): Answer {
    if (method === "PUT" && this.hoursWrong.length > 0) return refusal(422, "invalid", this.hoursWrong);
    if (method === "PUT") this.hours = body;
    return ok(this.hours);
  }

  /** A socket has opened; what it says goes to the returned function. */
  open(send: Send): { receive(frame: AgentFrame): void; close(): void } {
    this.sockets.add(send);
    return {
      close: () => this.sockets.delete(send),
      receive: (frame) => {
        if (frame.t === "resume") {
          send({
            t: "welcome",
            connection_id: "c1",
            epoch: EPOCH,
            position: this.position,
            heartbeat_ms: 14_000,
            now: this.now(),
          });
          send({ t: "signal", signal: "team", changed: this.present, whole: true });
        }
        if (frame.t === "command") this.command(frame, send);
      },
    };
  }

  push(event: Partial<AgentEventFrame> & { event: AgentEventFrame["event"] }): void {
    this.position += 1;
    for (const send of this.sockets)
      send({ t: "event", position: this.position, at: this.now(), ...event } as AgentServerFrame);
  }

  signal(signal: AgentSignal): void {
    for (const send of this.sockets) send({ t: "signal", ...signal });
  }

  /** What everybody knows is void. */
  reset(why: "access_changed" | "too_old"): void {
    for (const send of this.sockets) send({ t: "reset", why });
  }

  /** A message comes in, from the contact or from a colleague. */
  say(id: string, text: string, over: Partial<Message> = {}): Message {
    const row = this.rows.get(id) as ConversationRow;
    const message: Message = {
      id: `${id}-${row.last_number + 1}`,
      conversation_id: id,
      number: row.last_number + 1,
      kind: "in",
      author: { kind: "contact", id: row.contact.id },
      at: this.now(),
      text,
      ...over,
    };
    const incoming = message.kind === "in";
    const patch = {
      last_number: message.number,
      last_activity_at: message.at,
      // What happened is no word of anybody's.
      ...(message.kind === "system"
        ? {}
        : { preview: { number: message.number, kind: message.kind, author: message.author, text, attachments: 0 } }),
      ...(incoming ? { last_in_number: message.number, waiting_since: message.at } : { waiting_since: null }),
    };
    this.rows.set(id, patched(row, patch));
    this.messages.get(id)?.push(message);
    this.push({ event: "message_created", message, patch });
    return message;
  }

  add(row: ConversationRow, contact: Contact, messages: Message[]): void {
    this.rows.set(row.id, row);
    this.contacts.set(contact.id, contact);
    this.messages.set(row.id, messages);
  }

  /** It goes out when the test says so. */
  private hold(frame: Extract<AgentFrame, { t: "command"; do: "reply" }>, seconds: number): number {
    const at = Date.now();
    const held: HeldReply = {
      client_id: frame.id,
      conversation_id: frame.conversation_id,
      by: this.me.id,
      at,
      due_at: at + seconds * 1_000,
      text: frame.text,
      ...(frame.after ? { after: frame.after } : {}),
    };
    this.held.set(held.client_id, held);
    this.push({ event: "reply_held", held });
    return held.due_at;
  }

  /** Their time has come. */
  holdNoLonger(): void {
    for (const one of this.held.values()) {
      this.held.delete(one.client_id);
      this.say(one.conversation_id, one.text, {
        kind: "out",
        author: { kind: "agent", id: one.by },
        client_id: one.client_id,
        delivery: "sent",
      });
      if (one.after) this.change(one.conversation_id, changeOf(one.after));
    }
  }

  private command(frame: Extract<AgentFrame, { t: "command" }>, send: Send): void {
    const no = (error: ApiError): void => send({ t: "reply", id: frame.id, ok: "no", error });
    const yes = (position?: number): void =>
      send({ t: "reply", id: frame.id, ok: "yes", ...(position === undefined ? {} : { position }) });
    if (frame.do === "reply" || frame.do === "note") this.written.push(frame);
    switch (frame.do) {
      case "reply":
        if (frame.text.length > this.textChars)
          return no({
            code: "invalid",
            message: "Too long.",
            fields: [{ field: "text", code: "too_long", message: "Too long." }],
          });
        if (!frame.over) {
          const last = this.messages.get(frame.conversation_id)?.findLast((one) => one.kind === "out");
          if (last && last.number > frame.seen && last.author.kind === "agent" && last.author.id !== this.me.id)
            return no({ code: "reply_unseen", message: "A colleague answered.", unseen: [last.number] });
        }
        if (frame.hold) {
          const until = this.hold(frame, frame.hold);
          return send({ t: "reply", id: frame.id, ok: "yes", position: this.position, held_until: until });
        }
        this.say(frame.conversation_id, frame.text, {
          kind: "out",
          author: { kind: "agent", id: this.me.id },
          client_id: frame.id,
          delivery: "sent",
          ...(frame.answers === undefined ? {} : { answers: frame.answers }),
        });
        if (frame.after) this.change(frame.conversation_id, changeOf(frame.after));
        return yes(this.position);
      case "take_back": {
        const held = this.held.get(frame.client_id);
        if (!held) return no({ code: "conflict", message: "It has gone out already." });
        this.held.delete(frame.client_id);
        const { conversation_id, by, client_id } = held;
        this.push({ event: "held_reply_gone", conversation_id, by, client_id });
        return yes(this.position);
      }
      case "note":
        this.say(frame.conversation_id, frame.text, {
          kind: "note",
          author: { kind: "agent", id: this.me.id },
          client_id: frame.id,
          ...(frame.mentions ? { mentions: frame.mentions } : {}),
        });
        return yes(this.position);
      case "change":
        this.change(frame.conversation_id, frame.change);
        return yes(this.position);
      case "read": {
        const row = this.rows.get(frame.conversation_id) as ConversationRow;
        this.rows.set(row.id, { ...row, read_number: frame.number });
        this.push({ event: "read_changed", conversation_id: row.id, number: frame.number });
        return yes(this.position);
      }
      case "unread": {
        const row = this.rows.get(frame.conversation_id) as ConversationRow;
        const number = Math.max(0, row.last_in_number - 1);
        this.rows.set(row.id, { ...row, read_number: number });
        this.push({ event: "read_changed", conversation_id: row.id, number });
        return yes(this.position);
      }
      case "block_bot":
      case "unblock_bot":
      case "run_bot":
        if (this.bots.refuses || frame.bot_id === this.bots.refusesFor)
          return no({ code: "forbidden", message: "No." });
        this.bots.command(frame);
        return yes(this.position);
      case "view":
        this.viewed = frame.conversation_id;
        return yes();
      case "availability":
        this.signal({ signal: "team", changed: [{ agent_id: this.me.id, availability: frame.availability }] });
        return yes();
      default:
        return yes();
    }
  }

  private remove(ids: readonly string[]): RemovedConversations {
    for (const id of ids) {
      this.rows.delete(id);
      this.push({ event: "conversation_removed", conversation_id: id });
    }
    return { removed: [...ids], refused: [] };
  }

  private changeMany({ ids, change }: ChangeConversations): ChangedConversations {
    const done: ChangedConversations = { changed: [], unchanged: [], refused: [] };
    for (const id of ids) {
      const row = this.rows.get(id);
      if (!row || this.leaves.has(id)) {
        done.refused.push({ conversation_id: id, why: "not_found" });
        continue;
      }
      const patch = bulkPatch(change, row);
      const names = (Object.keys(patch) as (keyof Standing)[]).filter((name) => String(name) !== "tags");
      const of = (from: ConversationRow): Standing =>
        Object.fromEntries(names.map((name) => [name, from[name as keyof ConversationRow]]));
      const after = patched(row, patch);
      done.changed.push({
        conversation_id: id,
        was: of(row),
        became: of(after),
        added_tags: after.tags.filter((tag) => !row.tags.includes(tag)),
      });
      this.put(after, patch);
    }
    return { ...done, position: this.position };
  }

  private undoMany({ turns }: UndoConversations): ChangedConversations {
    this.undone += 1;
    for (const { conversation_id: id, was, added_tags: added = [] } of turns) {
      const row = this.rows.get(id) as ConversationRow;
      const patch = { ...was, tags: row.tags.filter((tag) => !added.includes(tag)) };
      this.put(patched(row, patch), patch);
    }
    return { changed: turns, unchanged: [], refused: [], position: this.position };
  }

  private put(row: ConversationRow, { read_number: number, ...patch }: RowPatch): void {
    this.rows.set(row.id, row);
    if (number !== undefined) this.push({ event: "read_changed", conversation_id: row.id, number });
    const by = { kind: "agent", id: this.me.id } as const;
    this.push({ event: "conversation_changed", conversation_id: row.id, by, patch, lines: [] });
  }

  change(id: string, change: ConversationChange): void {
    const row = this.rows.get(id) as ConversationRow;
    const patch = patchOf(change, row);
    const number = row.last_number + 1;
    const line =
      change.status === "closed"
        ? ({ kind: "closed" } as const)
        : change.status === "open"
          ? ({ kind: "reopened" } as const)
          : change.assignees
            ? ({ kind: "assigned", agent_id: change.assignees[0] ?? null } as const)
            : null;
    const lines: Message[] = line
      ? [
          {
            id: `${id}-${number}`,
            conversation_id: id,
            number,
            kind: "system",
            author: { kind: "agent", id: this.me.id },
            at: this.now(),
            text: "",
            line,
          },
        ]
      : [];
    const whole = line ? { ...patch, last_number: number } : patch;
    this.rows.set(id, patched(row, whole));
    this.messages.get(id)?.push(...lines);
    this.push({
      event: "conversation_changed",
      conversation_id: id,
      by: { kind: "agent", id: this.me.id },
      patch: whole,
      lines,
    });
  }

  private signIn({ email, password }: { email?: string; password?: string }): Answer {
    if (email !== this.me.email || password !== "right password") return refusal(401, "unauthenticated");
    this.signedIn = true;
    return ok(this.meNow());
  }

  private meNow(): Me {
    return {
      agent: this.me,
      availability: "online",
      scopes: ["read", "write", "admin"],
      agents: this.agents,
      teams: this.teams,
      inboxes: this.inboxes,
      health: this.channels.healths(),
      bots: this.bots.briefs(),
      present: this.present,
      at: this.at(),
    };
  }

  private at() {
    return { epoch: EPOCH, position: this.position };
  }

  private page(search: URLSearchParams) {
    const sort = (search.get("sort") ?? "activity") as ListQuery["sort"];
    const query = {
      folder: search.get("folder") ?? "inbox",
      sort,
      ...filtersOf(search),
    } as ListQuery;
    const contact = search.get("contact");
    const all = [...this.rows.values()]
      .filter((row) => (contact === null ? matches(row, query, this.me.id) : row.contact.id === contact))
      .sort((a, b) => compareKeys(sortKey(a, sort), sortKey(b, sort), sort));
    const from = Number(search.get("cursor") ?? 0);
    return {
      rows: all.slice(from, from + this.rowsAtOnce),
      next: all.length > from + this.rowsAtOnce ? String(from + this.rowsAtOnce) : null,
      at: this.at(),
    };
  }

  private counts() {
    const all = [...this.rows.values()];
    return {
      folders: FOLDERS.map((folder) => ({
        folder,
        conversations: all.filter((row) => inFolder(row, folder, this.me.id)).length,
      })),
      inboxes: this.inboxes.map((one) => ({
        inbox_id: one.id,
        conversations: all.filter((row) => row.inbox_id === one.id && inFolder(row, "inbox", this.me.id)).length,
      })),
      teams: this.teams.map((one) => ({
        team_id: one.id,
        conversations: all.filter((row) => row.team_id === one.id && inFolder(row, "inbox", this.me.id)).length,
      })),
      at: this.at(),
    };
  }

  private readAll(search: URLSearchParams) {
    const ids = this.page(search).rows.filter((row) => row.last_in_number > row.read_number);
    return this.changeMany({ ids: ids.map((row) => row.id), change: { read: true } });
  }

  private begin(given: StartConversations): Answer {
    this.begun.push(given);
    const answer: StartedConversations = { started: [], not_started: [] };
    for (const [place, to] of given.to.entries()) {
      if (to.kind === "address" && this.stopped.has(to.address)) {
        answer.not_started.push({ to: place, why: "stopped" });
        continue;
      }
      const id = `N${this.begun.length}-${place}`;
      const contact = to.kind === "contact" ? to.contact_id : `contact-${id}`;
      const name = to.kind === "contact" ? (this.contacts.get(contact)?.name ?? null) : (to.name ?? null);
      const made = rowOf(id, { contact: { id: contact, name }, inbox_id: given.inbox_id, channel: "email" });
      this.add({ ...made, last_activity_at: this.now() }, { ...blank(contact, this.now()), name }, []);
      this.say(id, given.text, { kind: "out", author: { kind: "agent", id: this.me.id } });
      answer.started.push({ to: place, conversation_id: id, case_number: made.case_number });
    }
    return { status: 201, body: answer };
  }

  private search(words: string) {
    const wanted = words.toLowerCase();
    const hits = [...this.rows.values()].flatMap((conversation) => {
      const message =
        this.messages.get(conversation.id)?.find((one) => one.text.toLowerCase().includes(wanted)) ?? null;
      const named =
        `${conversation.contact.name ?? ""} ${this.contacts.get(conversation.contact.id)?.email ?? ""} ${conversation.case_number}`
          .toLowerCase()
          .includes(wanted);
      const text = message?.text ?? conversation.contact.name ?? conversation.case_number;
      const at = text.toLowerCase().indexOf(wanted);
      const parts = [
        { text: `${at > 24 ? "…" : ""}${text.slice(Math.max(0, at - 24), at)}`, found: false },
        { text: text.slice(at, at + wanted.length), found: true },
        { text: text.slice(at + wanted.length), found: false },
      ];
      return message || named ? [{ conversation, message, excerpt: at < 0 ? [] : parts }] : [];
    });
    return { hits: hits.slice(0, PAGE), next: null };
  }

  private conversation(id: string, part: string | undefined, search: URLSearchParams): Answer {
    const row = this.rows.get(id);
    const all = this.messages.get(id);
    if (!row || !all) return refusal(404, "not_found");
    if (part === "messages") {
      const before = Number(search.get("before"));
      const older = all.filter((one) => one.number < before);
      return ok({ messages: older.slice(-PAGE), more: older.length > PAGE });
    }
    const page = { url: "https://shop.example/checkout?step=2", title: "Checkout", at: this.now() };
    return ok({
      row,
      contact: this.contacts.get(row.contact.id),
      messages: all.slice(-PAGE),
      more: all.length > PAGE,
      viewers: [],
      visitor_page: page,
      visitor_here: true,
      held: [...this.held.values()].filter((one) => one.conversation_id === row.id),
      at: this.at(),
    });
  }

  private people(method: string, id: string, given: Partial<Agent>): Answer {
    if (method === "PATCH") {
      const at = this.agents.findIndex((one) => one.id === id);
      const changed = { ...(this.agents[at] as Agent), ...given };
      this.agents.splice(at, 1, changed);
      return ok(changed);
    }
    if (method === "DELETE") {
      this.invited = this.invited.filter((one) => one.agent_id !== id);
      this.agents.splice(
        this.agents.findIndex((one) => one.id === id),
        1,
      );
      return ok();
    }
    const known = this.agents.find((one) => one.email === given.email);
    const person = known ?? {
      ...agent("agent-new", given.name ?? "", given.role ?? "agent"),
      email: given.email ?? "",
    };
    if (!known) this.agents.push(person);
    const expires_at = this.now() + 86_400_000;
    this.invited = [...this.invited.filter((one) => one.agent_id !== person.id), { agent_id: person.id, expires_at }];
    return { status: 201, body: { agent: person, link: `/invitation#${this.newLink()}`, expires_at } };
  }

  private newLink(): string {
    this.linksMade += 1;
    return `link-${this.linksMade}`;
  }

  private changeInbox(method: string, id: string, given: Partial<Inbox>): Answer {
    if (method === "DELETE") {
      this.inboxes.splice(
        this.inboxes.findIndex((one) => one.id === id),
        1,
      );
      return ok();
    }
    const wrong = (given.web?.origins ?? []).flatMap((origin, place) =>
      origin.startsWith("https://")
        ? []
        : [{ field: `web.origins.${place}`, code: "not_an_origin", message: "An origin looks like this." }],
    );
    if (this.webWrong.length > 0) return refusal(422, "invalid", this.webWrong);
    if (wrong.length > 0) return refusal(422, "invalid", wrong);
    const before = this.inboxes.find((one) => one.id === id) ?? inbox("inbox-new", "New", "N-");
    if (given.web) this.webSaid.push(given.web);
    const web = before.web && given.web ? { web: { ...before.web, ...given.web } } : {};
    const none = given.channel === "web" || method === "PATCH" ? {} : { web: null };
    return ok({ ...before, ...given, ...web, ...none });
  }

  private house(noun: string, part: string | undefined): unknown {
    if (part === "access") return this.access;
    const browser = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36";
    const phone =
      "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605 Version/19.0 Mobile Safari/604";
    switch (noun) {
      case "agents":
        return { agents: this.agents, invited: this.invited };
      case "teams":
        return { teams: this.teams };
      case "inboxes":
        return { inboxes: this.inboxes };
      case "sessions":
        return {
          sessions: [
            {
              id: "s1",
              current: true,
              user_agent: browser,
              address: "192.0.2.4",
              created_at: this.now(),
              last_seen_at: this.now(),
            },
            {
              id: "s2",
              current: false,
              user_agent: phone,
              address: "198.51.100.7",
              created_at: this.now(),
              last_seen_at: this.now() - 7_200_000,
            },
          ],
        };
      case "tokens":
        return {
          tokens: [
            {
              id: "t1",
              name: "Order sync",
              scopes: ["read", "write"],
              created_at: this.now(),
              last_used_at: this.now() - 90_000,
              expires_at: null,
            },
          ],
        };
      default:
        return {};
    }
  }
}

export function ok(body?: unknown): Answer {
  return { status: body === undefined ? 204 : 200, body };
}

export function refusal(status: number, code: ApiError["code"], fields?: readonly FieldError[]): Answer {
  return { status, body: { error: { code, message: "No.", ...(fields ? { fields } : {}) } } };
}

function blank(id: string, created_at: number): Contact {
  return {
    id,
    name: null,
    email: null,
    phone: null,
    language: null,
    time_zone: null,
    notes: "",
    tags: [],
    identities: [],
    created_at,
  };
}

function changeOf(after: AfterReply): ConversationChange {
  return after.to === "close" ? { status: "closed" } : { snoozed_until: after.until };
}

function agent(id: string, name: string, role: Agent["role"]): Agent {
  return {
    id,
    name,
    email: `${name.split(" ")[0]?.toLowerCase()}@example.org`,
    role,
    display_name: null,
    disabled: false,
  };
}

function inbox(id: string, name: string, prefix: string): Inbox {
  return {
    id,
    name,
    channel: "web",
    case_prefix: prefix,
    web: {
      widget_key: `key-${id}`,
      origins: [],
      accent: "#5b4fd6",
      greeting: "Hello. How can we help?",
      ask_rating: false,
    },
  };
}
