/** Stands in place of the list's head while something is selected: how many, and what can be done to all of them. */
import { BULK } from "@switchboard/protocol";
import { Checkbox } from "@switchboard/ui/checkbox";
import { t } from "@switchboard/ui/i18n/desk";
import { IconButton } from "@switchboard/ui/icon-button";
import { Menu } from "@switchboard/ui/menu";
import {
  AlarmClock,
  Archive,
  CircleCheck,
  Ellipsis,
  Flag,
  Inbox,
  MailCheck,
  MailOpen,
  RotateCcw,
  ShieldAlert,
  SignalHigh,
  Tag,
  Trash2,
  UserRoundPlus,
  Users,
  X,
} from "lucide-preact";
import { useEffect, useRef } from "preact/hooks";
import { useDesk } from "../context";
import type { ListView } from "../desk/lists";
import { askToDelete, mayDelete } from "./deleting";
import { allClosed, closeMany, flagMany, keepFocus, moveMany, pickForMany, readMany } from "./many";
import "./selection-bar.css";

export function SelectionBar({ view }: { readonly view: ListView }) {
  const desk = useDesk();
  const { selection } = desk;
  const { ids, left, working } = selection.view.value;
  const closed = allClosed(desk);
  const elsewhere = ["archived", "spam", "trash"].includes(view.query.folder);
  const first = useRef(0);
  first.current = Math.max(
    0,
    view.ids.findIndex((id) => ids.has(id)),
  );
  // It goes with the last that is selected, and what of it had the focus with it.
  useEffect(() => () => keepFocus(desk, first.current), []);
  // Of more than one request takes, all that it does take.
  const all = view.ids.length > 0 && view.ids.slice(0, BULK).every((id) => ids.has(id));
  return (
    <header class="dk-list__head dk-many">
      <Checkbox
        bare
        label={t(all ? "many.none" : "many.all")}
        checked={all || "some"}
        onChange={() => (all ? selection.clear() : selection.all())}
      />
      <p class="dk-many__count sb-figures" role="status">
        {working > 0 ? t("many.working", { n: working }) : t("many.selected", { n: ids.size })}
        {left > 0 && <span class="dk-many__left">{t("many.left", { n: left })}</span>}
      </p>
      <IconButton
        icon={closed ? RotateCcw : CircleCheck}
        label={t(closed ? "conversation.reopen" : "conversation.close")}
        keys="E"
        tooltip="bottom"
        onClick={() => closeMany(desk)}
      />
      <IconButton
        icon={UserRoundPlus}
        label={t("assign.to")}
        keys="A"
        tooltip="bottom"
        onClick={() => pickForMany("assign")}
      />
      <IconButton
        icon={AlarmClock}
        label={t("key.snooze")}
        keys="H"
        tooltip="bottom"
        onClick={() => pickForMany("snooze")}
      />
      <Menu
        label={t("many.label")}
        align="end"
        opener={(opener) => <IconButton icon={Ellipsis} label={t("action.more")} tooltip="none" {...opener} />}
        entries={[
          { label: t("key.tags"), icon: Tag, keys: "T", onChoose: () => pickForMany("tags") },
          { label: t("key.team"), icon: Users, keys: "G", onChoose: () => pickForMany("team") },
          { label: t("key.priority"), icon: SignalHigh, keys: "L", onChoose: () => pickForMany("priority") },
          { label: t("conversation.flag"), icon: Flag, keys: "F", onChoose: () => flagMany(desk) },
          { label: t("many.markRead"), icon: MailCheck, onChoose: () => readMany(desk, true) },
          { label: t("key.unread"), icon: MailOpen, keys: "U", onChoose: () => readMany(desk, false) },
          { kind: "line" },
          ...(elsewhere
            ? [{ label: t("folder.inbox"), icon: Inbox, keys: "I", onChoose: () => moveMany(desk, "inbox") }]
            : []),
          { label: t("key.archive"), icon: Archive, keys: "Y", onChoose: () => moveMany(desk, "archived") },
          { label: t("key.spam"), icon: ShieldAlert, keys: "!", onChoose: () => moveMany(desk, "spam") },
          ...(view.query.folder === "trash"
            ? []
            : [
                {
                  label: t("key.trash"),
                  icon: Trash2,
                  keys: "Delete",
                  danger: true,
                  onChoose: () => moveMany(desk, "trash"),
                },
              ]),
          ...(mayDelete(desk) && (view.query.folder === "trash" || view.query.folder === "spam")
            ? [{ label: t("forever.delete"), icon: Trash2, danger: true, onChoose: () => askToDelete([...ids]) }]
            : []),
        ]}
      />
      <IconButton icon={X} label={t("many.clear")} keys="Escape" tooltip="bottom" onClick={() => selection.clear()} />
    </header>
  );
}
