/** The customer beside the conversation: who they are, where they are now, what else they asked. */
import type { ChangeContact, Contact, ConversationRow } from "@switchboard/protocol";
import { Avatar } from "@switchboard/ui/avatar";
import { t } from "@switchboard/ui/i18n/desk";
import { IconButton } from "@switchboard/ui/icon-button";
import { Skeleton } from "@switchboard/ui/skeleton";
import { toast } from "@switchboard/ui/toast";
import { X } from "lucide-preact";
import { useEffect, useRef } from "preact/hooks";
import { useDesk } from "../../context";
import { useKeys } from "../../keys/keys";
import { Drawer } from "../../parts/drawer";
import { panelPlace, showPanel } from "../../preferences";
import { contactName, errorText } from "../../words";
import { BotsPanel } from "../bots/panel";
import { Attributes } from "./attributes";
import { Handling, Origin } from "./handling";
import { InPlace } from "./in-place";
import { Missing } from "./parts";
import { Person } from "./person";
import { Previous } from "./previous";
import { ContactFields, Here } from "./who";
import "./customer.css";

const hide = (): void => showPanel(false);

export function CustomerPanel({ id }: { readonly id: string }) {
  const row = useDesk().row(id).value;
  if (!row) return null;
  switch (panelPlace.value) {
    case "column":
      return (
        <aside class="dk-customer" aria-label={t("panel.title")}>
          <Customer row={row} />
        </aside>
      );
    case "guest":
      return <Guest row={row} />;
    case "modal":
      return (
        <Drawer label={t("panel.title")} side="end" close={hide}>
          <div class="dk-customer">
            <Customer row={row} />
          </div>
        </Drawer>
      );
  }
}

/** It goes again by Escape, and gives the folders their place back. */
function Guest({ row }: { readonly row: ConversationRow }) {
  const box = useRef<HTMLElement>(null);
  useKeys({ Escape: hide });
  useEffect(
    () => () => {
      if (box.current?.contains(document.activeElement))
        document.querySelector<HTMLElement>(".dk-head__panel")?.focus();
    },
    [],
  );
  return (
    <aside class="dk-customer" ref={box} aria-label={t("panel.title")}>
      <Customer row={row} />
    </aside>
  );
}

function Customer({ row }: { readonly row: ConversationRow }) {
  const desk = useDesk();
  const contact = desk.contact(row.contact.id).value;
  const { error } = desk.conversations.view.value;
  const save = desk.me.value.agent.role === "read_only" ? undefined : keep;
  return (
    <>
      <header class="dk-customer__head">
        <Avatar id={row.contact.id} name={contactName(row)} size={40} />
        <div class="dk-customer__name">
          {contact ? (
            <InPlace
              key={contact.id}
              label={t("panel.name")}
              value={contact.name ?? ""}
              empty={contactName(row)}
              strong
              save={save && ((name) => save(contact, { name }))}
            />
          ) : (
            <strong>{contactName(row)}</strong>
          )}
          <Here row={row} />
        </div>
        <IconButton
          class="dk-only-drawer"
          icon={X}
          label={t("panel.hide")}
          tooltip="none"
          autofocus={panelPlace.value === "modal"}
          onClick={hide}
        />
      </header>
      <BotsPanel row={row} />
      {contact ? (
        <>
          <ContactFields contact={contact} row={row} save={save} />
          <Attributes key={contact.id} contact={contact} save={save} />
          <Person contact={contact} row={row} />
        </>
      ) : error ? (
        <Missing error={error} again={() => void desk.conversations.reload()} />
      ) : (
        <Skeleton as="line" count={4} />
      )}
      <Handling row={row} />
      <Origin row={row} />
      <Previous row={row} />
    </>
  );

  async function keep(contact: Contact, change: ChangeContact): Promise<void> {
    const error = await desk.changes.contact(contact.id, change);
    if (!error) return;
    toast({ text: t("panel.notSaved", { why: errorText(error) }), tone: "danger" });
    throw error;
  }
}
