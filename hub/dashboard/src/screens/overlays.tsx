/** Draws what comes over the page: the palette, the pickers, the person's own menu, the keys. One at a time. */
import type { ConversationId } from "@switchboard/protocol";
import { t } from "@switchboard/ui/i18n/desk";
import { useEffect, useMemo } from "preact/hooks";
import { useDesk } from "../context";
import { Picker, type PickerItem } from "../parts/picker";
import { type Command, commands } from "./commands";
import { closeOverlay, type Overlay, overlay } from "./overlay";
import { Account } from "./overlays/account";
import { Assign } from "./overlays/assign";
import { Help } from "./overlays/help";
import { PriorityPicker } from "./overlays/priority";
import { Snooze } from "./overlays/snooze";
import { Source } from "./overlays/source";
import { Tags } from "./overlays/tags";
import { Team } from "./overlays/team";

export function Overlays() {
  const { value: open } = overlay;
  // Nothing of it is there for the next one who signs in.
  useEffect(() => closeOverlay, []);
  if (!open) return null;
  switch (open.kind) {
    case "palette":
      return <Palette />;
    case "account":
      return <Account />;
    case "help":
      return <Help />;
    default:
      return <OfConversation kind={open.kind} id={open.id} />;
  }
}

function OfConversation({
  kind,
  id,
}: {
  readonly kind: Extract<Overlay, { id: ConversationId }>["kind"];
  readonly id: ConversationId;
}) {
  const row = useDesk().row(id).value;
  if (!row) return null;
  switch (kind) {
    case "assign":
      return <Assign row={row} />;
    case "team":
      return <Team row={row} />;
    case "tags":
      return <Tags row={row} />;
    case "priority":
      return <PriorityPicker row={row} />;
    case "snooze":
      return <Snooze row={row} close={closeOverlay} />;
    case "source":
      return <Source row={row} />;
  }
}

function Palette() {
  const desk = useDesk();
  const all = useMemo(() => commands(desk), []);
  const items: PickerItem[] = all.map(({ id, label, icon, keys, group }) => ({
    id,
    label,
    icon,
    group,
    ...(keys === undefined ? {} : { keys }),
  }));
  // The overlay that a command opens comes after this one has gone.
  return (
    <Picker
      label={t("palette.title")}
      placeholder={t("palette.placeholder")}
      items={items}
      close={closeOverlay}
      choose={(id) => all.find((one: Command) => one.id === id)?.run()}
    />
  );
}
