/**
 * Writing first: to one customer, or the same to several, of whom each gets a conversation of their own. What is written
 * outlives the dialog and the page, and so does the inbox that was last chosen. It goes under one key until the hub has answered: who presses
 * "Send" again because the line was cut begins nothing twice.
 */
import { type Signal, signal } from "@preact/signals";
import {
  type Attachment,
  type Contact,
  type ContactId,
  type ConversationId,
  type Inbox,
  type InboxId,
  type NotStartedReason,
  type ReplyMail,
  type SearchHit,
  START_RECIPIENTS,
  type StartConversations,
  type StartTo,
} from "@switchboard/protocol";
import { isAddress } from "./addresses";
import type { Core } from "./core";
import type { Shelf } from "./shelf";

/** Files of the message are kept under this in place of a conversation's id. */
export const NEW_MESSAGE: ConversationId = "new";

/** Somebody to write to. */
export interface Recipient {
  readonly to: StartTo;
  /** A name, or the address. */
  readonly shown: string;
  /** Of a customer: where they can be reached, if that is known. */
  readonly known?: Known;
}

export interface Known {
  /** Inboxes in which they have an address. */
  readonly inboxes: readonly InboxId[];
  readonly email: string | null;
  readonly phone: string | null;
}

export interface StartDraft {
  /** The one last chosen; none: the first that can write first. */
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

export function makeStarting(core: Pick<Core, "api" | "newId">, kept: Shelf<StartDraft>): Starting {
  const draft = signal(kept.get(NEW_MESSAGE) ?? EMPTY);
  draft.subscribe((now) => {
    if (now !== EMPTY) kept.put(NEW_MESSAGE, now);
  });
  // Sent, or written on, in another tab; unless something else is being written here.
  kept.elsewhere((_, before, after) => {
    if (isSame(draft.value, before ?? EMPTY)) draft.value = after ?? EMPTY;
  });
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

/** Whether more mails would go out than the hub sends at once: each recipient's has all copies, seen and hidden. */
export function hasTooManyCopies({ to, mail: { cc = [], bcc = [] } }: Pick<StartDraft, "to" | "mail">): boolean {
  const copies = cc.length + bcc.length;
  return copies > 0 && to.length * (1 + copies) > START_RECIPIENTS;
}

function isSame(one: StartDraft, other: StartDraft): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

function isNamed({ conversation }: SearchHit, words: string): boolean {
  const { name, address } = conversation.contact;
  return (name ?? address ?? "").toLocaleLowerCase().includes(words.trim().toLocaleLowerCase());
}

/** `Sam Lee <sam@example.com>`, `sam@example.com`, `Sam <+31 6 12345678>`, or whatever was written; null: nothing was. */
export function recipientIn(text: string): Recipient | null {
  const [, name = "", inner] = /^([^<>]*)<([^<>]+)>\s*$/u.exec(text) ?? [];
  const address = (inner ?? text).trim();
  if (address === "") return null;
  const called = name.replace(/["']/gu, "").trim();
  const to: StartTo = called === "" ? { kind: "address", address } : { kind: "address", address, name: called };
  return { to, shown: called === "" ? address : `${called} <${address}>` };
}

/** Many at once, as they are pasted: a comma in a name that is quoted parts nothing, and a space only whole mail addresses. */
export function recipientsIn(text: string): readonly Recipient[] {
  const pieces = text.split(/[,;\n]+(?=(?:[^"]*"[^"]*")*[^"]*$)/u).flatMap((piece) => {
    const words = piece.trim().split(/\s+/u);
    return words.every(isAddress) ? words : [piece];
  });
  return pieces.flatMap((piece) => recipientIn(piece) ?? []);
}

type From = Pick<Inbox, "id" | "channel" | "address" | "carries">;

/** A gateway that calls people by ids of its own: any word may be one. */
export function takesAnyAddress({ channel, carries }: Pick<From, "channel" | "carries">): boolean {
  return channel === "gateway" && !carries?.segments;
}

/** Why this cannot be written to from there, as far as it can be seen before the hub looks. Null: nothing is against it. */
export function whyNotTo({ to, known }: Recipient, from: From): "not_an_address" | "no_address" | null {
  if (to.kind === "address") return isAddressAt(to.address, from) ? null : "not_an_address";
  if (!known || known.inboxes.includes(from.id)) return null;
  const address = from.channel === "email" ? known.email : known.phone;
  return address !== null && isAddressAt(address, from) ? null : "no_address";
}

/** The first who cannot be written to from there. */
export function cannotReach(list: readonly Recipient[], from: From): Missed | null {
  for (const recipient of list) {
    const why = whyNotTo(recipient, from);
    if (why !== null) return { recipient, why };
  }
  return null;
}

/** Its outline; whether there is such a number the hub knows. */
function isAddressAt(address: string, from: From): boolean {
  if (from.channel === "email") return isAddress(address);
  if (takesAnyAddress(from)) return true;
  const digits = address.replace(/\D/gu, "").length;
  if (digits < 5 || digits > 17 || !/^(?:tel:)?[+(]?\d[\d\s()./-]*$/u.test(address)) return false;
  // Without a country of ours a number has to name its own.
  const abroad = /^(?:tel:)?(?:\+|00)/u.test(address) || (from.channel === "gateway" && /^[1-9]\d{7,}$/u.test(address));
  return abroad || from.address?.startsWith("+") === true;
}

/** Where a customer can be reached, to be told apart from where not. */
export function knownOf({ identities, email, phone }: Contact): Known {
  const inboxes = identities.flatMap(({ address, inbox_id }) => (address === null ? [] : [inbox_id]));
  return { inboxes: [...new Set(inboxes)], email, phone };
}

/** One is there once, whatever it is called. */
export function withRecipients(list: readonly Recipient[], more: readonly Recipient[]): readonly Recipient[] {
  const known = new Set(list.map(keyOf));
  return [...list, ...more.filter((one) => !known.has(keyOf(one)) && known.add(keyOf(one)))];
}

export function keyOf({ to }: Recipient): string {
  return to.kind === "contact" ? to.contact_id : to.address.toLowerCase();
}
