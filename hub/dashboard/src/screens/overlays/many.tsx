/** The pickers for all that is selected: one choice, given to each. */
import type { Priority } from "@switchboard/protocol";
import { Avatar } from "@switchboard/ui/avatar";
import { t } from "@switchboard/ui/i18n/desk";
import { presenceWord } from "@switchboard/ui/presence";
import { Tag, UserRound, Users } from "lucide-preact";
import { useDesk } from "../../context";
import { Picker, type PickerItem } from "../../parts/picker";
import { useTagNames } from "../../parts/tag-names";
import { assignMany, changeMany, type ManyPicker, snoozeMany, teamMany } from "../many";
import { closeOverlay } from "../overlay";
import { PRIORITIES } from "./priority";
import { Snooze } from "./snooze";

export function Many({ picker }: { readonly picker: ManyPicker }) {
  const desk = useDesk();
  switch (picker) {
    case "assign":
      return <AssignMany />;
    case "team":
      return <TeamMany />;
    case "tags":
      return <TagMany />;
    case "snooze":
      return <Snooze of={null} close={closeOverlay} choose={(at, stays) => snoozeMany(desk, at, stays)} />;
    case "priority":
      return (
        <Picker
          label={t("key.priority")}
          items={PRIORITIES.map((id) => ({ id, label: t(`priority.${id}`) }))}
          close={closeOverlay}
          choose={(id) => void changeMany(desk, { priority: id as Priority }, t(`priority.${id as Priority}`))}
        />
      );
  }
}

function AssignMany() {
  const desk = useDesk();
  const me = desk.me.value.agent.id;
  const { team } = desk.now.value;
  const people = [...desk.house.value.agents.values()].filter((one) => !one.disabled);
  people.sort(
    (a, b) =>
      Number(b.id === me) - Number(a.id === me) ||
      Number(!team.has(a.id)) - Number(!team.has(b.id)) ||
      a.name.localeCompare(b.name),
  );
  const items: PickerItem[] = [
    ...people.map((one) => ({
      id: one.id,
      label: one.name,
      face: <Avatar id={one.id} name={one.name} size={24} presence={team.get(one.id) ?? null} />,
      hint: one.id === me ? t("author.you") : presenceWord(team.get(one.id) ?? null),
    })),
    { id: "", label: t("assign.nobody"), icon: UserRound },
  ];
  const choose = (id: string): void => assignMany(desk, id === "" ? null : id);
  return <Picker label={t("assign.to")} items={items} close={closeOverlay} choose={choose} />;
}

function TeamMany() {
  const desk = useDesk();
  const items: PickerItem[] = [
    ...[...desk.house.value.teams.values()].map((one) => ({ id: one.id, label: one.name, icon: Users })),
    { id: "", label: t("assign.nobody"), icon: UserRound },
  ];
  const choose = (id: string): void => teamMany(desk, id === "" ? null : id);
  return <Picker label={t("key.team")} items={items} close={closeOverlay} choose={choose} />;
}

/** One that all have is taken away, any other is given to all. */
function TagMany() {
  const desk = useDesk();
  const rows = [...desk.selection.view.value.ids].flatMap((id) => desk.rowNow(id) ?? []);
  const ofAll = (tag: string): boolean => rows.length > 0 && rows.every((row) => row.tags.includes(tag));
  const here = new Set(rows.flatMap((row) => row.tags));
  const known = useTagNames();
  const items = [...new Set([...[...here].sort(), ...[...known].sort()])].map((tag) => ({
    id: tag,
    label: tag,
    icon: Tag,
    checked: ofAll(tag),
  }));
  const choose = (tag: string): void =>
    void (ofAll(tag)
      ? changeMany(desk, { remove_tags: [tag] }, t("many.untagged", { tag }))
      : changeMany(desk, { add_tags: [tag] }, t("many.tagged", { tag })));
  const make = (text: string): readonly PickerItem[] =>
    known.has(text) ? [] : [{ id: text, label: text, hint: t("panel.addTag"), icon: Tag }];
  return (
    <Picker
      label={t("key.tags")}
      placeholder={t("panel.addTag")}
      items={items}
      close={closeOverlay}
      choose={choose}
      make={make}
    />
  );
}
