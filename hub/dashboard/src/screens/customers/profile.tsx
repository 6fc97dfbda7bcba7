/** One customer, whole: who they are, what is known of them, and all their conversations. */
import { useSignal } from "@preact/signals";
import type { ApiError, Contact, ContactId, ConversationRow } from "@switchboard/protocol";
import { Avatar } from "@switchboard/ui/avatar";
import { Button } from "@switchboard/ui/button";
import { Dialog } from "@switchboard/ui/dialog";
import { EmptyState } from "@switchboard/ui/empty-state";
import { TextField } from "@switchboard/ui/field";
import { t } from "@switchboard/ui/i18n/customers";
import { IconButton } from "@switchboard/ui/icon-button";
import { Skeleton } from "@switchboard/ui/skeleton";
import { toast } from "@switchboard/ui/toast";
import { ArrowLeft, UserRoundX } from "lucide-preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { useDesk } from "../../context";
import { apiError } from "../../net/errors";
import { customerPath, customersPath, go } from "../../router";
import { takePage } from "../../state/snapshots";
import { sayRefused } from "../actions";
import { Attributes } from "../customer/attributes";
import { InPlace } from "../customer/in-place";
import { OutsideCards } from "../customer/outside-cards";
import { Missing, Section } from "../customer/parts";
import { Person } from "../customer/person";
import { PreviousRow } from "../customer/previous";
import { useSave } from "../customer/saving";
import { ContactFields } from "../customer/who";
import "../customer/customer.css";

export function Profile({ id }: { readonly id: ContactId }) {
  const desk = useDesk();
  const contact = desk.contact(id).value;
  const [error, setError] = useState<ApiError | null>(null);
  const tries = useSignal(0);
  // By its card they were merged into another, it stands under that one.
  useEffect(() => {
    setError(null);
    desk.people.ask(id).then(
      (now) => now !== id && go(customerPath(now), true),
      (cause) => setError(apiError(cause)),
    );
  }, [id, tries.value]);
  const known = useRef(false);
  useEffect(() => {
    // Erased or deleted forever with their last conversation, here or by somebody else.
    if (known.current && !contact) setError({ code: "not_found", message: "" });
    known.current = contact !== undefined;
  }, [contact]);
  return (
    <>
      <header class="dk-customers__head">
        <IconButton
          icon={ArrowLeft}
          mirrored
          label={t("customers.all")}
          keys="Escape"
          tooltip="bottom"
          onClick={() => go(customersPath())}
        />
        {contact && <Name contact={contact} />}
      </header>
      {error?.code === "not_found" ? (
        <EmptyState icon={UserRoundX} title={t("customers.gone")} />
      ) : contact ? (
        <Whole contact={contact} />
      ) : error ? (
        <Missing error={error} again={() => (tries.value += 1)} />
      ) : (
        <Skeleton as="line" count={8} />
      )}
    </>
  );
}

function nameOf(contact: Contact): string {
  return contact.name ?? contact.email ?? contact.phone ?? t("person.unnamed");
}

function Name({ contact }: { readonly contact: Contact }) {
  const save = useSave();
  return (
    <>
      <Avatar id={contact.id} name={nameOf(contact)} size={40} />
      <h1 class="dk-customers__name">
        <InPlace
          key={contact.id}
          label={t("panel.name")}
          value={contact.name ?? ""}
          empty={nameOf(contact)}
          strong
          save={save && ((name) => save(contact, { name }))}
        />
      </h1>
    </>
  );
}

function Whole({ contact }: { readonly contact: Contact }) {
  const { role } = useDesk().me.value.agent;
  const save = useSave();
  return (
    <div class="dk-customers__whole">
      <div class="dk-customers__card">
        <ContactFields contact={contact} save={save} />
        <Attributes key={contact.id} contact={contact} save={save} />
        <OutsideCards of={contact.id} />
        <Person contact={contact} />
        {(role === "owner" || role === "admin") && <Data contact={contact} />}
      </div>
      <div class="dk-customers__card">
        <Conversations contact={contact} />
      </div>
    </div>
  );
}

interface Shown {
  readonly rows: readonly ConversationRow[];
  readonly next: string | null;
}

function Conversations({ contact }: { readonly contact: Contact }) {
  const desk = useDesk();
  const [shown, setShown] = useState<Shown | null>(null);
  const failed = useSignal<ApiError | null>(null);
  const tries = useSignal(0);
  const ask = async (cursor?: string | null): Promise<void> => {
    failed.value = null;
    try {
      const query = { contact: contact.id, ...(cursor ? { cursor } : {}) };
      const page = await desk.api("GET /api/conversations", { query });
      const taken = takePage(desk.core.state, page);
      if (taken.kind === "current") desk.core.publish(taken.touched);
      setShown((before) => ({ rows: [...((cursor && before?.rows) || []), ...page.rows], next: page.next }));
    } catch (cause) {
      failed.value = apiError(cause);
    }
  };
  // More of them, or fewer, when cards are merged or separated.
  useEffect(() => void ask(), [contact.id, contact.identities.length, tries.value]);
  return (
    <Section title={t("nav.conversations")}>
      {failed.value && <Missing error={failed.value} again={() => (tries.value += 1)} />}
      {!failed.value && shown === null && <Skeleton as="line" count={3} />}
      {shown?.rows.length === 0 && <p class="dk-muted">{t("customers.never")}</p>}
      {shown?.rows.map((one) => (
        <PreviousRow key={one.id} row={one} />
      ))}
      {shown?.next && (
        <Button size="small" onClick={() => void ask(shown.next)}>
          {t("customers.more")}
        </Button>
      )}
    </Section>
  );
}

/** What the customer may ask for: all that is kept of them, or that nothing is. */
function Data({ contact }: { readonly contact: Contact }) {
  const asking = useSignal(false);
  return (
    <Section title={t("customers.data")}>
      <p class="dk-muted">{t("customers.exportBody")}</p>
      <div class="dk-customers__buttons">
        <a class="sb-button sb-button--small" href={`/api/contacts/${contact.id}/export`} download>
          {t("customers.export")}
        </a>
        <Button size="small" onClick={() => (asking.value = true)}>
          {t("customers.erase")}
        </Button>
      </div>
      {asking.value && <Erase contact={contact} close={() => (asking.value = false)} />}
    </Section>
  );
}

function Erase({ contact, close }: { readonly contact: Contact; close(): void }) {
  const desk = useDesk();
  const name = nameOf(contact);
  const typed = useSignal("");
  const busy = useSignal(false);
  const sure = typed.value.trim().toLocaleLowerCase() === name.trim().toLocaleLowerCase();
  const run = async (): Promise<void> => {
    if (!sure || busy.value) return;
    busy.value = true;
    try {
      await desk.api("POST /api/contacts/{id}/erased", { id: contact.id });
      toast({ text: t("customers.erased", { name }) });
      close();
      go(customersPath(), true);
    } catch (cause) {
      busy.value = false;
      sayRefused(apiError(cause));
    }
  };
  return (
    <Dialog
      title={t("customers.erase")}
      onClose={() => !busy.value && close()}
      actions={
        <>
          <Button onClick={close} disabled={busy.value}>
            {t("action.cancel")}
          </Button>
          <Button kind="danger" disabled={!sure} busy={busy.value} onClick={() => void run()}>
            {t("forever.delete")}
          </Button>
        </>
      }
    >
      <p>{t("customers.eraseBody", { name })}</p>
      <TextField
        label={t("customers.eraseType", { name })}
        value={typed.value}
        autofocus
        autocomplete="off"
        onInput={(event) => {
          typed.value = event.currentTarget.value;
        }}
        onKeyDown={(event) => {
          if (event.key === "Enter") void run();
        }}
      />
    </Dialog>
  );
}
