/** The team that a conversation is given to. */
import type { ConversationRow } from "@switchboard/protocol";
import { t } from "@switchboard/ui/i18n/desk";
import { UserRound, Users } from "lucide-preact";
import { useDesk } from "../../context";
import { Picker, type PickerItem } from "../../parts/picker";
import { giveToTeam } from "../actions";
import { closeOverlay } from "../overlay";

export function Team({ row }: { readonly row: ConversationRow }) {
  const desk = useDesk();
  const items: PickerItem[] = [
    ...[...desk.house.value.teams.values()].map((one) => ({
      id: one.id,
      label: one.name,
      icon: Users,
      checked: row.team_id === one.id,
    })),
    { id: "", label: t("assign.nobody"), icon: UserRound, checked: row.team_id === null },
  ];
  return (
    <Picker
      label={t("key.team")}
      items={items}
      close={closeOverlay}
      choose={(id) => giveToTeam(desk, row, id === "" ? null : id)}
    />
  );
}
