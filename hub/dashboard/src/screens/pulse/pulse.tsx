/** The team now: who is here, what each has open and writes, how much each has to do, and who waits longest. */
import type { Agent, ConversationId, Viewer } from "@switchboard/protocol";
import { Avatar } from "@switchboard/ui/avatar";
import { Button } from "@switchboard/ui/button";
import { number } from "@switchboard/ui/i18n";
import { t } from "@switchboard/ui/i18n/more";
import { IconButton } from "@switchboard/ui/icon-button";
import { Moment } from "@switchboard/ui/moment";
import { presenceWord } from "@switchboard/ui/presence";
import { ArrowLeft } from "lucide-preact";
import { useEffect } from "preact/hooks";
import { useDesk } from "../../context";
import { useKeys } from "../../keys/keys";
import { go, linkTo, listPath } from "../../router";
import { type Now, presenceOf } from "../../state/now";
import { contactName, errorText } from "../../words";
import { FolderDrawer, Rail } from "../folders";
import { overlay } from "../overlay";
import { Overlays } from "../overlays";
import { COUNTED, type Load, NOBODY, PEOPLE, useLoads } from "./load";
import "./pulse.css";

export function Pulse() {
  const desk = useDesk();
  const now = desk.now.value;
  const people = [...desk.house.value.agents.values()]
    .filter((one) => !one.disabled)
    .sort((a, b) => Number(!now.team.has(a.id)) - Number(!now.team.has(b.id)) || a.name.localeCompare(b.name))
    .slice(0, PEOPLE);
  // In an order that does not change when somebody comes or goes: it would be asked anew each time.
  const asked = useLoads(desk.api, [NOBODY, ...people.map((one) => one.id).sort()]);
  useKeys({
    Escape: () => go("/inbox"),
    "Mod+k": () => {
      overlay.value = { kind: "palette" };
    },
    "?": () => {
      overlay.value = { kind: "help" };
    },
    o: () => {
      overlay.value = { kind: "goTo" };
    },
    "/": () => go("/search?q="),
  });
  return (
    <div class="dk-page">
      <div class="dk-pulse">
        <Rail />
        <main class="dk-pulse__page">
          <div class="dk-pulse__column">
            <header class="dk-pulse__head">
              <IconButton
                class="dk-only-phone"
                icon={ArrowLeft}
                mirrored
                label={t("key.back")}
                tooltip="none"
                onClick={() => go("/inbox")}
              />
              <h1>{t("pulse.title")}</h1>
            </header>
            {asked.error && (
              <p class="dk-pulse__error" role="alert">
                {errorText(asked.error)}{" "}
                <Button size="small" onClick={asked.again}>
                  {t("action.retry")}
                </Button>
              </p>
            )}
            <section class="dk-pulse__card">
              <strong>{t("folder.unassigned")}</strong>
              <LoadOf load={asked.loads.get(NOBODY)} path={listPath({ folder: "unassigned", sort: "waiting" })} />
            </section>
            <ul class="dk-pulse__team" aria-label={t("folders.team")}>
              {people.map((one) => (
                <Person key={one.id} agent={one} now={now} load={asked.loads.get(one.id)} />
              ))}
            </ul>
          </div>
        </main>
      </div>
      <FolderDrawer />
      <Overlays />
    </div>
  );
}

/** What they have open, as their pages say it; what they write in comes first. */
function openOf({ viewers }: Now, { id }: Agent): readonly (readonly [ConversationId, Viewer["mode"]])[] {
  const all = [...viewers].flatMap(([conversation, who]) =>
    who.filter((one) => one.agent_id === id).map((one) => [conversation, one.mode] as const),
  );
  return all.sort(([, a], [, b]) => Number(a === "viewing") - Number(b === "viewing"));
}

function Person({ agent, now, load }: { readonly agent: Agent; readonly now: Now; readonly load: Load | undefined }) {
  const here = presenceOf(now, agent.id);
  const open = openOf(now, agent);
  return (
    <li class="dk-pulse__card" data-gone={!here || undefined}>
      <div class="dk-pulse__who">
        <Avatar id={agent.id} name={agent.name} size={28} presence={here} />
        <span class="dk-pulse__name">
          <strong class="dk-cut">
            <bdi>{agent.name}</bdi>
          </strong>
          {here !== undefined && <span class="dk-muted">{presenceWord(here)}</span>}
        </span>
      </div>
      <LoadOf load={load} path={listPath({ folder: "inbox", sort: "waiting", assignee: agent.id })} />
      {open.length > 0 && (
        <ul class="dk-pulse__open">
          {open.map(([id, mode]) => (
            <OpenOne key={id} id={id} mode={mode} />
          ))}
        </ul>
      )}
    </li>
  );
}

function OpenOne({ id, mode }: { readonly id: ConversationId; readonly mode: Viewer["mode"] }) {
  const desk = useDesk();
  const row = desk.row(id).value;
  useEffect(() => {
    if (!desk.rowNow(id)) desk.conversations.fetchUnknown([id]);
  }, [id]);
  // One that this reader may not see stays unknown.
  if (!row) return null;
  return (
    <li>
      <span class="dk-muted">{t(`pulse.${mode}`)}</span>{" "}
      <a {...linkTo(listPath({ folder: "inbox", sort: "activity" }, id))}>
        <bdi>{row.subject ?? contactName(row)}</bdi>
      </a>
    </li>
  );
}

function LoadOf({ load, path }: { readonly load: Load | undefined; readonly path: string }) {
  if (!load) return <span class="dk-pulse__load dk-muted">{"\u00a0"}</span>;
  const { open, waitingSince } = load;
  return (
    <span class="dk-pulse__load">
      <a {...linkTo(path)}>
        {open > COUNTED ? t("pulse.many", { count: number(COUNTED) }) : t("pulse.open", { n: open })}
      </a>
      {waitingSince !== null && (
        <span class="dk-muted">
          {t("pulse.waiting")} <Moment at={waitingSince} as="since" class="sb-figures" />
        </span>
      )}
    </span>
  );
}
