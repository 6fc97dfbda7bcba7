/** One row of the list: listens to its own conversation and to who is in it, and to nothing else. */
import { useComputed } from "@preact/signals";
import type { ConversationId, ExcerptPart } from "@switchboard/protocol";
import { Checkbox } from "@switchboard/ui/checkbox";
import { ConversationRow } from "@switchboard/ui/conversation-row";
import { t } from "@switchboard/ui/i18n/desk";
import { memo } from "preact/compat";
import { useDesk } from "../context";
import type { Desk } from "../desk/desk";
import { go } from "../router";
import { isUnread } from "../state/lists";
import { agentName, authorName, contactName } from "../words";
import "./row.css";

export interface RowProps {
  readonly id: ConversationId;
  readonly href: string;
  readonly selected: boolean;
  /** Of a search: where it has the words. */
  readonly found?: readonly ExcerptPart[] | undefined;
  /** It can be selected. */
  readonly picks?: boolean;
}

/** Drawn again only for something new: the list is drawn at each row that one scrolls. */
export const Row = memo(function Row({ id, href, selected, found, picks = false }: RowProps) {
  const desk = useDesk();
  const row = desk.row(id).value;
  const others = useComputed(() => othersHere(desk, id)).value;
  if (!row) return null;
  const { house } = desk;
  const me = desk.me.value.agent.id;
  const { preview } = row;
  const assignee = row.assignees[0];
  const drawn = (
    <ConversationRow
      href={href}
      onOpen={() => go(href)}
      selected={selected}
      unread={isUnread(row)}
      channel={row.channel}
      inbox={house.value.inboxes.get(row.inbox_id)?.name}
      at={row.last_activity_at}
      contact={{ id: row.contact.id, name: contactName(row) }}
      subject={row.subject ?? undefined}
      preview={preview?.text ?? ""}
      found={found}
      previewBy={
        !preview || preview.author.kind === "contact"
          ? undefined
          : preview.author.kind === "agent" && preview.author.id === me
            ? { me: true }
            : { me: false, name: authorName(preview.author, row, house.value) }
      }
      files={preview?.attachments ?? 0}
      status={row.status}
      snoozedUntil={row.snoozed_until}
      priority={row.priority}
      flagged={row.flagged}
      waits={row.asked_person ?? false}
      tags={row.tags}
      tagTone={desk.tags.tone}
      assignee={assignee === undefined ? undefined : { id: assignee, name: agentName(house.value, assignee) }}
      draft={!selected && desk.compose.hasDraft(id)}
      unsent={desk.compose.unsent.value.has(id)}
      undelivered={row.undelivered_number !== null}
      typing={others.typing}
      viewers={others.viewers}
    />
  );
  if (!picks || desk.me.value.agent.role === "read_only") return drawn;
  return (
    <>
      {drawn}
      <Pick id={id} name={contactName(row)} />
    </>
  );
});

/** Lies over the face, where a press selects; shows itself to the pointer, to the keyboard, and while something is selected. */
function Pick({ id, name }: { readonly id: ConversationId; readonly name: string }) {
  const desk = useDesk();
  const picked = useComputed(() => desk.selection.view.value.ids.has(id)).value;
  return (
    <span class="dk-pick" data-picked={picked}>
      <Checkbox
        bare
        label={t("many.pick", { who: name })}
        checked={picked}
        onChange={() => desk.selection.toggle(id)}
      />
    </span>
  );
}

/** Who writes and who looks, beside oneself. */
export function othersHere(
  desk: Desk,
  id: ConversationId,
): { typing: readonly string[]; viewers: readonly { id: string; name: string; mode: string }[] } {
  const { typing, viewers } = desk.now.value;
  const row = desk.row(id).value;
  const me = desk.me.value.agent.id;
  if (!row) return { typing: [], viewers: [] };
  return {
    typing: (typing.get(id) ?? [])
      .filter(({ who }) => !(who.kind === "agent" && who.id === me))
      .map(({ who }) => authorName(who, row, desk.house.value)),
    viewers: (viewers.get(id) ?? [])
      .filter((one) => one.agent_id !== me)
      .map((one) => ({ id: one.agent_id, name: agentName(desk.house.value, one.agent_id), mode: one.mode })),
  };
}
