/**
 * Writing first: to one customer, or the same to several, of whom each gets a conversation of their own. What is written
 * stays while the page lives, also when the dialog is closed. It goes under one key until the hub has answered: who presses
 * "Send" again because the line was cut begins nothing twice.
 */
import { type Signal, signal } from "@preact/signals";
import type {
  Attachment,
  ContactId,
  ConversationId,
  InboxId,
  NotStartedReason,
  ReplyMail,
  SearchHit,
  StartConversations,
  StartTo,
} from "@switchboard/protocol";
import type { Core } from "./core";

/** Files of the message are kept under this in place of a conversation's id. */
export const NEW_MESSAGE: ConversationId = "new";

/** Somebody to write to. */
export interface Recipient {
  readonly to: StartTo;
  /** A name, or the address. */
  readonly shown: string;
}

export interface StartDraft {
  /** None: the first that can write first. */
  readonly inbox: InboxId | null;
  readonly to: readonly Recipient[];
  readonly text: string;
  readonly mail: ReplyMail;
}

export interface Missed {
  readonly recipient: Recipient;
  readonly why: NotStartedReason;
}

export interface StartOutcome {
  readonly started: readonly ConversationId[];
  /** They are still in the draft, to be corrected or taken out. */
  readonly missed: readonly Missed[];
}

export interface Starting {
  readonly draft: Signal<StartDraft>;
  /** Customers whose name or address has these words. */
  find(words: string, signal: AbortSignal): Promise<readonly Found[]>;
  send(inbox: InboxId, attachments: readonly Attachment[], asMail: boolean): Promise<StartOutcome>;
}

export interface Found {
  readonly id: ContactId;
  readonly hit: SearchHit;
}

const EMPTY: StartDraft = { inbox: null, to: [], text: "", mail: {} };

export function makeStarting(core: Pick<Core, "api" | "newId">): Starting {
  const draft = signal(EMPTY);
  /** What was sent and not answered. */
  let tried: { readonly key: string; readonly body: string } | null = null;

  return {
    draft,
    async find(words, signal) {
      const { hits } = await core.api("GET /api/search", { query: { q: words }, signal });
      const found = new Map<ContactId, Found>();
      // A conversation that only speaks of it is somebody else's.
      for (const hit of hits.filter((one) => one.message === null || isNamed(one, words))) {
        const { id } = hit.conversation.contact;
        if (!found.has(id)) found.set(id, { id, hit });
      }
      return [...found.values()];
    },
    async send(inbox, attachments, asMail) {
      const { to, text, mail } = draft.value;
      const body: StartConversations = {
        inbox_id: inbox,
        to: to.map((one) => one.to),
        text: text.trim(),
        attachments: attachments.map(({ id }) => id),
        ...(asMail ? { mail } : {}),
      };
      const said = JSON.stringify(body);
      tried = tried?.body === said ? tried : { key: core.newId(), body: said };
      const answer = await core.api("POST /api/conversations", { body, idempotencyKey: tried.key });
      tried = null;
      const missed = answer.not_started.flatMap(({ to: place, why }) => {
        const recipient = to[place];
        return recipient ? [{ recipient, why }] : [];
      });
      draft.value =
        missed.length === 0 ? { ...EMPTY, inbox } : { ...draft.value, to: missed.map(({ recipient }) => recipient) };
      return { started: answer.started.map((one) => one.conversation_id), missed };
    },
  };
}

function isNamed({ conversation }: SearchHit, words: string): boolean {
  return (conversation.contact.name ?? "").toLocaleLowerCase().includes(words.trim().toLocaleLowerCase());
}

/** `Sam Lee <sam@example.com>`, `sam@example.com`, `Sam <+31 6 12345678>`, `06 12345678`; null: it is no address. */
export function recipientIn(text: string): Recipient | null {
  const [, name = "", inner] = /^([^<>]*)<([^<>]+)>\s*$/u.exec(text) ?? [];
  const address = (inner ?? text).trim();
  if (!address.includes("@") && !/^[+(]?\d[\d\s().-]{4,}$/u.test(address)) return null;
  const called = name.replace(/["']/gu, "").trim();
  const to: StartTo = called === "" ? { kind: "address", address } : { kind: "address", address, name: called };
  return { to, shown: called === "" ? address : `${called} <${address}>` };
}

/** One is there once, whatever it is called. */
export function withRecipients(list: readonly Recipient[], more: readonly Recipient[]): readonly Recipient[] {
  const keyOf = ({ to }: Recipient) => (to.kind === "contact" ? to.contact_id : to.address.toLowerCase());
  const known = new Set(list.map(keyOf));
  return [...list, ...more.filter((one) => !known.has(keyOf(one)) && known.add(keyOf(one)))];
}
