/** In the head of a conversation: who answers here, at a glance. It leads to the bots in the customer's column. */
import type { ConversationRow } from "@switchboard/protocol";
import { t } from "@switchboard/ui/i18n/desk";
import { Icon } from "@switchboard/ui/icon";
import { Bot, BotOff } from "lucide-preact";
import { useDesk } from "../../context";
import { showPanel } from "../../preferences";
import { speaker } from "../../state/bots";
import { type BotHere, botsHere } from "./here";
import "./bots.css";

export function BotBadge({ row }: { readonly row: ConversationRow }) {
  const bots = botsHere(useDesk(), row.id);
  if (bots.length === 0) return null;
  const first = speaker(bots);
  const words = wordsOf(first);
  return (
    <button
      type="button"
      class="dk-bot-badge"
      data-state={first?.state.kind ?? "people"}
      title={words}
      onClick={() => showPanel(true)}
    >
      <Icon of={first ? Bot : BotOff} />
      <span class="dk-bot-badge__words dk-cut">{words}</span>
    </button>
  );
}

function wordsOf(first: BotHere | undefined): string {
  switch (first?.state.kind) {
    case "answering":
      // Whether it is that time is not known here.
      if (first.answers !== "always") return `${first.name} · ${t(`bots.answers.${first.answers}`)}`;
      return t("bots.badge.answering", { bot: first.name });
    case "failing":
    case "typing":
    case "waiting":
      return t(`bots.badge.${first.state.kind}`, { bot: first.name });
    default:
      return t("bots.badge.people");
  }
}
