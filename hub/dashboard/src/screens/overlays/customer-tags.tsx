/** The tags of a customer: those that the page has met on others, and new ones. */
import { useSignal } from "@preact/signals";
import type { ContactId } from "@switchboard/protocol";
import { t } from "@switchboard/ui/i18n/desk";
import { Tag } from "lucide-preact";
import { useDesk } from "../../context";
import { Picker, type PickerItem } from "../../parts/picker";
import { sayRefused } from "../actions";
import { closeOverlay } from "../overlay";

export function CustomerTags({ of }: { readonly of: ContactId }) {
  const desk = useDesk();
  const contact = desk.contact(of).value;
  /** What was chosen and is not kept yet shows at once. */
  const wished = useSignal<ReadonlyMap<string, boolean>>(new Map());
  if (!contact) return null;
  const { id, tags } = contact;
  const known = new Set([...desk.core.state.contacts.values()].flatMap(({ thing }) => thing.tags));
  const ticked = (tag: string): boolean => wished.value.get(tag) ?? tags.includes(tag);
  const items = [...new Set([...tags, ...[...known, ...wished.value.keys()].sort()])].map((tag) => ({
    id: tag,
    label: tag,
    icon: Tag,
    checked: ticked(tag),
  }));
  const choose = (tag: string): void => {
    const on = !ticked(tag);
    wished.value = new Map([...wished.value, [tag, on]]);
    void desk.changes.tag(id, tag, on).then((error) => {
      wished.value = new Map([...wished.value].filter(([one, which]) => one !== tag || which !== on));
      if (error) sayRefused(error);
    });
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
