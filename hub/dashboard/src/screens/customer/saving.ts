/** How a change of a card is kept, for whoever may write. */
import type { ChangeContact, Contact } from "@switchboard/protocol";
import { t } from "@switchboard/ui/i18n/desk";
import { toast } from "@switchboard/ui/toast";
import { useDesk } from "../../context";
import { errorText } from "../../words";
import type { Save } from "./who";

/** None for somebody who only reads. */
export function useSave(): Save | undefined {
  const desk = useDesk();
  if (desk.me.value.agent.role === "read_only") return undefined;
  return async (contact: Contact, change: ChangeContact): Promise<void> => {
    const error = await desk.changes.contact(contact.id, change);
    if (!error) return;
    toast({ text: t("panel.notSaved", { why: errorText(error) }), tone: "danger" });
    throw error;
  };
}
