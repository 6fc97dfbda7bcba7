/** The customer beside the conversation: who they are (each field edited where it stands), where they are now, what else they asked. */
import { useSignal } from "@preact/signals";
import type { ChangeContact, Contact, ConversationRow } from "@switchboard/protocol";
import { Avatar } from "@switchboard/ui/avatar";
import { Button } from "@switchboard/ui/button";
import { t } from "@switchboard/ui/i18n/desk";
import { IconButton } from "@switchboard/ui/icon-button";
import { Moment } from "@switchboard/ui/moment";
import { Skeleton } from "@switchboard/ui/skeleton";
import { Tag } from "@switchboard/ui/tag";
import { toast } from "@switchboard/ui/toast";
import { BadgeCheck, Plus, X } from "lucide-preact";
import type { ComponentChildren } from "preact";
import { useEffect, useId, useLayoutEffect, useRef } from "preact/hooks";
import { useDesk } from "../context";
import { useKeys } from "../keys/keys";
import { apiError } from "../net/errors";
import { Address } from "../parts/address";
import { Drawer } from "../parts/drawer";
import { panelPlace, showPanel } from "../preferences";
import { linkTo, listPath } from "../router";
import { nothingTouched } from "../state/model";
import { takePage } from "../state/snapshots";
import { agentName, contactName, errorText } from "../words";
import { quietly } from "./actions";
import { overlay } from "./overlay";
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
    case "over":
      return <Over row={row} />;
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

/** Beside the reply bar, so that one can look at it while one writes. */
function Over({ row }: { readonly row: ConversationRow }) {
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
    <aside class="dk-customer" data-over ref={box} aria-label={t("panel.title")}>
      <Customer row={row} />
    </aside>
  );
}

function Customer({ row }: { readonly row: ConversationRow }) {
  const desk = useDesk();
  const contact = desk.contact(row.contact.id).value;
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
              save={(name) => save(contact, { name })}
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
      {contact ? <ContactFields contact={contact} row={row} save={save} /> : <Skeleton as="line" count={4} />}
      <Handling row={row} />
      <Origin row={row} />
      <Previous row={row} />
    </>
  );

  async function save(contact: Contact, change: ChangeContact): Promise<void> {
    try {
      const saved = await desk.api("PATCH /api/contacts/{id}", { id: contact.id, body: change });
      const held = desk.core.state.contacts.get(contact.id);
      if (!held) return;
      // The event brings the same with its position; until then this is the newest that is known.
      desk.core.state.contacts.set(contact.id, { thing: saved, at: held.at });
      const touched = nothingTouched();
      touched.contacts.add(contact.id);
      desk.core.publish(touched);
    } catch (cause) {
      toast({ text: t("panel.notSaved", { why: errorText(apiError(cause)) }), tone: "danger" });
      throw cause;
    }
  }
}

function Section({
  title,
  action,
  children,
}: {
  readonly title: string;
  readonly action?: ComponentChildren;
  readonly children: ComponentChildren;
}) {
  return (
    <section class="dk-customer__section">
      <div class="dk-customer__title">
        <h2>{title}</h2>
        {action}
      </div>
      {children}
    </section>
  );
}

/** Where the visitor is now. Signals are newer than the snapshot. */
function Here({ row }: { readonly row: ConversationRow }) {
  const desk = useDesk();
  const seen = desk.now.value.visitors.get(row.identity_id);
  const { visitor } = desk.conversations.view.value;
  const { here, page } = seen ?? visitor;
  if (row.channel !== "web") return null;
  if (!here) return <span class="dk-muted dk-customer__here">{t("panel.visitorGone")}</span>;
  return (
    <span class="dk-customer__here" data-here>
      <i aria-hidden="true" />
      <span class="dk-cut" title={page?.url}>
        {page ? (page.title ?? page.url.replace(/^https?:\/\//, "")) : t("presence.online")}
      </span>
    </span>
  );
}

function ContactFields({
  contact,
  row,
  save,
}: {
  readonly contact: Contact;
  readonly row: ConversationRow;
  save(contact: Contact, change: ChangeContact): Promise<void>;
}) {
  const verified = contact.identities.some((one) => one.id === row.identity_id && one.verified);
  return (
    <Section
      title={t("panel.contact")}
      action={
        verified ? (
          <span class="dk-customer__verified" title={t("panel.verified")}>
            <BadgeCheck size={14} aria-label={t("panel.verified")} />
          </span>
        ) : undefined
      }
    >
      <dl class="dk-facts">
        <Fact label={t("panel.email")}>
          <InPlace
            label={t("panel.email")}
            type="email"
            value={contact.email ?? ""}
            empty={t("action.add")}
            save={(email) => save(contact, { email })}
          />
        </Fact>
        <Fact label={t("panel.phone")}>
          <InPlace
            label={t("panel.phone")}
            type="tel"
            value={contact.phone ?? ""}
            empty={t("action.add")}
            save={(phone) => save(contact, { phone })}
          />
        </Fact>
        <Fact label={t("panel.language")}>
          <InPlace
            label={t("panel.language")}
            value={contact.language ?? row.language ?? ""}
            empty={t("action.add")}
            save={(language) => save(contact, { language })}
          />
        </Fact>
        <Fact label={t("panel.notes")}>
          <InPlace
            label={t("panel.notes")}
            long
            value={contact.notes}
            empty={t("panel.notesHint")}
            save={(notes) => save(contact, { notes })}
          />
        </Fact>
      </dl>
    </Section>
  );
}

function Fact({ label, children }: { readonly label: string; readonly children: ComponentChildren }) {
  return (
    <div class="dk-facts__one">
      <dt>{label}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function Handling({ row }: { readonly row: ConversationRow }) {
  const desk = useDesk();
  const { house } = desk;
  const { id } = row;
  const readOnly = desk.me.value.agent.role === "read_only";
  const show = (kind: "assign" | "team" | "tags" | "priority") => () => {
    overlay.value = { kind, id };
  };
  const team = row.team_id === null ? undefined : house.value.teams.get(row.team_id)?.name;
  const choice = (label: string, open: () => void, children: ComponentChildren) => (
    <Fact label={label}>
      <button type="button" class="dk-choice" disabled={readOnly} onClick={open}>
        <span class="sb-unseen">{label}</span>
        {children}
      </button>
    </Fact>
  );
  return (
    <Section title={t("panel.conversation")}>
      <dl class="dk-facts">
        {choice(
          t("panel.assignees"),
          show("assign"),
          row.assignees.length === 0 ? (
            <span class="dk-muted">{t("assign.nobody")}</span>
          ) : (
            row.assignees.map((one) => (
              <span key={one} class="dk-choice__person">
                <Avatar id={one} name={agentName(house.value, one)} size={16} />
                <span class="dk-cut">{agentName(house.value, one)}</span>
              </span>
            ))
          ),
        )}
        {choice(
          t("panel.team"),
          show("team"),
          <span class={team === undefined ? "dk-muted" : ""}>{team ?? t("panel.none")}</span>,
        )}
        {choice(
          t("panel.priority"),
          show("priority"),
          <span class={row.priority === "none" ? "dk-muted" : ""}>{t(`priority.${row.priority}`)}</span>,
        )}
        <Fact label={t("panel.tags")}>
          <span class="dk-tags">
            {row.tags.map((tag) => (
              <Tag
                key={tag}
                onRemove={
                  readOnly ? undefined : () => void quietly(desk, id, { tags: row.tags.filter((one) => one !== tag) })
                }
              >
                {tag}
              </Tag>
            ))}
            {!readOnly && (
              <IconButton
                icon={Plus}
                size="small"
                iconSize={14}
                label={t("panel.addTag")}
                keys="T"
                onClick={show("tags")}
              />
            )}
          </span>
        </Fact>
        <Fact label={t("panel.case")}>
          <span class="sb-figures">{row.case_number}</span>
        </Fact>
      </dl>
    </Section>
  );
}

function Origin({ row }: { readonly row: ConversationRow }) {
  const { url, title } = row.source;
  if (url === undefined) return null;
  return (
    <Section
      title={t("panel.source")}
      action={
        <Button kind="quiet" size="small" onClick={() => (overlay.value = { kind: "source", id: row.id })}>
          {t("action.more")}
        </Button>
      }
    >
      <p class="dk-customer__origin">
        {title !== undefined && <span class="dk-cut">{title}</span>}
        <Address url={url} />
      </p>
    </Section>
  );
}

/** Other conversations that are shown, the newest first; the rest are found by a search. */
const PREVIOUS_ROWS = 10;

function Previous({ row }: { readonly row: ConversationRow }) {
  const desk = useDesk();
  const found = useSignal<readonly ConversationRow[] | null>(null);
  const { id: contact } = row.contact;
  useEffect(() => {
    found.value = null;
    let current = true;
    desk.api("GET /api/conversations", { query: { contact, limit: PREVIOUS_ROWS + 1 } }).then(
      (page) => {
        if (!current) return;
        const taken = takePage(desk.core.state, page);
        if (taken.kind === "current") desk.core.publish(taken.touched);
        found.value = page.rows.filter((one) => one.id !== row.id).slice(0, PREVIOUS_ROWS);
      },
      () => {
        if (current) found.value = [];
      },
    );
    return () => {
      current = false;
    };
  }, [row.id, contact]);
  return (
    <Section title={t("panel.previous")}>
      {found.value?.length === 0 && <p class="dk-muted">{t("panel.previousNone")}</p>}
      {found.value?.map((one) => (
        <a key={one.id} class="dk-previous" {...linkTo(listPath({ folder: "inbox", sort: "activity" }, one.id))}>
          <span class="dk-cut">{one.subject ?? one.preview?.text ?? one.case_number}</span>
          <span class="dk-muted">{t(`status.${one.status}`)}</span>
          <Moment at={one.last_activity_at} class="dk-muted sb-figures" />
        </a>
      ))}
    </Section>
  );
}

interface InPlaceProps {
  readonly label: string;
  readonly value: string;
  /** Stands there while there is nothing. */
  readonly empty: string;
  readonly type?: string;
  readonly long?: boolean;
  readonly strong?: boolean;
  save(value: string): Promise<void>;
}

/** Text that becomes a field when it is pressed. Enter and leaving save, Escape does not; a refusal keeps what was written. */
function InPlace({ label, value, empty, type = "text", long = false, strong = false, save }: InPlaceProps) {
  const editing = useSignal<string | null>(null);
  const saving = useRef(false);
  const button = useRef<HTMLButtonElement>(null);
  const id = useId();
  const open = editing.value !== null;
  // Before the next key: it would be one of the desk's.
  useLayoutEffect(() => {
    if (open) document.getElementById(id)?.focus();
  }, [open]);
  /** Who leaves by a key stays here; who leaves by going elsewhere is there already. */
  const leave = async (keep: boolean, byKey: boolean): Promise<void> => {
    const text = editing.value;
    if (text === null || saving.current) return;
    if (keep && text.trim() !== value) {
      saving.current = true;
      try {
        await save(text.trim());
      } catch {
        return;
      } finally {
        saving.current = false;
      }
    }
    editing.value = null;
    if (byKey) requestAnimationFrame(() => button.current?.focus());
  };
  if (editing.value === null) {
    return (
      <button
        type="button"
        ref={button}
        class="dk-in-place"
        data-strong={strong || undefined}
        aria-label={`${label}: ${value || empty}`}
        onClick={() => (editing.value = value)}
      >
        <bdi class={value === "" && !strong ? "dk-muted" : ""}>{value || empty}</bdi>
      </button>
    );
  }
  const props = {
    id,
    class: "dk-in-place__field",
    "aria-label": label,
    value: editing.value,
    onInput: (event: { currentTarget: { value: string } }) => {
      editing.value = event.currentTarget.value;
    },
    onBlur: () => void leave(true, false),
    onKeyDown: (event: KeyboardEvent) => {
      if (event.key === "Escape") {
        // The field alone: what stands around it stays.
        event.preventDefault();
        event.stopPropagation();
        void leave(false, true);
      }
      if (event.key === "Enter" && (!long || event.ctrlKey || event.metaKey)) {
        event.preventDefault();
        void leave(true, true);
      }
    },
  };
  return long ? <textarea rows={4} {...props} /> : <input type={type} {...props} />;
}
