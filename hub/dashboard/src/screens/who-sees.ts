/** Who of the team sees an inbox: nobody else can be given its conversations, or named in their notes. */
import type { AgentId, InboxId } from "@switchboard/protocol";
import { useEffect, useState } from "preact/hooks";
import { useDesk } from "../context";

/** Null until it is known, which is asked for once it is wanted. */
export function useWhoSees(inbox: InboxId, wanted = true): ReadonlySet<AgentId> | null {
  const { api } = useDesk();
  const [known, setKnown] = useState<{ readonly of: InboxId; readonly agents: ReadonlySet<AgentId> } | null>(null);
  const has = known?.of === inbox;
  useEffect(() => {
    if (!wanted || has) return;
    let current = true;
    api("GET /api/inboxes/{id}/agents", { id: inbox }).then(
      ({ agents }) => current && setKnown({ of: inbox, agents: new Set(agents) }),
      // Then the hub says so when it is tried.
      () => undefined,
    );
    return () => {
      current = false;
    };
  }, [inbox, wanted, has]);
  return has ? known.agents : null;
}
