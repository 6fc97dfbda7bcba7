/**
 * Mail addresses as people type and paste them: one, or many at once, with names around them or not.
 */
import type { Contact, ConversationRow, Message } from "@switchboard/protocol";

/** Copies of one mail, of each kind, addresses: the hub takes no more. */
export const COPIES = 30;

/** Its outline, as the hub looks at it; whether there is such a mailbox the mail finds out. */
export function isAddress(text: string): boolean {
  return (
    text.length <= 254 && /^[^\s<>()[\],;:"@]+@[^\s<>()[\],;:"@.][^\s<>()[\],;:"@]*\.[^\s<>()[\],;:"@.]+$/u.test(text)
  );
}

/** `"Jansen, Maria" <maria@example.nl>, jan@example.nl` are two. What is no address comes back as it was written. */
export function addressesIn(text: string): string[] {
  const quiet = text.replace(/"[^"]*"/gu, " ").replace(/[^<>,;\n]*<([^<>]*)>/gu, " $1 ");
  return quiet
    .split(/[\s,;]+/u)
    .map((one) => one.replace(/^mailto:/iu, "").toLowerCase())
    .filter((one) => one !== "");
}

/** With those added that are not there yet. */
export function joined(list: readonly string[], more: readonly string[]): readonly string[] {
  return [...new Set([...list, ...more])].slice(0, COPIES);
}

/**
 * To whom an answer by mail goes, as the hub has it: where the customer's last mail asks for answers, or who wrote that; what
 * programs wrote by themselves counts only where nobody else wrote, and a wish for another address not in a mail that is there
 * by its number alone. `known`: the customer, if no mail says.
 */
export function answersGoTo(
  messages: readonly Message[],
  ours: string | undefined,
  known: string | null,
): string | null {
  const mails = byTime(messages)
    .flatMap(({ mail, kind }) => (mail && kind === "in" ? [mail] : []))
    .reverse();
  const mail = mails.find((one) => one.automatic === undefined) ?? mails[0];
  const asked = [mail?.threaded === "case_number" ? undefined : mail?.reply_to, mail?.from?.address];
  const isOurs = (address: string): boolean => ours !== undefined && bare(address) === bare(ours);
  return asked.find((one) => one?.includes("@") && !isOurs(one)) ?? known;
}

/**
 * Who else is in it, that an answer might go to as well: those beside us to whom the last mail that a person sent here went,
 * and our answers to it; and the customer, if somebody else wrote it. What programs wrote by themselves names nobody.
 */
export function copiedIn(
  messages: readonly Message[],
  customer: string | null,
  without: readonly (string | null | undefined)[],
): readonly string[] {
  const said = byTime(messages).filter(({ mail, deleted_at }) => mail && !mail.automatic && deleted_at === undefined);
  const from = said.findLastIndex(({ kind }) => kind === "in");
  const mails = said.slice(Math.max(0, from)).flatMap(({ mail }) => mail ?? []);
  const people = mails.flatMap(({ to = [], cc = [] }) => [...to, ...cc]).map(({ address }) => address);
  const by = said[from]?.mail?.from;
  const all = by && customer !== null && !isOf(by.address, customer) ? [...people, customer] : people;
  const known = without.flatMap((one) => (one ? [bare(one)] : []));
  return [...new Set(all.map((one) => one.toLowerCase()).filter((one) => !known.includes(bare(one))))];
}

/** What was merged into a conversation has numbers behind what is newer. */
function byTime(messages: readonly Message[]): readonly Message[] {
  return [...messages].sort((a, b) => a.at - b.at || a.number - b.number);
}

/** As whom mails from this address name their writer, the last one first; none: they do not, or there are none. */
export function writerOf(messages: readonly Message[], address: string): string | undefined {
  const from = messages.findLast(({ mail }) => mail?.from && isOf(mail.from.address, address))?.mail?.from;
  return from?.name;
}

/** Whether it is one of the customer's own. Of one who is not known yet nothing is said against it. */
export function isCustomers(address: string, contact: Contact | undefined): boolean {
  if (!contact) return true;
  const own = [contact.email, ...contact.identities.map((one) => one.address)];
  return own.some((one) => one !== null && isOf(one, address));
}

/** Whether it is this mailbox, with whatever after a plus. */
export function isOf(address: string, mailbox: string): boolean {
  return bare(address) === bare(mailbox);
}

/** Without what stands after a plus: `help+token@shop.example` is our `help@shop.example`. */
function bare(address: string): string {
  const [name = "", domain = ""] = address.toLowerCase().split("@");
  return `${name.split("+")[0]}@${domain}`;
}

/** The subject that the hub writes over an answer, unless it is given another. */
export function subjectOfAnswer({ subject, case_number }: Pick<ConversationRow, "subject" | "case_number">): string {
  return subject === null ? `[${case_number}]` : `Re: ${subject} [${case_number}]`;
}
