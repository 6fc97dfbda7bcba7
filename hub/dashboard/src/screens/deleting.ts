/** Deleting forever: who may, and the question before it. */
import type { ConversationId } from "@switchboard/protocol";
import type { Desk } from "../desk/desk";
import { overlay } from "./overlay";

/** Everybody else has the trash, and what lies there can be taken back. */
export function mayDelete(desk: Desk): boolean {
  const { role } = desk.me.value.agent;
  return role === "owner" || role === "admin";
}

export function askToDelete(what: readonly ConversationId[] | "trash" | "spam"): void {
  overlay.value = { kind: "deleteForever", what };
}
