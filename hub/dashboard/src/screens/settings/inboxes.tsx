/** Where messages come in: web chats, their looks, their code, and who sees them. */
import { useSignal } from "@preact/signals";
import type { Access, Inbox, SaveWebSettings } from "@switchboard/protocol";
import { Button } from "@switchboard/ui/button";
import { Dialog } from "@switchboard/ui/dialog";
import { EmptyState } from "@switchboard/ui/empty-state";
import { TextArea, TextField } from "@switchboard/ui/field";
import { t } from "@switchboard/ui/i18n/desk";
import { Globe, Plus } from "lucide-preact";
import { useDesk } from "../../context";
import type { Core } from "../../desk/core";
import { Dotted } from "../../parts/dotted";
import { Form, FormError, useSending } from "../../parts/form";
import { route } from "../../router";
import { type Held, nothingTouched } from "../../state/model";
import { takeAnswer } from "../../state/snapshots";
import { snippetOf } from "../../words";
import { Checks, Copyable, doing, Head, Thing, text, toggled, useAsked, Waiting } from "./parts";

const ACCENT = "#5b4fd6";

export function Inboxes() {
  const desk = useDesk();
  const adding = useSignal(route.value.page === "settings" && route.value.adding);
  const open = useSignal<string | null>(null);
  const inboxes = [...desk.house.value.inboxes.values()];
  const added = (inbox: Inbox): void => {
    adding.value = false;
    open.value = inbox.id;
  };
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
              <InboxForm done={added} cancel={() => (adding.value = false)} />
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
        <ul class="dk-things">
          {inboxes.map((inbox) => (
            <Thing
              key={inbox.id}
              title={inbox.name}
              line={<Dotted of={[t(`channel.${inbox.channel}`), inbox.case_prefix]} />}
              actions={
                <Button
                  aria-expanded={open.value === inbox.id}
                  aria-label={t(open.value === inbox.id ? "settings.closeNamed" : "settings.editNamed", {
                    name: inbox.name,
                  })}
                  onClick={() => (open.value = open.value === inbox.id ? null : inbox.id)}
                >
                  {t(open.value === inbox.id ? "action.close" : "action.edit")}
                </Button>
              }
            >
              {open.value === inbox.id && <Details inbox={inbox} />}
            </Thing>
          ))}
        </ul>
      )}
    </>
  );
}

function Details({ inbox }: { readonly inbox: Inbox }) {
  const desk = useDesk();
  const asking = useSignal(false);
  const remove = (): Promise<void> =>
    doing(
      async () => {
        await desk.api("DELETE /api/inboxes/{id}", { id: inbox.id });
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
      <InboxForm inbox={inbox} />
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
          <p>{t("settings.removeInboxBody", { name: inbox.name })}</p>
        </Dialog>
      )}
    </>
  );
}

/** What the hub has answered shows now; its event brings the same with a position. */
function hold({ state, publish }: Core, inbox: Inbox, asked?: Held<Inbox>): void {
  if (takeAnswer(state, state.inboxes, inbox.id, asked, inbox)) publish({ ...nothingTouched(), house: true });
}

function InboxForm({ inbox, done, cancel }: { readonly inbox?: Inbox; done?(inbox: Inbox): void; cancel?(): void }) {
  const { api, core } = useDesk();
  const sending = useSending();
  const save = async (form: FormData): Promise<void> => {
    const web: SaveWebSettings = {
      accent: text(form, "accent"),
      greeting: text(form, "greeting"),
      origins: text(form, "origins").split(/\s+/).filter(Boolean),
    };
    const body = { name: text(form, "name"), case_prefix: text(form, "case_prefix"), web };
    const asked = inbox && core.state.inboxes.get(inbox.id);
    const saved = inbox
      ? await api("PATCH /api/inboxes/{id}", { id: inbox.id, body })
      : await api("POST /api/inboxes", { body: { ...body, channel: "web" } });
    hold(core, saved, asked);
    done?.(saved);
  };
  return (
    <Form onSend={(form) => void sending.send(() => save(form))}>
      <div class="dk-two">
        <TextField
          label={t("settings.name")}
          name="name"
          required
          autofocus={inbox === undefined}
          defaultValue={inbox?.name ?? ""}
          error={sending.fieldError("name")}
        />
        <TextField
          label={t("settings.casePrefix")}
          name="case_prefix"
          help={t("settings.casePrefixHint")}
          defaultValue={inbox?.case_prefix ?? ""}
          error={sending.fieldError("case_prefix")}
        />
      </div>
      <TextField
        label={t("settings.greeting")}
        name="greeting"
        help={t("settings.greetingHint")}
        placeholder={t("settings.greetingDefault")}
        defaultValue={inbox?.web?.greeting ?? ""}
        error={sending.fieldError("web.greeting")}
      />
      <TextField
        label={t("settings.accent")}
        name="accent"
        type="color"
        defaultValue={inbox?.web?.accent ?? ACCENT}
        error={sending.fieldError("web.accent")}
      />
      <TextArea
        label={t("settings.allowedOrigins")}
        name="origins"
        help={t("settings.allowedOriginsHint")}
        defaultValue={inbox?.web?.origins.join("\n") ?? ""}
        error={sending.fieldError("web.origins")}
      />
      <FormError sending={sending} />
      <div class="dk-form__foot">
        <Button kind="primary" type="submit" busy={sending.busy}>
          {t("settings.save")}
        </Button>
        {cancel && <Button onClick={cancel}>{t("action.cancel")}</Button>}
      </div>
    </Form>
  );
}

function WhoSees({ inbox }: { readonly inbox: Inbox }) {
  const desk = useDesk();
  const { agents, teams } = desk.house.value;
  const asked = useAsked<Access>(() => desk.api("GET /api/inboxes/{id}/access", { id: inbox.id }));
  const access = asked.value.value;
  if (!access) return <Waiting asked={asked} />;
  const save = (next: Access): void => {
    asked.value.value = next;
    void doing(() => desk.api("PUT /api/inboxes/{id}/access", { id: inbox.id, body: next })).then(() => asked.again());
  };
  const people = [...agents.values()]
    .filter((one) => !one.disabled && one.role !== "owner" && one.role !== "admin")
    .map((one) => ({ id: one.id, label: one.name }));
  return (
    <>
      <div>
        <h3>{t("settings.access")}</h3>
        <p class="dk-muted">{t("settings.accessAll")}</p>
        <p class="dk-muted">{t("settings.accessNow")}</p>
      </div>
      {people.length > 0 && (
        <Checks
          legend={t("settings.agents")}
          options={people}
          chosen={access.agents}
          toggle={(id) => save({ ...access, agents: toggled(access.agents, id) })}
        />
      )}
      {teams.size > 0 && (
        <Checks
          legend={t("settings.teams")}
          options={[...teams.values()].map((one) => ({ id: one.id, label: one.name }))}
          chosen={access.teams}
          toggle={(id) => save({ ...access, teams: toggled(access.teams, id) })}
        />
      )}
    </>
  );
}
