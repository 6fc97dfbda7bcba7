/** The tags of a conversation: those of the house, and new ones. */
import type { ConversationRow } from "@switchboard/protocol";
import { t } from "@switchboard/ui/i18n/desk";
import { Tag } from "lucide-preact";
import { useDesk } from "../../context";
import { Picker, type PickerItem } from "../../parts/picker";
import { useTagNames } from "../../parts/tag-names";
import { quietly } from "../actions";
import { closeOverlay } from "../overlay";

export function Tags({ row }: { readonly row: ConversationRow }) {
  const desk = useDesk();
  const known = useTagNames();
  const items = [...new Set([...row.tags, ...[...known].sort()])].map((tag) => ({
    id: tag,
    label: tag,
    icon: Tag,
    checked: row.tags.includes(tag),
  }));
  const choose = (tag: string): void =>
    void quietly(desk, row.id, {
      tags: row.tags.includes(tag) ? row.tags.filter((one) => one !== tag) : [...row.tags, tag],
    });
  const make = (text: string): readonly PickerItem[] =>
    known.has(text) ? [] : [{ id: text, label: text, hint: t("panel.addTag"), icon: Tag }];
  return (
    <Picker
      label={t("key.tags")}
      placeholder={t("panel.addTag")}
      items={items}
      several
      close={closeOverlay}
      choose={choose}
      make={make}
    />
  );
}
