/** The customer beside the conversation: who they are, where they are now, what else they asked. */
import type { ConversationRow } from "@switchboard/protocol";
import { Avatar } from "@switchboard/ui/avatar";
import { t } from "@switchboard/ui/i18n/desk";
import { IconButton } from "@switchboard/ui/icon-button";
import { Skeleton } from "@switchboard/ui/skeleton";
import { BookUser, X } from "lucide-preact";
import { useEffect, useRef } from "preact/hooks";
import { useDesk } from "../../context";
import { useKeys } from "../../keys/keys";
import { Drawer } from "../../parts/drawer";
import { late } from "../../parts/late";
import { panelPlace, showPanel } from "../../preferences";
import { customerPath, go } from "../../router";
import { contactName } from "../../words";
import { BotsPanel } from "../bots/panel";
import { Attributes } from "./attributes";
import { Handling, Origin } from "./handling";
import { InPlace } from "./in-place";
import { Missing } from "./parts";
import { Person } from "./person";
import { Previous } from "./previous";
import { useSave } from "./saving";
import { ContactFields, Here } from "./who";
import "./customer.css";

/** Few have any. */
const OutsideCards = late(async () => (await import("./outside-cards")).OutsideCards);

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
  const save = useSave();
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
          icon={BookUser}
          label={t("panel.profile")}
          tooltip="bottom"
          onClick={() => go(customerPath(row.contact.id))}
        />
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
          <OutsideCards key={contact.id} of={contact.id} />
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
}
