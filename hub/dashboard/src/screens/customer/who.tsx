/** Who the customer is: each field edited where it stands, and where they are now. */
import type { ChangeContact, Contact, ConversationRow } from "@switchboard/protocol";
import { t } from "@switchboard/ui/i18n/desk";
import { BadgeCheck } from "lucide-preact";
import { useDesk } from "../../context";
import { InPlace } from "./in-place";
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

export function ContactFields({
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
