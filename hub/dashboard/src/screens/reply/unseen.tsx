/** A reply that was held back, with what it was held back for. */
import type { ConversationRow } from "@switchboard/protocol";
import { Button } from "@switchboard/ui/button";
import { t } from "@switchboard/ui/i18n/desk";
import { Text } from "@switchboard/ui/text";
import { useDesk } from "../../context";
import type { HeldBack } from "../../desk/compose";
import { authorName } from "../../words";
import { sendAgain } from "./send-and";

/** A colleague's reply stands before this one: it is read first, then decided. */
export function Unseen({
  held,
  row,
  onDecided,
}: {
  readonly held: HeldBack;
  readonly row: ConversationRow;
  onDecided(): void;
}) {
  const desk = useDesk();
  const { thread } = desk.threadView(row.id).value;
  const theirs = thread?.messages.filter((one) => held.unseen.includes(one.number)) ?? [];
  const first = theirs[0];
  const { mine } = held;
  const { conversationId: id, clientId } = mine;
  // The button that was pressed goes: what is typed next must land in the field, not among the desk's keys.
  const decide = (what: () => void) => () => {
    what();
    onDecided();
  };
  return (
    <div class="dk-unseen-reply" role="alert">
      <strong>
        {t("compose.overBody", { who: first ? authorName(first.author, row, desk.house.value) : t("people.hub") })}
      </strong>
      {theirs.map((one) => (
        <blockquote key={one.id}>
          <Text text={one.text} />
        </blockquote>
      ))}
      <span>{t("composer.unseenMine")}</span>
      <blockquote class="dk-unseen-reply__mine">
        <Text text={mine.text} />
      </blockquote>
      <div class="dk-unseen-reply__actions">
        <Button kind="primary" size="small" onClick={decide(() => sendAgain(desk, row, mine, true))}>
          {t("compose.over")}
        </Button>
        <Button size="small" onClick={decide(() => desk.compose.edit(id, clientId))}>
          {t("composer.edit")}
        </Button>
        <Button kind="quiet" size="small" onClick={decide(() => desk.compose.discard(id, clientId))}>
          {t("composer.discard")}
        </Button>
      </div>
    </div>
  );
}
