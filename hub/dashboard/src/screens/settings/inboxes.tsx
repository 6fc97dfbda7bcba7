/** Where messages come in: web chats and their code, channels and their set-up, and who sees them. */
import { useSignal } from "@preact/signals";
import type { ChannelSetup, Inbox } from "@switchboard/protocol";
import { Button } from "@switchboard/ui/button";
import { Dialog } from "@switchboard/ui/dialog";
import { EmptyState } from "@switchboard/ui/empty-state";
import { t } from "@switchboard/ui/i18n/channels";
import { Globe, Plus } from "lucide-preact";
import { useEffect, useRef } from "preact/hooks";
import { useDesk } from "../../context";
import { Dotted } from "../../parts/dotted";
import { route } from "../../router";
import { nothingTouched } from "../../state/model";
import { snippetOf } from "../../words";
import { BotRulesPart } from "./bots/rules";
import { ChannelPart } from "./channels/channel";
import { ContactFormPart } from "./channels/contact-form";
import { draftsOf, hasSetUp, isUnsaved, putDraft, type SetUpChannel } from "./channels/draft";
import { StateWords } from "./channels/health";
import { HoursPart } from "./hours/hours";
import { WhoSees } from "./inbox-access";
import { InboxForm, NewInbox } from "./inbox-form";
import { type Asked, Copyable, doing, Head, Thing, useAsked } from "./parts";
import { AskingPart } from "./web/asking";
import { IdentityPart } from "./web/identity";

export function Inboxes() {
  const desk = useDesk();
  const adding = useSignal(route.value.page === "settings" && route.value.adding);
  // An address may lead to one of them.
  const led = route.value.page === "settings" ? route.value.inbox : null;
  const open = useSignal<string | null>(led);
  const inboxes = [...desk.house.value.inboxes.values()];
  const list = useRef<HTMLUListElement>(null);
  useEffect(() => {
    if (led !== null) list.current?.querySelector<HTMLElement>("[aria-expanded=true]")?.focus();
  }, []);
  const fresh = useRef(false);
  const added = (inbox: Inbox): void => {
    adding.value = false;
    open.value = inbox.id;
    fresh.current = true;
  };
  // The form is gone: the focus goes on to what it has made, once that is there.
  useEffect(() => {
    const made = fresh.current && list.current?.querySelector<HTMLElement>("[aria-expanded=true]");
    if (!made) return;
    fresh.current = false;
    made.focus();
  });
  return (
    <>
      <Head
        title={t("settings.inboxes")}
        body={t("settings.inboxesBody")}
        action={
          !adding.value &&
          inboxes.length > 0 && (
            <Button kind="primary" icon={Plus} onClick={() => (adding.value = true)}>
              {t("settings.newInbox")}
            </Button>
          )
        }
      />
      {adding.value && (
        <ul class="dk-things">
          <li class="dk-thing">
            <div class="dk-thing__more">
              <NewInbox done={added} cancel={() => (adding.value = false)} />
            </div>
          </li>
        </ul>
      )}
      {inboxes.length === 0 && !adding.value && (
        <EmptyState
          icon={Globe}
          title={t("settings.inboxesEmpty")}
          body={t("settings.inboxesEmptyBody")}
          action={
            <Button kind="primary" onClick={() => (adding.value = true)}>
              {t("settings.newInbox")}
            </Button>
          }
        />
      )}
      {inboxes.length > 0 && (
        <ul class="dk-things" ref={list}>
          {inboxes.map((inbox) => {
            const props = {
              inbox,
              open: open.value === inbox.id,
              toggle: () => (open.value = open.value === inbox.id ? null : inbox.id),
            };
            return hasSetUp(inbox.channel) ? (
              <ChannelInbox key={inbox.id} {...props} kind={inbox.channel} />
            ) : (
              <InboxThing key={inbox.id} {...props} />
            );
          })}
        </ul>
      )}
    </>
  );
}

interface ThingProps {
  readonly inbox: Inbox;
  readonly open: boolean;
  toggle(): void;
}

/** An inbox with a channel says in its line how that does. */
function ChannelInbox({ kind, ...props }: ThingProps & { readonly kind: SetUpChannel }) {
  const desk = useDesk();
  const asked = useAsked<ChannelSetup>(() => desk.api("GET /api/inboxes/{id}/channel", { id: props.inbox.id }));
  return <InboxThing {...props} channel={{ kind, asked }} />;
}

interface OfChannel {
  readonly kind: SetUpChannel;
  readonly asked: Asked<ChannelSetup>;
}

function InboxThing({ inbox, open, toggle, channel }: ThingProps & { readonly channel?: OfChannel }) {
  const unsaved = isUnsaved(useDesk(), inbox.id);
  const setup = channel?.asked.value.value;
  return (
    <Thing
      title={inbox.name}
      line={
        <Dotted
          of={[
            inbox.channel === "api" ? t("channel.api") : t(`inbox.kind.${inbox.channel}`),
            inbox.case_prefix,
            setup ? <StateWords key="state" of={setup} /> : undefined,
            unsaved ? t("inbox.unsaved") : undefined,
          ]}
        />
      }
      actions={
        <Button
          aria-expanded={open}
          aria-label={t(open ? "settings.closeNamed" : "settings.editNamed", { name: inbox.name })}
          onClick={toggle}
        >
          {t(open ? "action.close" : "action.edit")}
        </Button>
      }
    >
      {open && <Details inbox={inbox} {...(channel ? { channel } : {})} />}
    </Thing>
  );
}

function Details({ inbox, channel }: { readonly inbox: Inbox; readonly channel?: OfChannel }) {
  const desk = useDesk();
  const asking = useSignal(false);
  const remove = (): Promise<unknown> =>
    doing(
      async () => {
        await desk.api("DELETE /api/inboxes/{id}", { id: inbox.id });
        const { channel: typed, named, form } = draftsOf(desk);
        for (const drafts of [typed, named, form]) putDraft<unknown>(drafts, inbox.id, undefined);
        desk.core.state.inboxes.delete(inbox.id);
        desk.core.publish({ ...nothingTouched(), house: true });
      },
      t("settings.removed", { name: inbox.name }),
    );
  return (
    <>
      {inbox.web && (
        <>
          <p>{t("settings.snippet")}</p>
          <Copyable text={snippetOf(inbox)} label={t("settings.copySnippet")} />
        </>
      )}
      {channel && <ChannelPart inbox={inbox} {...channel} />}
      <div class={channel ? "dk-part dk-part--form" : undefined}>
        <InboxForm inbox={inbox} channel={inbox.channel} />
      </div>
      {channel?.kind === "email" && (
        <ContactFormPart inbox={inbox} ready={(channel.asked.value.value?.settings ?? null) !== null} />
      )}
      {inbox.web && <AskingPart inbox={inbox} web={inbox.web} />}
      {inbox.web && <IdentityPart inbox={inbox} />}
      <HoursPart inbox={inbox} />
      <BotRulesPart inbox={inbox} />
      <section class="dk-part">
        <WhoSees inbox={inbox} />
      </section>
      <div class="dk-part">
        <Button onClick={() => (asking.value = true)}>{t("settings.removeInbox")}</Button>
      </div>
      {asking.value && (
        <Dialog
          title={t("settings.removeInboxTitle", { name: inbox.name })}
          onClose={() => (asking.value = false)}
          actions={
            <>
              <Button onClick={() => (asking.value = false)}>{t("settings.keepInbox")}</Button>
              <Button
                kind="danger"
                onClick={() => {
                  asking.value = false;
                  void remove();
                }}
              >
                {t("settings.removeInbox")}
              </Button>
            </>
          }
        >
          <p>{t(inbox.web ? "settings.removeInboxBody" : "inbox.removeBody", { name: inbox.name })}</p>
        </Dialog>
      )}
    </>
  );
}
