/** By which channels the customer is known, with which cards they are merged, and who may be the same person. */
import type { Contact, ContactSuggestion, ConversationRow, Identity, MergedContact } from "@switchboard/protocol";
import { Avatar, CHANNEL_ICONS } from "@switchboard/ui/avatar";
import { Button } from "@switchboard/ui/button";
import { t } from "@switchboard/ui/i18n/desk";
import { Icon } from "@switchboard/ui/icon";
import { IconButton } from "@switchboard/ui/icon-button";
import { locale, now } from "@switchboard/ui/ticker";
import { exact, longAgo } from "@switchboard/ui/time";
import { Merge } from "lucide-preact";
import { useEffect } from "preact/hooks";
import { useDesk } from "../../context";
import { mergeWith, separate, tellApart } from "../merging";
import { overlay } from "../overlay";
import { Section } from "./parts";

export function Person({ contact, row }: { readonly contact: Contact; readonly row?: ConversationRow }) {
  const desk = useDesk();
  const conversation = row?.id ?? null;
  useEffect(() => desk.people.look(conversation, contact.id), [conversation, contact.id]);
  const { of, suggestions } = desk.people.view.value;
  const readOnly = desk.me.value.agent.role === "read_only";
  const merged = contact.merged ?? [];
  return (
    <>
      <Section
        title={t("person.identities")}
        action={
          readOnly ? undefined : (
            <IconButton
              icon={Merge}
              size="small"
              iconSize={14}
              label={t("person.mergeWith")}
              onClick={() => (overlay.value = { kind: "merge", contact: contact.id })}
            />
          )
        }
      >
        <ul class="dk-person">
          {contact.identities.map((one) => (
            <Known key={one.id} identity={one} />
          ))}
        </ul>
        {merged.length > 0 && (
          <ul class="dk-person" aria-label={t("person.merged")}>
            {merged.map((one) => (
              <Part key={one.id} part={one} contact={contact} readOnly={readOnly} />
            ))}
          </ul>
        )}
      </Section>
      {!readOnly && of === contact.id && suggestions.length > 0 && (
        <Section title={t("person.maybe")}>
          <ul class="dk-person">
            {suggestions.map((one) => (
              <Suggested key={one.contact.id} suggestion={one} contact={contact} />
            ))}
          </ul>
        </Section>
      )}
    </>
  );
}

function Known({ identity }: { readonly identity: Identity }) {
  const inbox = useDesk().house.value.inboxes.get(identity.inbox_id)?.name;
  const channel = t(`channel.${identity.channel}`);
  return (
    <li class="dk-person__known">
      <Icon of={CHANNEL_ICONS[identity.channel]} />
      <span class="sb-unseen">{channel}</span>
      <bdi class="dk-cut" title={identity.address ?? undefined}>
        {identity.address ?? channel}
      </bdi>
      {inbox !== undefined && <span class="dk-muted dk-cut">{inbox}</span>}
      {identity.stopped_at !== undefined && (
        <span class="dk-person__stopped" title={exact(identity.stopped_at, locale.value)}>
          {t("person.stopped", { time: longAgo(identity.stopped_at, now.value, locale.value, t("time.now")) })}
        </span>
      )}
    </li>
  );
}

function Part({
  part,
  contact,
  readOnly,
}: {
  readonly part: MergedContact;
  readonly contact: Contact;
  readonly readOnly: boolean;
}) {
  const desk = useDesk();
  const name = part.name ?? part.email ?? part.phone ?? t("person.unnamedOne");
  return (
    <li class="dk-person__part">
      <span class="dk-cut">{t("person.mergedCard", { who: name })}</span>
      {!readOnly && (
        <Button
          kind="quiet"
          size="small"
          aria-label={t("person.separateFrom", { who: name })}
          onClick={() => void separate(desk, contact.id, part.id)}
        >
          {t("person.separate")}
        </Button>
      )}
    </li>
  );
}

function Suggested({ suggestion, contact }: { readonly suggestion: ContactSuggestion; readonly contact: Contact }) {
  const desk = useDesk();
  const { contact: other, shared } = suggestion;
  const address = other.name ?? other.email ?? other.phone;
  const name = address ?? t("person.unnamed");
  return (
    <li class="dk-person__maybe">
      <div class="dk-person__who">
        <Avatar id={other.id} name={name} size={24} />
        <span class="dk-person__words">
          <strong class="dk-cut">{name}</strong>
          {shared.map((one) => (
            <span key={`${one.kind} ${one.value}`} class="dk-muted">
              {t(one.typed ? `person.typed.${one.kind}` : `person.same.${one.kind}`, { value: one.value })}
            </span>
          ))}
        </span>
      </div>
      <div class="dk-person__choice">
        <Button
          size="small"
          aria-label={t("person.mergeWithName", { who: address ?? t("person.unnamedOne") })}
          onClick={() => void mergeWith(desk, contact, other)}
        >
          {t("person.merge")}
        </Button>
        <Button
          kind="quiet"
          size="small"
          aria-label={t("person.differentName", { who: name })}
          onClick={() => void tellApart(desk, contact, other)}
        >
          {t("person.different")}
        </Button>
      </div>
    </li>
  );
}
