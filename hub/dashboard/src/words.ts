/** Names and errors as sentences: what screens say of people, conversations and of what went wrong. */
import type { AgentId, ApiError, Author, ConversationRow, Inbox } from "@switchboard/protocol";
import { t } from "@switchboard/ui/i18n/desk";
import { locale } from "@switchboard/ui/ticker";
import { span } from "@switchboard/ui/time";
import type { House } from "./desk/core";

/** The contact's name, or one that the page makes. */
export function contactName(row: Pick<ConversationRow, "contact" | "number">): string {
  return row.contact.name ?? t("people.visitor", { number: String(row.number) });
}

/** Somebody who is not (or no longer) known here still did what they did. */
export function agentName(house: House, id: AgentId): string {
  return house.agents.get(id)?.name ?? t("people.hub");
}

export function authorName(author: Author, row: ConversationRow, house: House): string {
  switch (author.kind) {
    case "contact":
      return contactName(row);
    case "agent":
      return agentName(house, author.id);
    case "bot":
      return t("author.bot");
    case "system":
      return t("people.hub");
  }
}

/** What went wrong, what was kept, what to do. The hub's own sentence where it is about what the person gave. */
export function errorText(error: ApiError): string {
  switch (error.code) {
    case "unavailable":
      return t("error.unreachable");
    case "overloaded":
      return t("error.overloaded");
    case "internal":
      return t("error.internal", { id: error.request_id ?? "" });
    case "forbidden":
      return t("error.forbidden");
    case "not_found":
      return t("error.notFound");
    case "rate_limited":
      return t("sign.wait", { time: span(error.retry_after_ms ?? 0, locale.value.language) });
    default:
      return error.message === "" ? t("error.unknown") : error.message;
  }
}

/** What is wrong with one field of a form, if anything is. */
export function fieldError(error: ApiError | null, field: string): string | undefined {
  return error?.fields?.find((one) => one.field === field)?.message;
}

/** The line that a site puts on its pages. */
export function snippetOf(inbox: Inbox): string {
  return `<script async src="${window.location.origin}/widget.js" data-inbox="${inbox.web?.widget_key ?? ""}"></script>`;
}
