// What floats: menus, tabs, dialogs, tooltips. They open here as they do in the product.

import { Avatar } from "@switchboard/ui/avatar";
import { Button } from "@switchboard/ui/button";
import { Dialog } from "@switchboard/ui/dialog";
import { TextField } from "@switchboard/ui/field";
import { t } from "@switchboard/ui/i18n/dashboard";
import { Entry, Menu, type MenuEntry } from "@switchboard/ui/menu";
import { Popover } from "@switchboard/ui/popover";
import { Tooltip } from "@switchboard/ui/tooltip";
import { AlarmClock, Check, ChevronDown, Flag, Trash2 } from "lucide-preact";
import { useRef, useState } from "preact/hooks";

import { ANNA, JONAS, SAMIRA } from "../fixtures";

const nothing = () => {};

const actions = (): readonly MenuEntry[] => [
  { label: t("conversation.close"), icon: Check, keys: "E", onChoose: nothing },
  { label: t("conversation.remind"), icon: AlarmClock, keys: "H", onChoose: nothing },
  { label: t("conversation.flag"), icon: Flag, keys: "Shift+F", disabled: true, onChoose: nothing },
  { kind: "line" },
  { label: t("action.delete"), icon: Trash2, danger: true, onChoose: nothing },
];

export function Menus() {
  const [who, setWho] = useState(JONAS.id);
  const people: MenuEntry[] = [ANNA, JONAS, SAMIRA].map((one) => ({
    label: one.name,
    before: <Avatar {...one} size={20} />,
    checked: one.id === who,
    onChoose: () => setWho(one.id),
  }));
  return (
    <div class="stage">
      <div class="stage__row" style={{ alignItems: "start" }}>
        <Menu
          label={t("action.more")}
          entries={actions()}
          opener={(opener) => (
            <Button icon={ChevronDown} {...opener}>
              {t("action.more")}
            </Button>
          )}
        />
        <Standing entries={actions()} label={t("action.more")} />
        <Standing entries={[{ kind: "heading", text: t("assign.to") }, ...people]} label={t("assign.to")} />
      </div>
    </div>
  );
}

/** A menu as it looks open, standing still. */
function Standing({ entries, label }: { readonly entries: readonly MenuEntry[]; readonly label: string }) {
  return (
    <div
      class="sb-menu"
      role="menu"
      aria-label={label}
      style={{
        borderRadius: "var(--sb-radius-card)",
        background: "var(--sb-raised)",
        boxShadow: "var(--sb-shadow-float)",
      }}
    >
      {entries.map((entry, i) => (
        <Entry key={i} entry={entry} onChoose={(item) => item.onChoose()} />
      ))}
    </div>
  );
}

export function Dialogs() {
  const [open, setOpen] = useState<"none" | "dialog" | "popover">("none");
  const anchor = useRef<HTMLButtonElement>(null);
  const close = () => setOpen("none");
  return (
    <div class="stage stage__row">
      <Button onClick={() => setOpen("dialog")}>Delete forever</Button>
      <Button buttonRef={anchor} onClick={() => setOpen(open === "popover" ? "none" : "popover")}>
        Popover
      </Button>
      {open === "dialog" && (
        <Dialog
          title="Delete this conversation forever?"
          onClose={close}
          actions={
            <>
              <Button onClick={close}>{t("action.cancel")}</Button>
              <Button kind="danger" onClick={close}>
                {t("action.delete")}
              </Button>
            </>
          }
        >
          <p>
            Its 14 messages and 3 files go, and so does the card of Marie Lefèvre, who has no other conversation. Nobody
            can bring them back.
          </p>
        </Dialog>
      )}
      {open === "popover" && (
        <Popover anchor={anchor} label="Remind me" onClose={close}>
          <div style={{ padding: "var(--sb-4)" }}>
            <TextField label="When" type="datetime-local" />
          </div>
        </Popover>
      )}
    </div>
  );
}

export function Tips() {
  return (
    <div class="stage stage__row">
      <Tooltip text={t("conversation.close")} keys="E">
        <Button>Point at me</Button>
      </Tooltip>
      <span class="sb-tooltip" style={{ position: "static" }}>
        {t("conversation.close")}
      </span>
    </div>
  );
}
