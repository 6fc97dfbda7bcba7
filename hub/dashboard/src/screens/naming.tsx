/** A note's text with the names of those whom it names marked. Who has another name since stands after it. */
import type { AgentId } from "@switchboard/protocol";
import { list } from "@switchboard/ui/i18n";
import { t } from "@switchboard/ui/i18n/desk";
import { Linked } from "@switchboard/ui/text";
import { useDesk } from "../context";
import { pieces } from "../desk/mentions";
import { agentName } from "../words";
import "./naming.css";

export function Naming({ text, named }: { readonly text: string; readonly named: readonly AgentId[] }) {
  const { house, me } = useDesk();
  const people = named.map((id) => ({ id, name: agentName(house.value, id) }));
  const parts = pieces(text, people);
  const standing = new Set(parts.flatMap(({ names }) => names));
  const others = people.filter(({ id }) => !standing.has(id));
  const mine = me.value.agent.id;
  return (
    <>
      <span class="sb-said" dir="auto">
        {parts.map((part, place) =>
          part.names.length === 0 ? (
            <Linked key={place} text={part.text} />
          ) : (
            <bdi key={place} class="dk-named" data-me={part.names.includes(mine) || undefined}>
              {part.text}
            </bdi>
          ),
        )}
      </span>
      {others.length > 0 && (
        <span class="dk-named-too">{t("mentions.told", { names: list(others.map(({ name }) => name)) })}</span>
      )}
    </>
  );
}
