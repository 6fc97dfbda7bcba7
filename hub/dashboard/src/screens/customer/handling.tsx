/** How the conversation is handled, and where it came from. */
import { type ConversationRow, RATING_MOST } from "@switchboard/protocol";
import { Avatar } from "@switchboard/ui/avatar";
import { Button } from "@switchboard/ui/button";
import { t } from "@switchboard/ui/i18n/desk";
import { IconButton } from "@switchboard/ui/icon-button";
import { Tag } from "@switchboard/ui/tag";
import { Plus } from "lucide-preact";
import type { ComponentChildren } from "preact";
import { useDesk } from "../../context";
import { Address } from "../../parts/address";
import { agentName } from "../../words";
import { quietly } from "../actions";
import { overlay } from "../overlay";
import { Fact, Section } from "./parts";

export function Handling({ row }: { readonly row: ConversationRow }) {
  const desk = useDesk();
  const { house } = desk;
  const { id } = row;
  const readOnly = desk.me.value.agent.role === "read_only";
  const show = (kind: "assign" | "team" | "tags" | "priority") => () => {
    overlay.value = { kind, id };
  };
  const team = row.team_id === null ? undefined : house.value.teams.get(row.team_id)?.name;
  const choice = (label: string, open: () => void, children: ComponentChildren) => (
    <Fact label={label}>
      {readOnly ? (
        <span>{children}</span>
      ) : (
        <button type="button" class="dk-choice" onClick={open}>
          <span class="sb-unseen">{label}</span>
          {children}
        </button>
      )}
    </Fact>
  );
  return (
    <Section title={t("panel.conversation")}>
      <dl class="dk-facts">
        {choice(
          t("panel.assignees"),
          show("assign"),
          row.assignees.length === 0 ? (
            <span class="dk-muted">{t("assign.nobody")}</span>
          ) : (
            row.assignees.map((one) => (
              <span key={one} class="dk-choice__person">
                <Avatar id={one} name={agentName(house.value, one)} size={16} />
                <span class="dk-cut">{agentName(house.value, one)}</span>
              </span>
            ))
          ),
        )}
        {choice(
          t("panel.team"),
          show("team"),
          <span class={team === undefined ? "dk-muted" : ""}>{team ?? t("panel.none")}</span>,
        )}
        {choice(
          t("panel.priority"),
          show("priority"),
          <span class={row.priority === "none" ? "dk-muted" : ""}>{t(`priority.${row.priority}`)}</span>,
        )}
        <Fact label={t("panel.tags")}>
          <span class="dk-tags">
            {row.tags.map((tag) => (
              <Tag
                key={tag}
                tone={desk.tags.tone(tag)}
                onRemove={
                  readOnly ? undefined : () => void quietly(desk, id, { tags: row.tags.filter((one) => one !== tag) })
                }
              >
                {tag}
              </Tag>
            ))}
            {!readOnly && (
              <IconButton
                icon={Plus}
                size="small"
                iconSize={14}
                label={t("panel.addTag")}
                keys="T"
                onClick={show("tags")}
              />
            )}
          </span>
        </Fact>
        {row.rating !== undefined && (
          <Fact label={t("panel.rating")}>
            <span>{t("panel.ratingOf", { score: row.rating, most: RATING_MOST })}</span>
          </Fact>
        )}
        <Fact label={t("panel.case")}>
          <span>
            <bdi class="sb-figures">{row.case_number}</bdi>
          </span>
        </Fact>
      </dl>
    </Section>
  );
}

/** Of a campaign so many words are shown at once; the rest is behind "More". */
const CAMPAIGN_SHOWN = 3;

export function Origin({ row }: { readonly row: ConversationRow }) {
  const { url, title, referrer, campaign = [] } = row.source;
  if (url === undefined && referrer === undefined && campaign.length === 0) return null;
  return (
    <Section
      title={t("panel.source")}
      action={
        <Button kind="quiet" size="small" onClick={() => (overlay.value = { kind: "source", id: row.id })}>
          {t("action.more")}
        </Button>
      }
    >
      <p class="dk-customer__origin">
        {title !== undefined && <span class="dk-cut">{title}</span>}
        {url !== undefined && <Address url={url} />}
        {url === undefined && referrer !== undefined && <Address url={referrer} />}
        {url === undefined &&
          campaign.slice(0, CAMPAIGN_SHOWN).map(([name, value]) => (
            <bdi key={name}>
              <span class="dk-muted">{name}</span> {value}
            </bdi>
          ))}
      </p>
    </Section>
  );
}
