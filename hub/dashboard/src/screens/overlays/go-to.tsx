/** "Go to": folders, channels, inboxes and settings, by their names. */
import { t } from "@switchboard/ui/i18n/more";
import { useDesk } from "../../context";
import { Picker } from "../../parts/picker";
import { places } from "../commands";
import { closeOverlay } from "../overlay";

export function GoTo() {
  const items = places(useDesk());
  return (
    <Picker
      label={t("key.goTo")}
      items={items.map(({ group: _, ...item }) => item)}
      close={closeOverlay}
      choose={(id) => items.find((one) => one.id === id)?.run()}
    />
  );
}
