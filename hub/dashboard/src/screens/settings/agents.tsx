/** The people: invite with a link, role, name that visitors see, disable. */
import { useSignal } from "@preact/signals";
import type { Agent, ChangeAgent, Invitation, PendingInvitation, Role } from "@switchboard/protocol";
import { Avatar } from "@switchboard/ui/avatar";
import { Button } from "@switchboard/ui/button";
import { Dialog } from "@switchboard/ui/dialog";
import { Select, TextField } from "@switchboard/ui/field";
import { t } from "@switchboard/ui/i18n/more";
import { locale } from "@switchboard/ui/ticker";
import { exact } from "@switchboard/ui/time";
import { UserRoundPlus } from "lucide-preact";
import { useEffect, useRef } from "preact/hooks";
import { useDesk } from "../../context";
import { Dotted } from "../../parts/dotted";
import { Form, FormError, useSending } from "../../parts/form";
import { presenceOf } from "../../state/now";
import { Checks, Copyable, doing, Head, Thing, text, toggled, useAsked, Waiting } from "./parts";
import { MakePasswordLink, mayLetIn } from "./password-link";

const ROLES: readonly Role[] = ["agent", "admin", "owner", "read_only"];

export function Agents() {
  const { api, house, now } = useDesk();
  const asked = useAsked(() => api("GET /api/agents"));
  const inviting = useSignal(false);
  const invited = useSignal<Invitation | null>(null);
  const people = asked.value.value;
  const { team } = now.value;
  /** Invited when it was asked, and here by now. */
  const joined = people?.invited.filter((one) => (team.get(one.agent_id) ?? "offline") !== "offline").length ?? 0;
  const known = useRef(house.value);
  useEffect(() => {
    if (known.current === house.value && joined === 0) return;
    known.current = house.value;
    void asked.again();
  }, [house.value, joined]);
  const hasJoined = ({ agent }: Invitation): boolean =>
    people?.agents.some(({ id }) => id === agent.id) === true &&
    !people.invited.some((one) => one.agent_id === agent.id);
  const again = async (agent: Agent): Promise<void> => {
    const { name, email, role } = agent;
    invited.value = null;
    await doing(async () => {
      invited.value = await api("POST /api/agents", { body: { name, email, role } });
    });
    await asked.again();
  };
  return (
    <>
      <Head
        title={t("settings.agents")}
        body={t("settings.agentsBody")}
        action={
          !inviting.value && (
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
          )
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
      {invited.value && !hasJoined(invited.value) && <Link invitation={invited.value} />}
      {people ? (
        <ul class="dk-things">
          {people.agents.map((agent) => (
            <Person
              key={agent.id}
              agent={agent}
              invited={people.invited.find((one) => one.agent_id === agent.id) ?? null}
              newLink={again}
              withdrawn={(agent) => {
                if (invited.value?.agent.id === agent.id) invited.value = null;
              }}
              changed={asked.again}
            />
          ))}
        </ul>
      ) : (
        <Waiting asked={asked} />
      )}
    </>
  );
}

/** The link is shown this once: the hub keeps only what it takes to know it again. */
function Link({ invitation }: { readonly invitation: Invitation }) {
  return (
    <ul class="dk-things">
      <li class="dk-thing">
        <div class="dk-thing__more" role="status">
          <p>
            {t("settings.inviteLink", {
              name: invitation.agent.name,
              time: exact(invitation.expires_at, locale.value),
            })}
          </p>
          <Copyable text={new URL(invitation.link, window.location.origin).href} label={t("settings.copyLink")} />
        </div>
      </li>
    </ul>
  );
}

function seesAll(role: Role): boolean {
  return role === "owner" || role === "admin";
}

function Invite({ done, cancel }: { done(invitation: Invitation): void; cancel(): void }) {
  const { api, house } = useDesk();
  const sending = useSending();
  const role = useSignal<Role>("agent");
  const chosen = useSignal<readonly string[]>([]);
  const inboxes = [...house.value.inboxes.values()];
  const send = async (form: FormData): Promise<void> => {
    const invitation = await api("POST /api/agents", {
      body: { name: text(form, "name"), email: text(form, "email"), role: role.value },
    });
    if (!seesAll(role.value)) {
      for (const id of chosen.value) {
        const access = await api("GET /api/inboxes/{id}/access", { id });
        const agents = [...new Set([...access.agents, invitation.agent.id])];
        await api("PUT /api/inboxes/{id}/access", { id, body: { ...access, agents } });
      }
    }
    done(invitation);
  };
  return (
    <Form onSend={(form) => void sending.send(() => send(form))}>
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
        value={role.value}
        options={ROLES.map((value) => ({ value, label: t(`settings.role.${value}`) }))}
        onChange={(event) => (role.value = event.currentTarget.value as Role)}
      />
      {seesAll(role.value) ? (
        <p class="dk-muted">{t("settings.inviteSeesAll")}</p>
      ) : (
        inboxes.length > 0 && (
          <Checks
            legend={t("settings.inviteInboxes")}
            options={inboxes.map((one) => ({ id: one.id, label: one.name }))}
            chosen={chosen.value}
            toggle={(id) => (chosen.value = toggled(chosen.value, id))}
          />
        )
      )}
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

interface PersonProps {
  readonly agent: Agent;
  /** They have not come yet. */
  readonly invited: PendingInvitation | null;
  newLink(agent: Agent): Promise<void>;
  /** Their link lets nobody in any more. */
  withdrawn(agent: Agent): void;
  changed(): Promise<void>;
}

function Person({ agent, invited, newLink, withdrawn, changed }: PersonProps) {
  const desk = useDesk();
  const editing = useSignal(false);
  const me = agent.id === desk.me.value.agent.id;
  const asking = useSignal(false);
  const change = (body: ChangeAgent, said: string): Promise<void> =>
    doing(() => desk.api("PATCH /api/agents/{id}", { id: agent.id, body }), said).then(changed);
  const disable = (): void => {
    asking.value = false;
    void change({ disabled: true }, t("settings.disabledNamed", { name: agent.name }));
  };
  const enable = (): void => void change({ disabled: false }, t("settings.enabledNamed", { name: agent.name }));
  const withdraw = (): Promise<void> =>
    doing(
      () => desk.api("DELETE /api/agents/{id}/invitation", { id: agent.id }),
      t("settings.withdrawn", { name: agent.name }),
    ).then(() => withdrawn(agent));
  return (
    <Thing
      before={<Avatar id={agent.id} name={agent.name} size={32} presence={presenceOf(desk.now.value, agent.id)} />}
      title={agent.name}
      line={<Dotted of={[agent.email, t(`settings.role.${agent.role}`), stateOf(agent, invited, desk.clock())]} />}
      actions={
        invited && !agent.disabled ? (
          <>
            <Button onClick={() => void newLink(agent)}>{t("settings.newLink")}</Button>
            <Button onClick={() => void withdraw().then(changed)}>{t("settings.withdraw")}</Button>
          </>
        ) : (
          <Button
            aria-expanded={editing.value}
            aria-label={t(editing.value ? "settings.closeNamed" : "settings.editNamed", { name: agent.name })}
            onClick={() => (editing.value = !editing.value)}
          >
            {t(editing.value ? "action.close" : "action.edit")}
          </Button>
        )
      }
    >
      {editing.value && (
        <>
          <Form
            onSend={(form) =>
              void change(
                {
                  name: text(form, "name"),
                  display_name: text(form, "display_name"),
                  ...(me ? {} : { role: text(form, "role") as Role }),
                },
                t("settings.saved"),
              )
            }
          >
            <div class="dk-two">
              <TextField label={t("settings.name")} name="name" required defaultValue={agent.name} />
              <TextField
                label={t("settings.displayName")}
                name="display_name"
                defaultValue={agent.display_name ?? ""}
              />
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
            </div>
          </Form>
          {mayLetIn(desk.me.value.agent, agent) && <MakePasswordLink agent={agent} />}
          {!me && (
            <div class="dk-part">
              <Button onClick={agent.disabled ? enable : () => (asking.value = true)}>
                {t(agent.disabled ? "settings.enable" : "settings.disable")}
              </Button>
            </div>
          )}
          {asking.value && (
            <Dialog
              title={t("settings.disableAsk", { name: agent.name })}
              onClose={() => (asking.value = false)}
              actions={
                <>
                  <Button onClick={() => (asking.value = false)}>{t("settings.keepPerson")}</Button>
                  <Button kind="danger" onClick={disable}>
                    {t("settings.disable")}
                  </Button>
                </>
              }
            >
              <p>{t("settings.disableBody")}</p>
            </Dialog>
          )}
        </>
      )}
    </Thing>
  );
}

/** What is to be known of a person beside their role. */
function stateOf({ disabled }: Agent, invited: PendingInvitation | null, now: number): string | undefined {
  if (disabled) return t("settings.disabled");
  if (!invited) return undefined;
  return invited.expires_at > now
    ? t("settings.invited", { time: exact(invited.expires_at, locale.value) })
    : t("settings.invitedLate");
}
