/** Who wrote each message of a thread: an agent, the conversation's contact, or another who writes mails into it. */
import type { Contact, ContactId, ConversationRow, Message } from "@switchboard/protocol";
import type { MessageAuthor } from "@switchboard/ui/message-item";
import type { House } from "../desk/core";
import { authorName } from "../words";

/**
 * What the customer is known by here. A message is by the card that its writer had then; of merged cards one may see a part
 * alone, under the id of the whole, and that part's own id stands nowhere: it is known by its addresses.
 */
interface Own {
  readonly cards: ReadonlySet<ContactId>;
  readonly addresses: ReadonlySet<string>;
}

export function ownOf(row: ConversationRow, contact: Contact | undefined): Own {
  const { merged = [], identities = [] } = contact ?? {};
  return {
    cards: new Set([row.contact.id, ...merged.map((one) => one.id)]),
    addresses: new Set(identities.flatMap(({ address }) => (address === null ? [] : [address.toLowerCase()]))),
  };
}

/** Of several who write mails here only one is the conversation's contact. */
function isAnother({ author, mail }: Message, own: Own): boolean {
  if (author.kind !== "contact" || mail?.from === undefined) return false;
  return !own.cards.has(author.id) && !own.addresses.has(mail.from.address.toLowerCase());
}

function authorId(message: Message, row: ConversationRow, own: Own): string {
  const { author } = message;
  if (author.kind === "contact") return isAnother(message, own) ? author.id : row.contact.id;
  return author.kind === "system" ? "" : author.id;
}

export function groupOf(message: Message, row: ConversationRow, own: Own) {
  return { authorId: authorId(message, row, own), note: message.kind === "note", at: message.at };
}

export function authorOf(message: Message, row: ConversationRow, own: Own, house: House): MessageAuthor {
  const { author, mail } = message;
  const kind = author.kind === "system" ? "bot" : author.kind;
  const another = isAnother(message, own) ? mail?.from : undefined;
  const name = another ? (another.name ?? another.address) : authorName(author, row, house);
  return { kind, id: authorId(message, row, own), name };
}
