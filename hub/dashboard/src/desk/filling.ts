/**
 * Filling in a template: one pure function for the preview and for use. What has no value stays as it stands in the
 * template, so that whoever sends sees it; the reply bar lets nothing go in which a variable stands.
 */
import type { Agent, Contact, ConversationRow, Inbox, Team, TemplateVariable } from "@switchboard/protocol";

export type Values = Readonly<Record<TemplateVariable, string | null>>;

/** All of them, in the order in which they are offered. */
export const VARIABLES = [
  "customer.first_name",
  "customer.name",
  "customer.email",
  "customer.phone",
  "agent.first_name",
  "agent.name",
  "case",
  "subject",
  "inbox",
  "team",
] as const satisfies readonly TemplateVariable[];

/** A name between braces, as the hub reads it. */
const PLACE = /\{\{\s*([a-z_.]{1,40})\s*\}\}/gu;

const KNOWN: ReadonlySet<string> = new Set(VARIABLES);

export function placeOf(variable: TemplateVariable): string {
  return `{{${variable}}}`;
}

/** The variables that stand in a text and have not been filled in, each once. */
export function openIn(text: string): TemplateVariable[] {
  const names = [...text.matchAll(PLACE)].map(([, name]) => name as TemplateVariable);
  return [...new Set(names.filter((name) => KNOWN.has(name)))];
}

/** `html`: the text is one, and a value is words in it. */
export function fill(text: string, values: Values, html = false): string {
  return text.replace(PLACE, (place, name: string) => {
    const value = KNOWN.has(name) ? values[name as TemplateVariable] : null;
    return value === null ? place : html ? escaped(value) : value;
  });
}

function escaped(text: string): string {
  return text.replace(/&/gu, "&amp;").replace(/</gu, "&lt;").replace(/>/gu, "&gt;").replace(/"/gu, "&quot;");
}

/** Of whom and what a message is. */
export interface Circumstances {
  readonly row: ConversationRow;
  /** The customer's card, once it is known. */
  readonly contact: Contact | undefined;
  readonly me: Agent;
  readonly inbox: Inbox | undefined;
  readonly team: Team | undefined;
}

export function valuesOf({ row, contact, me, inbox, team }: Circumstances): Values {
  const name = said(contact?.name ?? row.contact.name);
  const mine = said(me.display_name) ?? said(me.name);
  return {
    "customer.name": name,
    "customer.first_name": firstOf(name),
    "customer.email": said(contact?.email),
    "customer.phone": said(contact?.phone),
    "agent.name": mine,
    "agent.first_name": firstOf(mine),
    case: said(row.case_number),
    subject: said(row.subject),
    inbox: said(inbox?.name),
    team: said(team?.name),
  };
}

function said(text: string | null | undefined): string | null {
  const trimmed = text?.trim() ?? "";
  return trimmed === "" ? null : trimmed;
}

function firstOf(name: string | null): string | null {
  return name?.split(/\s+/u)[0] ?? null;
}
