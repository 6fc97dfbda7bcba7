/** Who the customer is: each field edited where it stands, and where they are now. */
import type { ChangeContact, Contact, ConversationRow } from "@switchboard/protocol";
import { t } from "@switchboard/ui/i18n/desk";
import { IconButton } from "@switchboard/ui/icon-button";
import { Moment } from "@switchboard/ui/moment";
import { Tag } from "@switchboard/ui/tag";
import { locale, now } from "@switchboard/ui/ticker";
import { clock, exact } from "@switchboard/ui/time";
import { BadgeCheck, Plus } from "lucide-preact";
import { useDesk } from "../../context";
import { sayRefused } from "../actions";
import { overlay } from "../overlay";
import { InPlace, type InPlaceProps } from "./in-place";
import { Fact, Section } from "./parts";

/** Where the visitor is now. Signals are newer than the snapshot. */
export function Here({ row }: { readonly row: ConversationRow }) {
  const desk = useDesk();
  const { known, visitors } = desk.now.value;
  const seen = visitors.get(row.identity_id);
  const { visitor } = desk.conversations.view.value;
  const { here, page } = seen ?? visitor;
  if (row.channel !== "web") return null;
  if (!known) return <span class="dk-customer__here">{"\u00a0"}</span>;
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

/** Keeps a change of the card, or says why not. */
export type Save = (contact: Contact, change: ChangeContact) => Promise<void>;

export function ContactFields({
  contact,
  row,
  save,
}: {
  readonly contact: Contact;
  /** Absent: of no conversation. */
  readonly row?: ConversationRow | undefined;
  /** Absent: this reader changes nothing. */
  readonly save?: Save | undefined;
}) {
  const keeps = (field: "email" | "phone" | "language" | "notes") =>
    save && ((value: string) => save(contact, { [field]: value }));
  const verified = contact.identities.some((one) => one.id === row?.identity_id && one.verified);
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
        <Editable label={t("panel.email")} type="email" value={contact.email ?? ""} save={keeps("email")} />
        <Editable label={t("panel.phone")} type="tel" value={contact.phone ?? ""} save={keeps("phone")} />
        <Editable
          label={t("panel.language")}
          value={contact.language ?? row?.language ?? ""}
          save={keeps("language")}
        />
        <LocalTime zone={contact.time_zone} />
        <Fact label={t("panel.since")}>
          <span>
            <Moment at={contact.created_at} />
          </span>
        </Fact>
        <Tags contact={contact} save={save} />
        <Editable
          label={t("panel.notes")}
          long
          value={contact.notes}
          empty={t("panel.notesHint")}
          save={keeps("notes")}
        />
      </dl>
    </Section>
  );
}

/** Where nothing can be written, of what is not known there is nothing. */
function Editable({ empty = t("action.add"), ...props }: Omit<InPlaceProps, "empty"> & { readonly empty?: string }) {
  if (!props.save && props.value === "") return null;
  return (
    <Fact label={props.label}>
      <InPlace empty={empty} {...props} />
    </Fact>
  );
}

/** What time it is where they are: whether one may call now. */
function LocalTime({ zone }: { readonly zone: string | null }) {
  const time = zone === null ? null : timeIn(zone);
  if (zone === null || time === null) return null;
  return (
    <Fact label={t("panel.localTime")}>
      <span title={time.exact}>
        <span class="sb-figures">{time.clock}</span> <bdi class="dk-muted">{zone.replace(/_/gu, " ")}</bdi>
      </span>
    </Fact>
  );
}

/** None in a zone that this browser does not know. */
function timeIn(zone: string): { readonly clock: string; readonly exact: string } | null {
  const there = { ...locale.value, zone };
  try {
    return { clock: clock(now.value, there), exact: exact(now.value, there) };
  } catch {
    return null;
  }
}

function Tags({ contact, save }: { readonly contact: Contact; readonly save: Save | undefined }) {
  const desk = useDesk();
  const { tags } = contact;
  if (!save && tags.length === 0) return null;
  const without = (tag: string) => () =>
    void desk.changes.tag(contact.id, tag, false).then((error) => error && sayRefused(error));
  return (
    <Fact label={t("panel.customerTags")}>
      <span class="dk-tags">
        {tags.map((tag) => (
          <Tag key={tag} onRemove={save && without(tag)}>
            {tag}
          </Tag>
        ))}
        {save && (
          <IconButton
            icon={Plus}
            size="small"
            iconSize={14}
            label={t("panel.addCustomerTag")}
            onClick={() => (overlay.value = { kind: "customerTags", contact: contact.id })}
          />
        )}
      </span>
    </Fact>
  );
}
