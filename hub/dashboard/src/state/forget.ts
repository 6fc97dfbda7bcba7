/**
 * What nothing shows is let go, those heard of longest ago first, so that a page that stays open for a day holds no more
 * than one that was just opened. Whatever is forgotten comes again with the list or the conversation that shows it.
 */
import type { ContactId, ConversationId } from "@switchboard/protocol";
import { KEPT_CONTACTS, KEPT_CONVERSATIONS, type State } from "./model";

export interface Shown {
  conversation(id: ConversationId): boolean;
  contact(id: ContactId): boolean;
}

export function forget(state: State, shown: Shown): void {
  const used = (id: ConversationId): boolean =>
    state.threads.has(id) || state.pending.has(id) || state.overlays.has(id) || shown.conversation(id);
  forgetFirst(state.conversations, KEPT_CONVERSATIONS, used);
  const spoken = new Set([...state.threads.keys()].map((id) => state.conversations.get(id)?.thing.contact.id));
  forgetFirst(state.contacts, KEPT_CONTACTS, (id) => spoken.has(id) || shown.contact(id));
}

function forgetFirst<Id>(held: Map<Id, unknown>, most: number, spared: (id: Id) => boolean): void {
  const loose = [...held.keys()].filter((id) => !spared(id));
  for (const id of loose.slice(0, Math.max(0, loose.length - most))) held.delete(id);
}
