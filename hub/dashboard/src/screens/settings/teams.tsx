/** The teams and who is in them. */
import { useSignal } from "@preact/signals";
import type { Team } from "@switchboard/protocol";
import { Button } from "@switchboard/ui/button";
import { EmptyState } from "@switchboard/ui/empty-state";
import { TextField } from "@switchboard/ui/field";
import { t } from "@switchboard/ui/i18n/more";
import { Plus, Users } from "lucide-preact";
import { useDesk } from "../../context";
import { Form, FormError, useSending } from "../../parts/form";
import { Checks, doing, Head, Thing, text, toggled, useAsked, Waiting } from "./parts";

export function Teams() {
  const { api } = useDesk();
  const asked = useAsked(async () => (await api("GET /api/teams")).teams);
  const open = useSignal<string | "new" | null>(null);
  const teams = asked.value.value;
  const done = (): void => {
    open.value = null;
    void asked.again();
  };
  const remove = (team: Team): Promise<void> =>
    doing(() => api("DELETE /api/teams/{id}", { id: team.id }), t("settings.removed", { name: team.name })).then(done);
  return (
    <>
      <Head
        title={t("settings.teams")}
        body={t("settings.teamsBody")}
        action={
          open.value !== "new" && (
            <Button kind="primary" icon={Plus} onClick={() => (open.value = "new")}>
              {t("settings.newTeam")}
            </Button>
          )
        }
      />
      {open.value === "new" && (
        <ul class="dk-things">
          <li class="dk-thing">
            <div class="dk-thing__more">
              <TeamForm done={done} />
            </div>
          </li>
        </ul>
      )}
      {!teams && <Waiting asked={asked} />}
      {teams?.length === 0 && open.value === null && (
        <EmptyState icon={Users} title={t("settings.teamsEmpty")} body={t("settings.teamsEmptyBody")} />
      )}
      {teams && teams.length > 0 && (
        <ul class="dk-things">
          {teams.map((team) => (
            <Thing
              key={team.id}
              title={team.name}
              line={t("settings.people", { n: team.members.length })}
              actions={
                <Button
                  aria-expanded={open.value === team.id}
                  aria-label={t(open.value === team.id ? "settings.closeNamed" : "settings.editNamed", {
                    name: team.name,
                  })}
                  onClick={() => (open.value = open.value === team.id ? null : team.id)}
                >
                  {t(open.value === team.id ? "action.close" : "action.edit")}
                </Button>
              }
            >
              {open.value === team.id && <TeamForm team={team} done={done} remove={() => void remove(team)} />}
            </Thing>
          ))}
        </ul>
      )}
    </>
  );
}

function TeamForm({ team, done, remove }: { readonly team?: Team; done(): void; remove?(): void }) {
  const desk = useDesk();
  const sending = useSending();
  const members = useSignal<readonly string[]>(team?.members ?? []);
  const people = [...desk.house.value.agents.values()]
    .filter((one) => !one.disabled)
    .map((one) => ({ id: one.id, label: one.name }));
  const save = async (form: FormData): Promise<void> => {
    const body = { name: text(form, "name"), members: [...members.value] };
    await (team ? desk.api("PUT /api/teams/{id}", { id: team.id, body }) : desk.api("POST /api/teams", { body }));
    done();
  };
  return (
    <Form onSend={(form) => void sending.send(() => save(form))}>
      <TextField
        label={t("settings.name")}
        name="name"
        required
        autofocus
        defaultValue={team?.name ?? ""}
        error={sending.fieldError("name")}
      />
      <Checks
        legend={t("settings.members")}
        options={people}
        chosen={members.value}
        toggle={(id) => (members.value = toggled(members.value, id))}
      />
      <FormError sending={sending} />
      <div class="dk-form__foot">
        <Button kind="primary" type="submit" busy={sending.busy}>
          {t("settings.save")}
        </Button>
        {remove ? (
          <Button kind="danger" onClick={remove}>
            {t("settings.remove")}
          </Button>
        ) : (
          <Button onClick={done}>{t("action.cancel")}</Button>
        )}
      </div>
    </Form>
  );
}
