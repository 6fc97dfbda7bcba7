/** Who works on a conversation: one or several, and only who can see it. */
import type { AgentId, ConversationRow } from "@switchboard/protocol";
import { Avatar } from "@switchboard/ui/avatar";
import { t } from "@switchboard/ui/i18n/desk";
import { presenceWord } from "@switchboard/ui/presence";
import { UserRound } from "lucide-preact";
import { useDesk } from "../../context";
import { Picker, type PickerItem } from "../../parts/picker";
import { assign } from "../actions";
import { closeOverlay } from "../overlay";
import { useWhoSees } from "../who-sees";

export function Assign({ row }: { readonly row: ConversationRow }) {
  const desk = useDesk();
  const me = desk.me.value.agent.id;
  const { team } = desk.now.value;
  const may = useWhoSees(row.inbox_id);
  const cannot = (one: AgentId): boolean => may !== null && !may.has(one);
  const people = [...desk.house.value.agents.values()].filter((one) => !one.disabled);
  people.sort(
    (a, b) =>
      Number(cannot(a.id)) - Number(cannot(b.id)) ||
      Number(b.id === me) - Number(a.id === me) ||
      Number(!team.has(a.id)) - Number(!team.has(b.id)) ||
      a.name.localeCompare(b.name),
  );
  const items: PickerItem[] = [
    ...people.map((one) => ({
      id: one.id,
      label: one.name,
      face: <Avatar id={one.id} name={one.name} size={24} presence={team.get(one.id) ?? null} />,
      checked: row.assignees.includes(one.id),
      disabled: cannot(one.id) && !row.assignees.includes(one.id),
      hint: cannot(one.id)
        ? t("assign.cannotSee")
        : one.id === me
          ? t("author.you")
          : presenceWord(team.get(one.id) ?? null),
    })),
    { id: "", label: t("assign.nobody"), icon: UserRound, checked: row.assignees.length === 0 },
  ];
  const choose = (id: string): void => {
    if (id === "") assign(desk, row, []);
    else
      assign(
        desk,
        row,
        row.assignees.includes(id) ? row.assignees.filter((one) => one !== id) : [...row.assignees, id],
      );
    if (id === "" || row.assignees.length === 0) closeOverlay();
  };
  return (
    <Picker
      label={t("assign.to")}
      placeholder={t("picker.several")}
      items={items}
      several
      close={closeOverlay}
      choose={choose}
    />
  );
}
