/** How urgent a conversation is. */
import type { ConversationRow, Priority } from "@switchboard/protocol";
import { t } from "@switchboard/ui/i18n/desk";
import { useDesk } from "../../context";
import { Picker } from "../../parts/picker";
import { quietly } from "../actions";
import { closeOverlay } from "../overlay";

export const PRIORITIES: readonly Priority[] = ["urgent", "high", "medium", "low", "none"];

export function PriorityPicker({ row }: { readonly row: ConversationRow }) {
  const desk = useDesk();
  const items = PRIORITIES.map((id) => ({ id, label: t(`priority.${id}`), checked: row.priority === id }));
  return (
    <Picker
      label={t("key.priority")}
      items={items}
      close={closeOverlay}
      choose={(id) => void quietly(desk, row.id, { priority: id as Priority })}
    />
  );
}
