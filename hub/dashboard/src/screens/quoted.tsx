/**
 * What a message answers, as a line that leads to it; and how an agent says what theirs answers.
 *
 * Of what was taken back nothing shows, also not what somebody picked of it. A message that is not held here (it is older than
 * what was loaded) is only named, until who wants to see it goes there.
 */
import type { ConversationRow, Message } from "@switchboard/protocol";
import { t } from "@switchboard/ui/i18n/desk";
import { Icon } from "@switchboard/ui/icon";
import { IconButton } from "@switchboard/ui/icon-button";
import { Reply, X } from "lucide-preact";
import { useDesk } from "../context";
import { carriesOf } from "../desk/carries";
import type { Desk } from "../desk/desk";
import { authorName } from "../words";
import "./quoted.css";

/** Of a long message so much stands in the line, characters. */
const WORDS = 200;

/** Whether the customer has this message, so that an answer can point at it. */
function canBeAnswered({ kind, delivery, deleted_at }: Message): boolean {
  const both = kind === "in" || (kind === "out" && delivery !== "failed" && delivery !== "uncertain");
  return both && deleted_at === undefined;
}

function takesAnswers(desk: Desk, row: ConversationRow): boolean {
  if (desk.me.value.agent.role === "read_only") return false;
  return carriesOf(desk.house.value.inboxes.get(row.inbox_id), row.channel).answers === true;
}

/** By key: the customer's last message. */
export function answerLast(desk: Desk, row: ConversationRow): void {
  if (!takesAnswers(desk, row)) return;
  const messages = desk.threadView(row.id).value.thread?.messages ?? [];
  const last = messages.findLast((one) => one.kind === "in" && canBeAnswered(one));
  if (last) desk.compose.answer(row.id, last.number);
}

/** Beside a message. */
export function AnswerThis({ message, row }: { readonly message: Message; readonly row: ConversationRow }) {
  const desk = useDesk();
  if (!takesAnswers(desk, row) || !canBeAnswered(message)) return null;
  return (
    <IconButton
      icon={Reply}
      size="small"
      mirrored
      label={t("message.answerThis")}
      onClick={() => desk.compose.answer(row.id, message.number)}
    />
  );
}

export interface Answering {
  readonly answers?: number | undefined;
  readonly quote?: string | undefined;
}

interface Said {
  readonly who: string | null;
  readonly words: string;
  readonly gone: boolean;
}

function said({ answers, quote }: Answering, row: ConversationRow, desk: Desk): Said | null {
  if (answers === undefined) return quote === undefined ? null : { who: null, words: quote, gone: false };
  const original = desk.threadView(row.id).value.thread?.messages.find((one) => one.number === answers);
  if (!original) return { who: null, words: quote ?? t("message.earlier"), gone: quote === undefined };
  const who = authorName(original.author, row, desk.house.value);
  if (original.deleted_at !== undefined) return { who, words: t("message.deleted"), gone: true };
  const files = (original.attachments ?? []).map((file) => file.name).join(", ");
  const words = (quote ?? (original.text || files)).replace(/\s+/g, " ");
  return { who, words: words.slice(0, WORDS), gone: false };
}

function Words({ who, words, gone }: Said) {
  return (
    <>
      <Icon of={Reply} size={14} mirrored />
      <span class="sb-unseen">{t("message.inAnswerTo")}</span>
      {who !== null && <bdi class="dk-quoted__who">{who}</bdi>}
      <bdi class={gone ? "dk-quoted__words dk-quoted__words--gone" : "dk-quoted__words"}>{words}</bdi>
    </>
  );
}

/** Above a message's text. */
export function Quoted({
  of,
  row,
  go,
}: {
  readonly of: Answering;
  readonly row: ConversationRow;
  /** Absent: it leads nowhere. */
  go?: (number: number) => void;
}) {
  const it = said(of, row, useDesk());
  const { answers } = of;
  if (it === null) return null;
  if (answers === undefined || !go)
    return (
      <p class="dk-quoted">
        <Words {...it} />
      </p>
    );
  return (
    <button type="button" class="dk-quoted dk-quoted--leads" onClick={() => go(answers)}>
      <Words {...it} />
    </button>
  );
}

/** Above the field: what is being answered, until it is sent or dropped. */
export function AnsweringBar({ answers, row }: { readonly answers: number; readonly row: ConversationRow }) {
  const desk = useDesk();
  const it = said({ answers }, row, desk);
  return (
    it && (
      <div class="dk-answering">
        <p class="dk-quoted">
          <Words {...it} />
        </p>
        <IconButton
          icon={X}
          size="small"
          iconSize={14}
          label={t("message.answerNone")}
          onClick={() => desk.compose.answer(row.id, undefined)}
        />
      </div>
    )
  );
}
