/**
 * Messages that get another conversation, as one sees it: the menu beside a message, what leads to the other conversation,
 * and what stands in place of the reply bar where nothing can be said any more.
 */
import type { CaseLink as Case, ConversationRow, Message } from "@switchboard/protocol";
import { Banner } from "@switchboard/ui/banner";
import { Button } from "@switchboard/ui/button";
import { t } from "@switchboard/ui/i18n/desk";
import { IconButton } from "@switchboard/ui/icon-button";
import { Menu } from "@switchboard/ui/menu";
import { Ellipsis, Split } from "lucide-preact";
import { useEffect } from "preact/hooks";
import { useDesk } from "../context";
import { go, linkTo } from "../router";
import { pathOf, separate, split } from "./moving";

export function CaseLink({ of }: { readonly of: Case }) {
  return (
    <a {...linkTo(pathOf(of.id))}>
      <bdi class="sb-figures">{of.case_number}</bdi>
    </a>
  );
}

/** Beside a message that can begin a conversation of its own. */
export function MoveThis({ message, row }: { readonly message: Message; readonly row: ConversationRow }) {
  const desk = useDesk();
  const talk = message.kind === "in" || message.kind === "out";
  // A visitor has one window: what is answered in an older conversation would be told by no badge there.
  if (!talk || row.channel === "web" || row.merged_into !== undefined || desk.me.value.agent.role === "read_only")
    return null;
  return (
    <Menu
      label={t("action.more")}
      align="end"
      opener={(opener) => (
        <IconButton icon={Ellipsis} size="small" label={t("action.more")} tooltip="none" {...opener} />
      )}
      entries={[
        // What comes next in a chat goes on with what was said last, so that moves along.
        ...(row.channel === "email"
          ? [{ label: t("moving.alone"), icon: Split, onChoose: () => void split(desk, row, message.number, false) }]
          : []),
        { label: t("moving.andAfter"), icon: Split, onChoose: () => void split(desk, row, message.number, true) },
      ]}
    />
  );
}

/** In place of the reply bar. */
export function MergedBar({ row, into }: { readonly row: ConversationRow; readonly into: Case }) {
  const desk = useDesk();
  const readOnly = desk.me.value.agent.role === "read_only";
  // What somebody was writing here when it was merged goes along.
  useEffect(() => desk.compose.carry(row.id, into.id), [row.id, into.id]);
  return (
    <Banner>
      {t("moving.merged", { case: into.case_number })}{" "}
      <span class="dk-merged">
        <Button size="small" onClick={() => go(pathOf(into.id))}>
          {t("moving.open", { case: into.case_number })}
        </Button>
        {!readOnly && (
          <Button kind="quiet" size="small" onClick={() => void separate(desk, row, into)}>
            {t("moving.separate")}
          </Button>
        )}
      </span>
    </Banner>
  );
}
