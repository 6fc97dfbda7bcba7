/** A notification as sentences, and where it leads. */
import type { Notification } from "@switchboard/protocol";
import { t } from "@switchboard/ui/i18n/desk";
import type { Desk } from "../../desk/desk";
import { listPath } from "../../router";
import { agentName } from "../../words";

function whose({ contact, case_number }: Notification): string {
  return contact.name ?? contact.address ?? case_number;
}

export function noticeTitle(told: Notification, { house }: Pick<Desk, "house">): string {
  const by = told.by.kind === "agent" ? agentName(house.value, told.by.id) : t("people.hub");
  return t(`notices.told.${told.kind}`, { by, who: whose(told) });
}

/** The customer's words, or what it is about. */
export function noticeBody(told: Notification): string {
  return told.preview?.text || told.subject || told.case_number;
}

export function noticePath({ conversation_id }: Notification): string {
  return listPath({ folder: "inbox", sort: "activity" }, conversation_id);
}
