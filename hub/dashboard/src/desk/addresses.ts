/**
 * Mail addresses as people type and paste them: one, or many at once, with names around them or not.
 */
import type { ConversationRow, Message } from "@switchboard/protocol";

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
 * programs wrote by themselves counts only where nobody else wrote. `known`: the customer, if no mail says.
 */
export function answersGoTo(
  messages: readonly Message[],
  ours: string | undefined,
  known: string | null,
): string | null {
  const mails = messages.flatMap(({ mail, kind }) => (mail && kind === "in" ? [mail] : [])).reverse();
  const mail = mails.find((one) => one.automatic === undefined) ?? mails[0];
  const asked = [mail?.reply_to, mail?.from?.address];
  const isOurs = (address: string): boolean => ours !== undefined && bare(address) === bare(ours);
  return asked.find((one) => one?.includes("@") && !isOurs(one)) ?? known;
}

/**
 * Who else was in the last mail, that an answer might go to as well: those beside us to whom it went, and the customer, if
 * somebody else wrote it.
 */
export function copiedIn(
  messages: readonly Message[],
  customer: string | null,
  without: readonly (string | null | undefined)[],
): readonly string[] {
  const last = messages.filter(({ mail, deleted_at }) => mail && deleted_at === undefined).pop()?.mail;
  const theirs = last?.from && customer !== null && bare(last.from.address) !== bare(customer) ? [customer] : [];
  const all = [...(last?.to ?? []), ...(last?.cc ?? [])].map(({ address }) => address).concat(theirs);
  const known = without.flatMap((one) => (one ? [bare(one)] : []));
  return [...new Set(all.map((one) => one.toLowerCase()).filter((one) => !known.includes(bare(one))))];
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
