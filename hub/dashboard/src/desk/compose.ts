/**
 * Writing: drafts per conversation, sending with what may come of it, and the typing signal.
 *
 * A reply answers what its writer had seen when they began it. What a colleague sends to the customer after that is asked
 * about before the reply goes out, also if it stands on the screen by then: eyes on a text of one's own do not see it.
 *
 * A message is kept while there is no connection (the socket client's outbox). A refusal leaves it in the thread with its
 * reason, from where it can be sent again or taken back into the field. All of it outlives the page: what was written and
 * is not an event yet stands there again after a reload, also when the refusal has come only then.
 */
import { type ReadonlySignal, signal } from "@preact/signals";
import {
  type AfterReply,
  type AgentCommand,
  type AgentId,
  type ApiError,
  type Attachment,
  type ConversationId,
  type HeldReply,
  type Kept,
  type ReplyMail,
  type Settled,
  TYPING_REPEAT_MS,
} from "@switchboard/protocol";
import { apiError } from "../net/errors";
import { nothingTouched, type Pending, type PendingState } from "../state/model";
import { addPending, changePending, dropPending } from "../state/optimistic";
import type { Core } from "./core";
import { shelf } from "./shelf";

export interface Draft {
  readonly text: string;
  readonly note: boolean;
  /** Of an answer: number of the message that it points at. */
  readonly answers?: number;
  /** Of an answer: copies, a subject of its own, formatting, where the channel has them. */
  readonly mail?: ReplyMail;
  /** Of a note that is sent: colleagues whom it names. */
  readonly mentions?: readonly AgentId[];
}

/** A draft as it is kept. */
interface Begun extends Draft {
  /** Number of the last message that the writer had seen when they began. */
  readonly seen?: number;
}

/** A reply that was held back because a colleague's stands before it. */
export interface HeldBack {
  readonly mine: Pending;
  /** Numbers of the replies that were not seen. */
  readonly unseen: readonly number[];
}

/** The one to decide about first, of what was written in a conversation and is not sent. */
export function heldBackOf(pending: readonly Pending[]): HeldBack | null {
  for (const mine of pending) {
    if (mine.state.kind === "failed" && mine.state.error.code === "reply_unseen")
      return { mine, unseen: mine.state.error.unseen ?? [] };
  }
  return null;
}

/** Something that was written there and that the hub did not take. */
function refusedOf(pending: readonly Pending[]): ApiError | null {
  for (const { state } of pending) if (state.kind === "failed") return state.error;
  return null;
}

/** The hub is to hold an answer before it goes out. */
export interface Hold {
  readonly seconds: number;
  /** It does, under this id. */
  onHeld(clientId: string): void;
}

export interface Compose {
  /** Where something was written that the hub did not take, which waits to be decided about. */
  readonly unsent: ReadonlySignal<ReadonlyMap<ConversationId, ApiError>>;
  /** Changes whenever a draft is put into the field from outside, so that the field takes it. */
  readonly restored: ReadonlySignal<number>;
  /** Changes whenever a draft was written on in another tab. */
  readonly followed: ReadonlySignal<number>;
  draft(id: ConversationId): Draft;
  hasDraft(id: ConversationId): boolean;
  setDraft(id: ConversationId, draft: Draft): void;
  /** What was begun in one conversation stands in the other, if nothing does there. */
  carry(from: ConversationId, to: ConversationId): void;
  /** What is written next answers the message of this number; none: it answers none in particular. */
  answer(id: ConversationId, number: number | undefined): void;
  /** Messages up to this number have stood before the reader's eyes. */
  saw(id: ConversationId, number: number): void;
  /** Whether the hub took it, once that is known: of what is kept for a connection when it has come. */
  send(
    id: ConversationId,
    draft: Draft,
    attachments: readonly Attachment[],
    after?: AfterReply,
    hold?: Hold,
  ): Promise<boolean>;
  /** An answer of one's own that is held does not go out, and stands in the field again; or why not. */
  takeBack(id: ConversationId, clientId: string): Promise<ApiError | null>;
  /** Sends a failed one, or one that was held back, again; whether the hub took it, as of `send`. */
  again(id: ConversationId, clientId: string, over: boolean): Promise<boolean>;
  /** Takes it out of the thread and back into the field. */
  edit(id: ConversationId, clientId: string): void;
  discard(id: ConversationId, clientId: string): void;
  typing(id: ConversationId, on: boolean, note: boolean): void;
  /** Takes in what an earlier page left, and hears what becomes of it. */
  start(): () => void;
}

const EMPTY: Draft = { text: "", note: false };

/** Nothing was written that would be missed. */
function isBlank({ text, mail }: Draft): boolean {
  return text === "" && !mail?.cc?.length && !mail?.bcc?.length && mail?.subject === undefined && !mail?.answers_to;
}

/** Without what is empty; the hub takes nothing of the kind with a note. */
function mailOf({ note, mail }: Draft): { mail?: ReplyMail } {
  const said = Object.entries(mail ?? {}).filter(([, part]) => part !== undefined && part.length > 0);
  return note || said.length === 0 ? {} : { mail: Object.fromEntries(said) };
}

/** A note answers nothing. */
function answersOf({ note, answers }: Pick<Draft, "note" | "answers">): { answers?: number } {
  return note || answers === undefined ? {} : { answers };
}

/** An answer names nobody. */
function mentionsOf({ note, mentions }: Pick<Draft, "note" | "mentions">): { mentions?: AgentId[] } {
  return note && mentions?.length ? { mentions: [...mentions] } : {};
}

/** `giveBack` puts the files of a message that is written anew into its draft again. */
export function makeCompose(
  core: Core,
  giveBack: (id: ConversationId, attachments: readonly Attachment[]) => void,
): Compose {
  const restored = signal(0);
  const followed = signal(0);
  const drafts = new Map<ConversationId, Begun>();
  const seen = new Map<ConversationId, number>();
  const typing = makeTyping(core);
  const keptDrafts = shelf<Begun>(core, "switchboard.draft", core.state.me);
  /** What was written and has not been seen as an event. */
  const keptUnsent = shelf<Pending>(core, "switchboard.unsent", core.state.me);
  const unsent = signal<ReadonlyMap<ConversationId, ApiError>>(new Map());

  core.onPublished(() => {
    const refused = [...core.state.pending].flatMap(([id, list]) => {
      const error = refusedOf(list);
      return error ? [[id, error] as const] : [];
    });
    const before = unsent.value;
    const same = refused.length === before.size && refused.every(([id, error]) => before.get(id) === error);
    if (!same) unsent.value = new Map(refused);
  });

  function draftOf(id: ConversationId): Begun {
    const known = drafts.get(id) ?? keptDrafts.get(id) ?? EMPTY;
    drafts.set(id, known);
    return known;
  }

  /** What a reply that is begun now answers. */
  function seenNow(id: ConversationId): number {
    return seen.get(id) ?? core.rowNow(id)?.read_number ?? 0;
  }

  function lastOf(id: ConversationId): number {
    return core.state.threads.get(id)?.messages.at(-1)?.number ?? seenNow(id);
  }

  function setDraft(id: ConversationId, { text, note, answers, mail }: Draft): void {
    const before = draftOf(id);
    const begun = before.text === "" ? undefined : before.seen;
    const draft: Draft = { text, note, ...(answers === undefined ? {} : { answers }), ...(mail ? { mail } : {}) };
    keepDraft(id, text === "" ? draft : { ...draft, seen: begun ?? seenNow(id) });
  }

  function keepDraft(id: ConversationId, draft: Begun): void {
    drafts.set(id, draft);
    if (isBlank(draft)) keptDrafts.remove(id);
    else keptDrafts.put(id, draft);
  }

  /** The same draft stands in all tabs, and goes from all when it is sent; unless it was written on here meanwhile. */
  function follow(id: ConversationId, before: Begun | undefined, after: Begun | undefined): void {
    const mine = drafts.get(id);
    // Never looked at here: it is read when it is.
    if (!mine || mine.text !== (before?.text ?? "")) return;
    drafts.set(id, after ?? { text: "", note: mine.note });
    followed.value += 1;
  }

  async function deliver(pending: Pending, upto: number, over: boolean, holding?: Hold): Promise<boolean> {
    const { conversationId: id, clientId, text, note, mail, after, hold } = pending;
    const attachments = pending.attachments.map((one) => one.id);
    const live = core.socket.state.status === "live";
    const shown: Pending = { ...pending, state: { kind: live ? "sending" : "kept" } };
    keptUnsent.put(clientId, shown);
    core.publish(addPending(core.state, shown));
    try {
      const done = await core.socket.command(
        note
          ? { do: "note", conversation_id: id, text, attachments, ...mentionsOf(pending) }
          : {
              do: "reply",
              conversation_id: id,
              text,
              attachments,
              seen: upto,
              over,
              ...answersOf(pending),
              ...(mail ? { mail } : {}),
              ...(after ? { after } : {}),
              ...(hold ? { hold } : {}),
            },
        { id: clientId, keep: true },
      );
      keptUnsent.remove(clientId);
      if (done.held_until !== undefined) holding?.onHeld(clientId);
      // It was held before and has been taken back: nothing of it comes.
      else if (hold && done.number === undefined) take(id, clientId);
      return true;
    } catch (cause) {
      refused(id, clientId, apiError(cause));
      return false;
    }
  }

  function refused(id: ConversationId, clientId: string, error: ApiError): void {
    const state: PendingState = { kind: "failed", error };
    core.publish(changePending(core.state, id, clientId, state));
    const mine = core.state.pending.get(id)?.find((one) => one.clientId === clientId);
    if (mine) keptUnsent.put(clientId, mine);
  }

  /** Of this page's and of earlier ones' messages. */
  function settled({ id: clientId, command, error }: Settled<"agent">): void {
    if (command.do !== "reply" && command.do !== "note") return;
    if (error) refused(command.conversation_id, clientId, error);
    else keptUnsent.remove(clientId);
  }

  function takeIn(): void {
    const waits = new Map(core.socket.outbox.map((one) => [one.id, one]));
    for (const left of keptUnsent.all()) {
      const waiting = waits.delete(left.clientId);
      // Neither waiting nor refused: another tab has sent it.
      if (waiting) core.publish(addPending(core.state, { ...left, state: { kind: "kept" } }));
      else if (left.state.kind === "failed") core.publish(addPending(core.state, left));
      else keptUnsent.remove(left.clientId);
    }
    for (const kept of waits.values()) {
      const pending = pendingOf(kept);
      if (pending) core.publish(addPending(core.state, pending));
    }
  }

  function take(id: ConversationId, clientId: string): Pending | undefined {
    const pending = dropPending(core.state, id, clientId);
    keptUnsent.remove(clientId);
    const touched = nothingTouched();
    touched.threads.add(id);
    core.publish(touched);
    return pending;
  }

  function isMine(one: HeldReply, clientId: string): boolean {
    return one.by === core.state.me && one.client_id === clientId;
  }

  /** Before what stands in the field already. */
  function putBack(id: ConversationId, written: Draft, files: readonly Attachment[]): void {
    const before = draftOf(id);
    const more = before.text.trim() !== "";
    const text = more ? `${written.text}\n\n${before.text}` : written.text;
    const mail = withoutFormat(written.mail ?? before.mail, more);
    const answers = written.answers === undefined ? answersOf(before) : answersOf(written);
    keepDraft(id, { text, note: written.note, ...answers, ...(mail ? { mail } : {}), seen: lastOf(id) });
    giveBack(id, files);
    restored.value += 1;
  }

  return {
    restored,
    followed,
    unsent,
    draft: draftOf,
    hasDraft: (id) => draftOf(id).text.trim() !== "",
    setDraft,
    carry(from, to) {
      const { answers: _, seen: __, ...begun } = draftOf(from);
      if (isBlank(begun) || !isBlank(draftOf(to))) return;
      keepDraft(to, begun);
      keepDraft(from, EMPTY);
      restored.value += 1;
    },
    answer(id, number) {
      const { answers: _, ...draft } = draftOf(id);
      keepDraft(id, number === undefined ? draft : { ...draft, note: false, answers: number });
      restored.value += 1;
    },
    saw: (id, number) => void seen.set(id, Math.max(number, seen.get(id) ?? 0)),
    send(id, draft, attachments, after, hold) {
      const { note, text } = draft;
      const pending: Pending = {
        clientId: core.newId(),
        conversationId: id,
        note,
        text,
        attachments,
        ...answersOf(draft),
        ...mailOf(draft),
        ...mentionsOf(draft),
        ...(after && !note ? { after } : {}),
        ...(hold && !note ? { hold: hold.seconds } : {}),
        at: core.clock(),
        state: { kind: "sending" },
      };
      const upto = draftOf(id).seen ?? seenNow(id);
      setDraft(id, { text: "", note });
      typing.stop();
      return deliver(pending, upto, false, hold);
    },
    async again(id, clientId, over) {
      const pending = take(id, clientId);
      if (!pending) return false;
      // What it answers now may be another thing: a new try is a new message. Who presses twice has thought about it: nothing holds it.
      const { hold: _, ...tried } = pending;
      const next = { ...tried, clientId: core.newId() };
      return deliver(next, lastOf(id), over);
    },
    edit(id, clientId) {
      const pending = take(id, clientId);
      if (pending) putBack(id, pending, pending.attachments);
    },
    async takeBack(id, clientId) {
      let held = core.state.threads.get(id)?.held?.find((one) => isMine(one, clientId));
      try {
        // Of a thread that is not held here any more: its words are the hub's to give, before it gives them up.
        held ??= (await core.api("GET /api/conversations/{id}", { id })).held?.find((one) => isMine(one, clientId));
        await core.socket.command({ do: "take_back", client_id: clientId });
      } catch (cause) {
        return apiError(cause);
      }
      if (held) putBack(id, { ...held, note: false }, held.attachments ?? []);
      return null;
    },
    discard: (id, clientId) => void take(id, clientId),
    typing: typing.keys,
    start() {
      takeIn();
      const stops = [core.socket.on("settled", settled), keptDrafts.elsewhere(follow)];
      return () => {
        for (const stop of stops) stop();
      };
    },
  };
}

/** Formatting is of one text: it goes when that is joined with another. */
function withoutFormat(mail: ReplyMail | undefined, joined: boolean): ReplyMail | undefined {
  if (!mail || !joined) return mail;
  const { html: _, ...rest } = mail;
  return rest;
}

/** A message that waits in the outbox and of which nothing else was kept. */
function pendingOf({ id, at, command }: Kept<"agent">): Pending | null {
  const written: AgentCommand = command;
  if (written.do !== "reply" && written.do !== "note") return null;
  return {
    clientId: id,
    conversationId: written.conversation_id,
    note: written.do === "note",
    text: written.text,
    attachments: [],
    ...(written.do === "reply" && written.answers !== undefined ? { answers: written.answers } : {}),
    ...(written.do === "reply" && written.mail ? { mail: written.mail } : {}),
    ...(written.do === "reply" && written.after ? { after: written.after } : {}),
    ...(written.do === "reply" && written.hold ? { hold: written.hold } : {}),
    ...(written.do === "note" && written.mentions ? { mentions: written.mentions } : {}),
    at,
    state: { kind: "kept" },
  };
}

/** Says that keys are pressed, again while they are, and stops by itself a moment after the last one. */
function makeTyping(core: Core): { keys(id: ConversationId, on: boolean, note: boolean): void; stop(): void } {
  let told: { id: ConversationId; note: boolean; at: number } | null = null;
  let cancel: (() => void) | null = null;

  function stop(): void {
    cancel?.();
    cancel = null;
    if (told) core.socket.tell({ do: "typing", conversation_id: told.id, on: false, note: told.note });
    told = null;
  }

  return {
    stop,
    keys(id, on, note) {
      if (!on) return stop();
      if (told && (told.id !== id || told.note !== note)) stop();
      const now = core.clock();
      if (!told || now - told.at >= TYPING_REPEAT_MS) {
        core.socket.tell({ do: "typing", conversation_id: id, on: true, note });
        told = { id, note, at: now };
      }
      cancel?.();
      cancel = core.later(stop, TYPING_REPEAT_MS);
    },
  };
}
