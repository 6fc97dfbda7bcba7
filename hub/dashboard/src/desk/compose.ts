/**
 * Writing: drafts per conversation, sending with what may come of it, and the typing signal.
 *
 * A message is kept while there is no connection (the socket client's outbox). A refusal leaves it in the thread with its
 * reason, from where it can be sent again or taken back into the field.
 */
import { type ReadonlySignal, signal } from "@preact/signals";
import { type ApiError, type Attachment, type ConversationId, TYPING_REPEAT_MS } from "@switchboard/protocol";
import { apiError } from "../net/errors";
import { nothingTouched, type Pending } from "../state/model";
import { addPending, changePending, dropPending } from "../state/optimistic";
import type { Core } from "./core";

export interface Draft {
  readonly text: string;
  readonly note: boolean;
}

/** A reply that was held back because a colleague's stands before it. */
export interface HeldBack {
  readonly conversationId: ConversationId;
  readonly clientId: string;
  /** Numbers of the replies that were not seen. */
  readonly unseen: readonly number[];
}

export interface Compose {
  readonly heldBack: ReadonlySignal<HeldBack | null>;
  /** Changes whenever a draft is put into the field from outside, so that the field takes it. */
  readonly restored: ReadonlySignal<number>;
  draft(id: ConversationId): Draft;
  hasDraft(id: ConversationId): boolean;
  setDraft(id: ConversationId, draft: Draft): void;
  /** `seen`: number of the last message that stands on the screen. */
  send(id: ConversationId, note: boolean, text: string, attachments: readonly Attachment[], seen: number): void;
  /** Sends a failed one, or one that was held back, again. */
  again(id: ConversationId, clientId: string, over: boolean): void;
  /** Takes it out of the thread and back into the field. */
  edit(id: ConversationId, clientId: string): void;
  discard(id: ConversationId, clientId: string): void;
  typing(id: ConversationId, on: boolean, note: boolean): void;
}

const EMPTY: Draft = { text: "", note: false };
const KEY = "switchboard.draft.";

export function makeCompose(core: Core): Compose {
  const heldBack = signal<HeldBack | null>(null);
  const restored = signal(0);
  const drafts = new Map<ConversationId, Draft>();
  const seenBy = new Map<string, number>();
  const typing = makeTyping(core);

  function setDraft(id: ConversationId, draft: Draft): void {
    drafts.set(id, draft);
    try {
      if (draft.text === "") core.storage.removeItem(KEY + id);
      else core.storage.setItem(KEY + id, JSON.stringify(draft));
    } catch {
      // A full or forbidden storage costs the draft's surviving a reload, not the draft.
    }
  }

  async function deliver(pending: Pending, over: boolean): Promise<void> {
    const { conversationId: id, clientId, text, note } = pending;
    const attachments = pending.attachments.map((one) => one.id);
    const live = core.socket.state.status === "live";
    core.publish(addPending(core.state, { ...pending, state: { kind: live ? "sending" : "kept" } }));
    try {
      await core.socket.command(
        note
          ? { do: "note", conversation_id: id, text, attachments }
          : { do: "reply", conversation_id: id, text, attachments, seen: seenBy.get(clientId) ?? 0, over },
        { id: clientId, keep: true },
      );
      seenBy.delete(clientId);
    } catch (cause) {
      refused(id, clientId, apiError(cause));
    }
  }

  function refused(id: ConversationId, clientId: string, error: ApiError): void {
    core.publish(changePending(core.state, id, clientId, { kind: "failed", error }));
    if (error.code === "reply_unseen") heldBack.value = { conversationId: id, clientId, unseen: error.unseen ?? [] };
  }

  function take(id: ConversationId, clientId: string): Pending | undefined {
    const pending = dropPending(core.state, id, clientId);
    const touched = nothingTouched();
    touched.threads.add(id);
    core.publish(touched);
    if (heldBack.value?.clientId === clientId) heldBack.value = null;
    return pending;
  }

  return {
    heldBack,
    restored,
    draft: (id) => drafts.get(id) ?? stored(core, id),
    hasDraft: (id) => (drafts.get(id) ?? stored(core, id)).text.trim() !== "",
    setDraft,
    send(id, note, text, attachments, seen) {
      const pending: Pending = {
        clientId: core.newId(),
        conversationId: id,
        note,
        text,
        attachments,
        at: core.clock(),
        state: { kind: "sending" },
      };
      seenBy.set(pending.clientId, seen);
      setDraft(id, { text: "", note });
      typing.stop();
      void deliver(pending, false);
    },
    again(id, clientId, over) {
      const pending = take(id, clientId);
      if (!pending) return;
      // A refused id is answered the same again: a new try is a new message.
      const next = { ...pending, clientId: core.newId() };
      seenBy.set(next.clientId, core.state.threads.get(id)?.messages.at(-1)?.number ?? seenBy.get(clientId) ?? 0);
      void deliver(next, over);
    },
    edit(id, clientId) {
      const pending = take(id, clientId);
      if (!pending) return;
      const before = drafts.get(id)?.text ?? "";
      setDraft(id, { text: before.trim() === "" ? pending.text : `${pending.text}\n\n${before}`, note: pending.note });
      restored.value += 1;
    },
    discard: (id, clientId) => void take(id, clientId),
    typing: typing.keys,
  };
}

function stored(core: Core, id: ConversationId): Draft {
  try {
    const text = core.storage.getItem(KEY + id);
    return text === null ? EMPTY : (JSON.parse(text) as Draft);
  } catch {
    return EMPTY;
  }
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
