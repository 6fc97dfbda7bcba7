/** A conversation with all of its messages, as the hub has them now. Nothing of it goes into the desk's store. */
import type { Api, ApiError, Contact, ConversationId, ConversationRow, Message } from "@switchboard/protocol";
import { useEffect, useState } from "preact/hooks";
import { apiError } from "../../net/errors";

/** Messages asked for at once. */
const AT_ONCE = 100;

export interface Whole {
  readonly row: ConversationRow;
  readonly contact: Contact;
  readonly messages: readonly Message[];
}

export async function wholeOf(api: Api, id: ConversationId): Promise<Whole> {
  const { row, contact, messages, more } = await api("GET /api/conversations/{id}", { id });
  const all = [...messages];
  for (let older = more; older; ) {
    const before = all[0]?.number ?? 0;
    const page = await api("GET /api/conversations/{id}/messages", { id, query: { before, limit: AT_ONCE } });
    all.unshift(...page.messages);
    // A page of nothing leads nowhere.
    older = page.more && page.messages.length > 0;
  }
  return { row, contact, messages: all };
}

export type Asked =
  | { readonly kind: "asking" }
  | { readonly kind: "failed"; readonly error: ApiError; again(): void }
  | { readonly kind: "here"; readonly whole: Whole };

export function useWhole(api: Api, id: ConversationId): Asked {
  const [asked, setAsked] = useState<Asked>({ kind: "asking" });
  const [tries, setTries] = useState(0);
  useEffect(() => {
    let gone = false;
    setAsked({ kind: "asking" });
    wholeOf(api, id).then(
      (whole) => gone || setAsked({ kind: "here", whole }),
      (cause) =>
        gone || setAsked({ kind: "failed", error: apiError(cause), again: () => setTries((before) => before + 1) }),
    );
    return () => {
      gone = true;
    };
  }, [id, tries]);
  return asked;
}
