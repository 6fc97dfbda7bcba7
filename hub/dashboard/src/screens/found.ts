/** Which message of a conversation a search has found: what the thread opens at while the search stands beside it. */
import { signal } from "@preact/signals";
import type { ConversationId } from "@switchboard/protocol";

/** Undefined: it was found by what describes it. */
export type FoundAt = ReadonlyMap<ConversationId, number | undefined>;

export const NOTHING_FOUND: FoundAt = new Map();

export const foundAt = signal(NOTHING_FOUND);
