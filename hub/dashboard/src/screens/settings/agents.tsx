/** The people: invite with a link, role, name that visitors see, disable. */
import { useSignal } from "@preact/signals";
import type { Agent, ChangeAgent, Invitation, Role } from "@switchboard/protocol";
import { Avatar } from "@switchboard/ui/avatar";
import { Button } from "@switchboard/ui/button";
import { Select, TextField } from "@switchboard/ui/field";
import { t } from "@switchboard/ui/i18n/desk";
import { locale } from "@switchboard/ui/ticker";
import { exact } from "@switchboard/ui/time";
import { UserRoundPlus } from "lucide-preact";
import { useDesk } from "../../context";
import { Form, FormError, useSending } from "../../parts/form";
import { Copyable, doing, Head, Thing, text, useAsked, Waiting } from "./parts";

const ROLES: readonly Role[] = ["agent", "admin", "owner", "read_only"];

export function Agents() {
  const { api } = useDesk();
  const asked = useAsked(async () => (await api("GET /api/agents")).agents);
  const inviting = useSignal(false);
  const invited = useSignal<Invitation | null>(null);
  const agents = asked.value.value;
  return (
    <>
      <Head
        title={t("settings.agents")}
        body={t("settings.agentsBody")}
        action={
          <Button
            kind="primary"
            icon={UserRoundPlus}
            onClick={() => {
              inviting.value = true;
              invited.value = null;
            }}
          >
            {t("settings.invite")}
          </Button>
        }
      />
      {inviting.value && (
        <ul class="dk-things">
          <li class="dk-thing">
            <div class="dk-thing__more">
              <Invite
                done={(one) => {
                  invited.value = one;
                  inviting.value = false;
                  void asked.again();
                }}
                cancel={() => (inviting.value = false)}
              />
            </div>
          </li>
        </ul>
      )}
      {invited.value && (
        <ul class="dk-things">
          <li class="dk-thing">
            <div class="dk-thing__more" role="status">
              <p>
                {t("settings.inviteLink", {
                  name: invited.value.agent.name,
                  time: exact(invited.value.expires_at, locale.value),
                })}
              </p>
              <Copyable
                text={new URL(invited.value.link, window.location.origin).href}
                label={t("settings.copyLink")}
              />
            </div>
          </li>
        </ul>
      )}
      {agents ? (
        <ul class="dk-things">
          {agents.map((agent) => (
            <Person key={agent.id} agent={agent} changed={asked.again} />
          ))}
        </ul>
      ) : (
        <Waiting asked={asked} />
      )}
    </>
  );
}

function Invite({ done, cancel }: { done(invitation: Invitation): void; cancel(): void }) {
  const { api } = useDesk();
  const sending = useSending();
  const send = (form: FormData): Promise<void> =>
    sending.send(async () =>
      done(
        await api("POST /api/agents", {
          body: { name: text(form, "name"), email: text(form, "email"), role: text(form, "role") as Role },
        }),
      ),
    );
  return (
    <Form onSend={(form) => void send(form)}>
      <div>
        <h3>{t("settings.inviteTitle")}</h3>
        <p class="dk-muted">{t("settings.inviteBody")}</p>
      </div>
      <div class="dk-two">
        <TextField label={t("settings.name")} name="name" required autofocus error={sending.fieldError("name")} />
        <TextField label={t("settings.email")} name="email" type="email" required error={sending.fieldError("email")} />
      </div>
      <Select
        label={t("settings.role")}
        name="role"
        value="agent"
        options={ROLES.map((value) => ({ value, label: t(`settings.role.${value}`) }))}
      />
      <FormError sending={sending} />
      <div class="dk-form__foot">
        <Button kind="primary" type="submit" busy={sending.busy}>
          {t("settings.invite")}
        </Button>
        <Button onClick={cancel}>{t("action.cancel")}</Button>
      </div>
    </Form>
  );
}

function Person({ agent, changed }: { readonly agent: Agent; changed(): Promise<void> }) {
  const desk = useDesk();
  const editing = useSignal(false);
  const me = agent.id === desk.me.value.agent.id;
  const change = (body: ChangeAgent): Promise<void> =>
    doing(() => desk.api("PATCH /api/agents/{id}", { id: agent.id, body }), t("settings.saved")).then(changed);
  return (
    <Thing
      before={<Avatar id={agent.id} name={agent.name} size={32} presence={desk.now.value.team.get(agent.id) ?? null} />}
      title={agent.name}
      line={[agent.email, t(`settings.role.${agent.role}`), agent.disabled ? t("settings.disabled") : undefined]
        .filter(Boolean)
        .join(" · ")}
      actions={
        <Button aria-expanded={editing.value} onClick={() => (editing.value = !editing.value)}>
          {t(editing.value ? "action.close" : "action.edit")}
        </Button>
      }
    >
      {editing.value && (
        <Form
          onSend={(form) =>
            void change({
              name: text(form, "name"),
              display_name: text(form, "display_name"),
              ...(me ? {} : { role: text(form, "role") as Role }),
            })
          }
        >
          <div class="dk-two">
            <TextField label={t("settings.name")} name="name" required defaultValue={agent.name} />
            <TextField label={t("settings.displayName")} name="display_name" defaultValue={agent.display_name ?? ""} />
          </div>
          {!me && (
            <Select
              label={t("settings.role")}
              name="role"
              value={agent.role}
              options={ROLES.map((value) => ({ value, label: t(`settings.role.${value}`) }))}
            />
          )}
          <div class="dk-form__foot">
            <Button kind="primary" type="submit">
              {t("settings.save")}
            </Button>
            {!me && (
              <Button
                kind={agent.disabled ? "plain" : "danger"}
                onClick={() => void change({ disabled: !agent.disabled })}
              >
                {t(agent.disabled ? "settings.enable" : "settings.disable")}
              </Button>
            )}
          </div>
        </Form>
      )}
    </Thing>
  );
}
