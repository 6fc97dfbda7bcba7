/** Names and errors as sentences: what screens say of people, conversations and of what went wrong. */
import {
  type AgentId,
  type ApiError,
  ATTACHMENT_BYTES,
  type Author,
  type BotId,
  type ConversationRow,
  type Delivery,
  type FieldError,
  type Inbox,
  MESSAGE_TEXT_CHARS,
} from "@switchboard/protocol";
import { bytes } from "@switchboard/ui/i18n";
import { t } from "@switchboard/ui/i18n/desk";
import { locale } from "@switchboard/ui/ticker";
import { span } from "@switchboard/ui/time";
import type { House } from "./desk/core";

/** The contact's name, or their address, or one that the page makes. */
export function contactName(row: Pick<ConversationRow, "contact" | "number">): string {
  return row.contact.name ?? row.contact.address ?? t("people.visitor", { number: String(row.number) });
}

/** What the hub is asked for: it knows a visitor's number, not the name that the page makes of it. */
export function searched(words: string): string {
  const name = new RegExp(t("people.visitor", { number: "(\\d+)" }), "giu");
  return words.replace(name, "$1");
}

/** Somebody who is not (or no longer) known here still did what they did. */
export function agentName(house: House, id: AgentId): string {
  return house.agents.get(id)?.name ?? t("people.hub");
}

/** A bot that is not there any more wrote what it wrote all the same. */
export function botName(house: House, id: BotId): string {
  return house.bots.get(id)?.name ?? t("author.bot");
}

export function authorName(author: Author, row: ConversationRow, house: House): string {
  switch (author.kind) {
    case "contact":
      return contactName(row);
    case "agent":
      return agentName(house, author.id);
    case "bot":
      return botName(house, author.id);
    case "system":
      return t("people.hub");
  }
}

/** What the hub adds in English to why nobody knows whether a message has arrived: this page says it in its own words. */
const IN_DOUBT = /\s*It may or may not have arrived(?:; ask the customer before you send it again)?\.\s*/gu;

/** Why a message waits, failed or is uncertain, in the channel's words. */
export function deliveryNote(delivery: Delivery | undefined, note: string | undefined): string | undefined {
  const why = delivery === "uncertain" ? note?.replace(IN_DOUBT, " ").trim() : note;
  return why === "" ? undefined : why;
}

/**
 * What went wrong, what was kept, what to do, in the reader's language: by the code, which never changes. The hub's own
 * (English) sentence is for codes that this page does not know yet.
 */
export function errorText(error: ApiError): string {
  const wrong = error.fields?.[0];
  switch (error.code) {
    case "unavailable":
      return t("error.unreachable");
    case "overloaded":
      return t("error.overloaded");
    case "internal":
      return t("error.internal", { id: error.request_id ?? "" });
    case "forbidden":
    case "wrong_origin":
      return t("error.forbidden");
    case "not_found":
      return t("error.notFound");
    case "rate_limited":
      return t("sign.wait", { time: span(error.retry_after_ms ?? 0, locale.value.language) });
    case "unauthenticated":
      return t("error.signedOut");
    case "conflict":
      return wrong ? fieldText(wrong) : t("error.conflict");
    case "reply_unseen":
      return t("error.unseen");
    case "conversation_closed":
      return t("error.conversationClosed");
    case "conversation_merged":
      return t("error.conversationMerged");
    case "cannot_move":
      return t("error.cannotMove");
    case "being_sent":
      return t("error.beingSent");
    case "too_large":
      return t("error.tooLarge", { limit: bytes(ATTACHMENT_BYTES) });
    case "unsupported_file":
      return t("error.unsupportedFile");
    case "invalid":
      return wrong ? fieldText(wrong) : t("error.invalid");
    case "malformed":
    case "unknown":
    case "key_reused":
      return t("error.malformed");
    default:
      return unknownText(error.code, error.message);
  }
}

/** A newer hub may refuse for reasons that this page has no words for. */
function unknownText(_code: never, sentence: string): string {
  return sentence === "" ? t("error.unknown") : sentence;
}

/** Whether the same thing, tried again as it is, may be taken. */
export function mayPass(error: ApiError): boolean {
  switch (error.code) {
    case "unavailable":
    case "overloaded":
    case "internal":
    case "rate_limited":
    case "conversation_closed":
      return true;
    default:
      return false;
  }
}

/** What is wrong with one field of a form, if anything is. */
export function fieldError(error: ApiError | null, field: string): string | undefined {
  const wrong = error?.fields?.find((one) => isAt(one, field));
  return wrong && fieldText(wrong);
}

/** A list's field also answers for its entries (`origins.0`). */
export function isAt({ field }: FieldError, at: string): boolean {
  return field === at || field.startsWith(`${at}.`);
}

/** What is wanted where it can be said. */
const INVALID: Readonly<Record<string, "field.prefix" | "field.username" | "field.span">> = {
  case_prefix: "field.prefix",
  "hours.open": "field.span",
  username: "field.username",
};

function fieldText({ field, code, message }: FieldError): string {
  switch (code) {
    case "required":
      return t(field === "body" ? "field.empty" : "field.required");
    case "too_long":
      return field === "text" ? t("message.tooLong", { n: MESSAGE_TEXT_CHARS }) : t("field.tooLong");
    case "too_short":
      return t("field.tooShort");
    case "too_many":
      return t("field.tooMany");
    case "not_an_email":
      return t("field.notAnEmail");
    case "not_an_origin":
      return t("field.origin");
    case "not_a_colour":
      return t("field.colour");
    case "control_characters":
      return t("field.controlCharacters");
    case "unknown":
      return t("field.gone");
    case "taken":
      return t("field.taken");
    case "wrong":
      return t("field.wrongPassword");
    case "overlaps":
      return t("field.overlaps");
    case "past":
      return t("field.past");
    case "invalid":
      return t(INVALID[field.replace(/\.\d+$/, "")] ?? "field.invalid");
    default:
      return message;
  }
}

/** The line that a site puts on its pages. The colour stands in it, so that the button has it before anything is loaded. */
export function snippetOf({ web }: Inbox): string {
  return `<script async src="${window.location.origin}/widget.js" data-inbox="${web?.widget_key ?? ""}" data-accent="${web?.accent ?? ""}"></script>`;
}
