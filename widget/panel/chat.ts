/**
 * What the panel knows: the session, the visitor's messages as the hub has them, and those on their way. Every change
 * comes from a snapshot, an event, a signal or one of the actions at the end. Nothing here draws.
 */

import { batch, computed, effect, type ReadonlySignal, type Signal, signal } from "@preact/signals";
import {
  type About,
  type ApiError,
  type Attachment,
  api,
  browser,
  type Client,
  type ClientState,
  connect,
  type ErrorCode,
  type OpenNow,
  Refusal,
  type SignedUser,
  type VisitorAuthor,
  type VisitorConversation,
  type VisitorEventFrame,
  type VisitorMessage,
  type VisitorSession,
  type VisitorSignal,
  type WebSettings,
} from "@switchboard/protocol";

import type { Host } from "./host";
import type { Memory } from "./memory";
import { sourceOf } from "./source";

/** Between attempts to open the session or take a snapshot, ms. */
const AGAIN_MS = 4_000;
/** What is moved comes message by message: after so long without another one it is read anew, milliseconds. */
const MOVED_MS = 300;

/** The longest that a browser's timer takes, ms. */
const TIMER_MS = 2 ** 31 - 1;

/** A message that the hub has not committed yet. */
export interface Pending {
  id: string;
  at: number;
  text: string;
  attachments: Attachment[];
  /** Refused; the message waits for the person. */
  failed?: ErrorCode;
}

/** Who of the business. */
export type Answerer = Exclude<VisitorAuthor, { kind: "you" }>;

/** What a bot says to who has pressed one of its buttons. */
export type Told = Pick<Extract<VisitorSignal, { signal: "told" }>, "text" | "alert">;

export interface Chat {
  /** `refused`: this inbox or this site may not; `unreachable`: it tries again by itself. */
  phase: ReadonlySignal<"opening" | "ready" | "refused" | "unreachable">;
  title: ReadonlySignal<string>;
  settings: ReadonlySignal<WebSettings | undefined>;
  teamOnline: ReadonlySignal<boolean>;
  connection: ReadonlySignal<ClientState>;
  conversation: ReadonlySignal<VisitorConversation | undefined>;
  messages: ReadonlySignal<VisitorMessage[]>;
  pending: ReadonlySignal<Pending[]>;
  /** Older ones can be had by `older`. */
  more: ReadonlySignal<boolean>;
  /** Who writes now. */
  typing: ReadonlySignal<Answerer | undefined>;
  /** What the page says of the visitor: it goes with their first message. */
  about: Signal<About | undefined>;
  /** What the visitor has answered before their first message: it goes with that. */
  answers: Signal<About | undefined>;
  /** Whether the inbox is open by its hours, if it has any. */
  hours: ReadonlySignal<OpenNow | undefined>;
  told: Signal<Told | undefined>;
  /** What the empty field says, if a bot wants it to say something. */
  placeholder: Signal<string>;
  unread: ReadonlySignal<number>;
  /** The thread is scrolled to its end: what comes is seen. */
  atEnd: Signal<boolean>;
  memory: Memory;
  token(): string;
  /** At once or not at all: without a connection it is refused. */
  command: Client<"visitor">["command"];
  send(text: string, attachments: Attachment[]): void;
  again(id: string): void;
  discard(id: string): void;
  typed(on: boolean): void;
  older(): Promise<void>;
  retry(): void;
}

/** In the place of the one with its id, or at the end. */
function withOne<T extends { id: string }>(list: T[], one: T): T[] {
  return list.some(({ id }) => id === one.id) ? list.map((each) => (each.id === one.id ? one : each)) : [...list, one];
}

/** `user`: who is signed in on the page. */
export function makeChat(
  widgetKey: string,
  host: Host,
  memory: Memory,
  { user }: { user?: SignedUser | undefined },
): Chat {
  const session = signal<VisitorSession>();
  const phase = signal<"opening" | "ready" | "refused" | "unreachable">("opening");
  const connection = signal<ClientState>({ status: "connecting", retryAt: null });
  const conversation = signal<VisitorConversation>();
  const messages = signal<VisitorMessage[]>([]);
  const pending = signal(memory.pending.load());
  const more = signal(false);
  const teamOnline = signal(false);
  const typing = signal<Answerer>();
  const told = signal<Told>();
  const about = signal<About>();
  const answers = signal<About>();
  const readTo = signal(0);
  const atEnd = signal(true);
  const hours = computed(() => session.value?.hours);
  let turns: ReturnType<typeof setTimeout> | undefined;
  const visible = signal(document.visibilityState === "visible");
  let typingEnds: ReturnType<typeof setTimeout> | undefined;
  let movedOn: ReturnType<typeof setTimeout> | undefined;
  let older: Promise<void> | undefined;

  const call = api({ token: () => session.value?.token });
  const client: Client<"visitor"> = connect({
    face: "visitor",
    url: `${location.origin.replace(/^http/, "ws")}/ws/visitor`,
    hello: () => ({ token: session.value?.token ?? "", ...(host.page.value ? { page: host.page.value.page } : {}) }),
    outbox: memory.outbox,
  });
  function hold(changed: Pending) {
    memory.pending.put(changed);
    pending.value = withOne(pending.value, changed);
  }

  function letGo(goes: (one: Pending) => unknown) {
    pending.value = pending.value.filter((one) => {
      if (!goes(one)) return true;
      memory.pending.remove(one.id);
      return false;
    });
  }

  const letGoOf = (id: string) => letGo((one) => one.id === id);

  /** The hub has said no, for good. */
  function refused(id: string, { code }: ApiError) {
    const given = pending.value.find((each) => each.id === id);
    if (given) hold({ ...given, failed: code });
  }

  async function openSession() {
    const token = session.value?.token ?? memory.get("token");
    session.value = await call("POST /api/visitor/session", {
      body: { widget_key: widgetKey, ...(token ? { token } : {}), ...(user ? { user } : {}) },
    });
    memory.set("token", session.value.token);
    teamOnline.value = session.value.team_online;
  }

  /** What is read stays read, in the numbers of this conversation: each has its own. */
  function goOnIn(newest: VisitorConversation | undefined) {
    if (newest?.id !== conversation.value?.id) readTo.value = 0;
    conversation.value = newest;
    readTo.value = Math.max(readTo.value, newest?.read_number ?? 0);
  }

  async function takeSnapshot() {
    const history = await call("GET /api/visitor/history");
    // This site may not: what was on its way is of no use.
    if (phase.value === "refused") return;
    batch(() => {
      goOnIn(history.conversations[0]);
      messages.value = history.messages;
      more.value = history.more;
      phase.value = "ready";
      settlePending();
      // What is neither refused nor on its way was answered before: if it is not in the snapshot, it is older.
      letGo(({ id, failed }) => !failed && !client.outbox.some((kept) => kept.id === id));
    });
    client.resumeFrom(history.at);
  }

  /** Runs the steps until they succeed or the hub says no. */
  async function persist(...steps: (() => Promise<void>)[]) {
    try {
      for (const step of steps) await step();
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      const passing = ["unavailable", "overloaded", "rate_limited", "internal"].includes(error.code);
      if (error.code === "unauthenticated") setTimeout(persist, AGAIN_MS, openSession, takeSnapshot);
      else if (passing) setTimeout(persist, error.retry_after_ms ?? AGAIN_MS, ...steps);
      if (phase.value !== "ready") phase.value = passing ? "unreachable" : "refused";
    }
  }

  /** What the hub has committed is no longer on its way. */
  function settlePending() {
    letGo(({ id }) => messages.value.some(({ client_id }) => client_id === id));
  }

  function put(message: VisitorMessage) {
    messages.value = withOne(messages.value, message);
    if (message.author.kind !== "you") typing.value = undefined;
    settlePending();
  }

  function happened(frame: VisitorEventFrame) {
    // Who wrote, and not what: other people's scripts listen on a page too.
    const value =
      "message" in frame
        ? frame.message.author
        : "conversation" in frame
          ? { closed: frame.conversation.closed }
          : undefined;
    host.tell({ t: frame.event, value });
    batch(() => {
      switch (frame.event) {
        case "conversation_created":
          goOnIn(frame.conversation);
          for (const message of frame.messages) put(message);
          // What a browser has said before is theirs who has signed in there.
          if (!frame.messages.length) void persist(takeSnapshot);
          return;
        case "message_created":
        case "message_changed":
          return put(frame.message);
        case "message_moved":
        case "conversation_removed":
          // The team has put messages into another conversation: which one is read now, the hub says when all are there.
          clearTimeout(movedOn);
          movedOn = setTimeout(persist, MOVED_MS, takeSnapshot);
          return;
        case "conversation_changed":
          if (frame.conversation.id === conversation.value?.id) goOnIn(frame.conversation);
      }
    });
  }

  function signalled(heard: VisitorSignal) {
    if (heard.signal === "team") teamOnline.value = heard.online;
    else if (heard.signal === "told") told.value = heard;
    else if (heard.who.kind !== "you") {
      clearTimeout(typingEnds);
      typing.value = heard.on ? heard.who : undefined;
      if (heard.on) typingEnds = setTimeout(() => (typing.value = undefined), heard.ttl_ms);
    }
  }

  client.on("event", happened);
  client.on("signal", signalled);
  client.on("state", (state) => {
    connection.value = state;
  });
  client.on("reset", () => persist(takeSnapshot));
  client.on("bye", ({ why }) => {
    if (why === "signed_out") void persist(openSession, takeSnapshot);
  });
  client.on("settled", ({ id, error, done }) => {
    if (error) refused(id, error);
    // Its event was before the snapshot, and does not come.
    else if ((done.position ?? 0) <= (client.point?.position ?? 0)) letGoOf(id);
  });

  const theirs = computed(() =>
    messages.value.filter(
      ({ author, conversation_id }) => author.kind !== "you" && conversation_id === conversation.value?.id,
    ),
  );
  const unread = computed(() => theirs.value.filter(({ number }) => number > readTo.value).length);

  document.addEventListener("visibilitychange", () => {
    visible.value = document.visibilityState === "visible";
  });
  effect(() => {
    const last = theirs.value.at(-1)?.number ?? 0;
    if (host.open.value && visible.value && atEnd.value && last > readTo.value) readTo.value = last;
  });

  let reported = "";
  effect(() => {
    const id = conversation.value?.id;
    const delivered = theirs.value.at(-1)?.number ?? 0;
    const read = Math.min(readTo.value, delivered);
    const seen = `${id} ${delivered} ${read}`;
    // Said again on each new connection, in case that the last one took it along.
    if (connection.value.status !== "live") reported = "";
    else if (id && delivered && seen !== reported) {
      if (client.tell({ do: "seen", conversation_id: id, delivered, read })) reported = seen;
    }
  });

  let shownPage = "";
  effect(() => {
    const { page } = host.page.value ?? {};
    if (!page || page.url === shownPage) return;
    // The first one goes with `hello`.
    if (shownPage) client.tell({ do: "page", page });
    shownPage = page.url;
  });

  effect(() => {
    const { settings } = session.value ?? {};
    const origin = host.origin.value;
    const allowed =
      !settings?.origins.length || !origin || origin === location.origin || settings.origins.includes(origin);
    if (allowed) return;
    phase.value = "refused";
    client.close();
  });

  effect(() => {
    const { changes_at } = hours.value ?? {};
    clearTimeout(turns);
    // Not all panels in the same moment, and not at once again where this clock goes before the hub's.
    if (changes_at)
      turns = setTimeout(
        persist,
        Math.min(Math.max(changes_at - Date.now(), 0) + AGAIN_MS * (1 + 8 * Math.random()), TIMER_MS),
        openSession,
      );
  });

  void persist(openSession, takeSnapshot);

  function send(text: string, attachments: Attachment[]) {
    const id = browser.newId();
    hold({ id, at: Date.now(), text, attachments });
    const first = !conversation.value;
    const source = host.page.value && first ? sourceOf(host.page.value) : undefined;
    // What the page knows stands before what was typed.
    const [page, typed] = [about.value, answers.value];
    const said =
      typed && page ? { ...typed, ...page, attributes: { ...typed.attributes, ...page.attributes } } : (typed ?? page);
    client
      .command(
        {
          do: "send",
          text,
          ...(attachments.length ? { attachments: attachments.map((each) => each.id) } : {}),
          ...(conversation.value ? { conversation_id: conversation.value.id } : {}),
          ...(source ? { source } : {}),
          ...(first && said ? { about: said } : {}),
        },
        { id, keep: true },
      )
      // `settled` has told already, or the outbox is full.
      .catch((refusal: Refusal) => refused(id, refusal));
  }

  return {
    phase,
    title: computed(() => session.value?.inbox_name ?? ""),
    settings: computed(() => session.value?.settings),
    hours,
    // Who is there when it is closed has not come to answer.
    teamOnline: computed(() => teamOnline.value && hours.value?.open !== false),
    connection,
    conversation,
    messages,
    pending,
    more,
    typing,
    about,
    answers,
    told,
    placeholder: signal(""),
    unread,
    atEnd,
    memory,
    command: client.command,
    token: () => session.value?.token ?? "",
    send,
    again(id) {
      const failed = pending.value.find((each) => each.id === id);
      letGoOf(id);
      // A new try is a new message: what it answers may be another thing by now.
      if (failed) send(failed.text, failed.attachments);
    },
    discard(id) {
      client.forget(id);
      letGoOf(id);
    },
    typed(on) {
      if (conversation.value) client.tell({ do: "typing", conversation_id: conversation.value.id, on });
    },
    older() {
      const [first] = messages.value;
      older ??= call("GET /api/visitor/history", {
        query: first ? { conversation: first.conversation_id, before: first.number } : {},
      })
        .then((history) => {
          // A snapshot came meanwhile: there may be a hole between.
          if (messages.value[0]?.id !== first?.id) return;
          messages.value = [...history.messages, ...messages.value];
          more.value = history.more;
        })
        .catch(() => {
          // The button stays; the person may try again.
        })
        .finally(() => (older = undefined));
      return older;
    },
    retry: client.retry,
  };
}
