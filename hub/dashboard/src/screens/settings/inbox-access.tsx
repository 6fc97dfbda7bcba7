/** Who sees an inbox, beside owners and admins. */
import type { Access, Inbox } from "@switchboard/protocol";
import { t } from "@switchboard/ui/i18n/more";
import { useDesk } from "../../context";
import { Checks, doing, toggled, useAsked, Waiting } from "./parts";

export function WhoSees({ inbox }: { readonly inbox: Inbox }) {
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
