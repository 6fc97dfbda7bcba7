/** The tags of a customer: those that the page has met on others, and new ones. */
import type { ConversationRow } from "@switchboard/protocol";
import { t } from "@switchboard/ui/i18n/desk";
import { Tag } from "lucide-preact";
import { useDesk } from "../../context";
import { Picker, type PickerItem } from "../../parts/picker";
import { sayRefused } from "../actions";
import { closeOverlay } from "../overlay";

export function CustomerTags({ row }: { readonly row: ConversationRow }) {
  const desk = useDesk();
  const contact = desk.contact(row.contact.id).value;
  if (!contact) return null;
  const { id, tags } = contact;
  const known = new Set([...desk.core.state.contacts.values()].flatMap(({ thing }) => thing.tags));
  const items = [...new Set([...tags, ...[...known].sort()])].map((tag) => ({
    id: tag,
    label: tag,
    icon: Tag,
    checked: tags.includes(tag),
  }));
  const choose = (tag: string): void => {
    const next = tags.includes(tag) ? tags.filter((one) => one !== tag) : [...tags, tag];
    void desk.changes.contact(id, { tags: next }).then((error) => error && sayRefused(error));
  };
  const make = (text: string): readonly PickerItem[] =>
    known.has(text) ? [] : [{ id: text, label: text, hint: t("panel.addCustomerTag"), icon: Tag }];
  return (
    <Picker
      label={t("panel.customerTags")}
      placeholder={t("panel.addCustomerTag")}
      items={items}
      several
      close={closeOverlay}
      choose={choose}
      make={make}
    />
  );
}
