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

/** To whom an answer by mail goes: where the customer's last mail asked for answers, or else to the customer. */
export function answersGoTo(messages: readonly Message[], address: string | null): string | null {
  const theirs = messages.filter(
    ({ mail }) => mail?.from && (address === null || sameAddress(mail.from.address, address)),
  );
  const last = theirs[theirs.length - 1]?.mail;
  return last?.reply_to ?? address ?? last?.from?.address ?? null;
}

/** Who else was in the last mail, that an answer might go to as well. */
export function copiedIn(
  messages: readonly Message[],
  without: readonly (string | null | undefined)[],
): readonly string[] {
  const last = messages.filter(({ mail, deleted_at }) => mail && deleted_at === undefined).pop()?.mail;
  const all = [...(last?.to ?? []), ...(last?.cc ?? []), ...(last?.from ? [last.from] : [])];
  const known = without.flatMap((one) => (one ? [bare(one)] : []));
  const others = all.map(({ address }) => address.toLowerCase()).filter((one) => !known.includes(bare(one)));
  return [...new Set(others)];
}

function sameAddress(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
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
