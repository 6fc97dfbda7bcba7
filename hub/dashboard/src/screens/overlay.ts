/** What comes over the page on a key, one at a time: said here by whoever opens it, drawn in overlays.tsx. */
import { signal } from "@preact/signals";
import type { ContactId, ConversationId, ViewId } from "@switchboard/protocol";
import type { ListQuery } from "../state/lists";

export type Overlay =
  | { readonly kind: "palette" | "account" | "help" | "start" | "notices" | "goTo" }
  | { readonly kind: "deleteForever"; readonly what: readonly ConversationId[] | "trash" | "spam" }
  | { readonly kind: "view"; readonly query: ListQuery; readonly id: ViewId | null }
  | { readonly kind: "many"; readonly picker: "assign" | "team" | "tags" | "priority" | "snooze" }
  | { readonly kind: "merge" | "customerTags"; readonly contact: ContactId }
  | {
      readonly kind: "assign" | "team" | "tags" | "priority" | "snooze" | "source" | "mergeCase";
      readonly id: ConversationId;
    };

export const overlay = signal<Overlay | null>(null);

export const closeOverlay = (): void => {
  overlay.value = null;
};
