// A conversation in the list: face with the channel's mark, name, time; subject or first words; a muted second line, in
// whose place it shows who is typing. Unread is weight and a dot, never colour alone.
//
// It is a link, so that it opens in a new tab like any other; `onOpen` takes over the plain press.

import type { Availability, Channel, Priority, Status } from "@switchboard/protocol";
import {
  AlarmClock,
  CircleAlert,
  CircleCheck,
  Flag,
  type LucideIcon,
  Paperclip,
  PencilLine,
  SignalHigh,
} from "lucide-preact";

import { classes } from "../classes";
import { rich, t } from "../i18n/dashboard";
import { coming, exact } from "../time/index";
import { locale, now } from "../time/ticker";
import { Avatar } from "./avatar";
import { Icon } from "./icon";
import { Moment } from "./moment";
import { Tag, type Tone } from "./tag";
import { TypingDots, typingBrief, typingSentence } from "./typing";
import { Unseen } from "./unseen";
import "./conversation-row.css";

export interface Person {
  readonly id: string;
  readonly name: string;
}

export interface ConversationRowProps {
  readonly href: string;
  readonly contact: Person & {
    readonly picture?: string | undefined;
    readonly presence?: Availability | null | undefined;
  };
  readonly channel: Channel;
  /** Where it came in; said where there is no second line else, in place of the channel that the mark says. */
  readonly inbox?: string | undefined;
  readonly at: number;
  readonly subject?: string | undefined;
  /** First words of the last message; who wrote it is `previewBy`, absent for the contact. */
  readonly preview: string;
  /** Where a search has found its words: stands in place of the preview. */
  readonly found?: readonly { readonly text: string; readonly found: boolean }[] | undefined;
  readonly previewBy?: { readonly me: true } | { readonly me: false; readonly name: string } | undefined;
  readonly files?: number;
  readonly unread?: boolean;
  readonly selected?: boolean;
  readonly status: Status;
  readonly snoozedUntil?: number | null | undefined;
  readonly priority?: Priority;
  readonly flagged?: boolean;
  /** The customer is to be answered by a person: they asked for one, or a bot handed over. */
  readonly waits?: boolean;
  readonly tags?: readonly string[];
  readonly tagTone?: (tag: string) => Tone;
  readonly assignee?: Person | undefined;
  /** There is an answer begun and not sent. */
  readonly draft?: boolean;
  /** There is an answer that was sent and did not go out. */
  readonly unsent?: boolean;
  /** The last answer went out and did not arrive. */
  readonly undelivered?: boolean;
  readonly typing?: readonly string[];
  /** Colleagues who have it open. */
  readonly viewers?: readonly Person[];
  readonly onOpen?: (() => void) | undefined;
}

/** Tags shown in a row while nobody types; the rest are in the conversation. */
const TAGS_SHOWN = 2;
const VIEWERS_SHOWN = 2;

/** Before what was said last, which is a bot's. */
function Waits() {
  return <span class="sb-row__waits">{t("row.waits")}</span>;
}

/** The last message's first words, or what was found. */
function Preview({ in: line, ...props }: ConversationRowProps & { readonly in: string }) {
  const { found = [], preview, previewBy, files = 0 } = props;
  if (found.length > 0)
    return (
      <span class={line} dir="auto">
        {found.map((part, place) => (part.found ? <mark key={place}>{part.text}</mark> : part.text))}
      </span>
    );
  const text = preview === "" && files > 0 ? t("attachments", { n: files }) : preview;
  if (text === "" || previewBy === undefined)
    return (
      <span class={line} dir="auto">
        {text === "" ? t(previewBy === undefined ? "row.noMessages" : "message.deleted") : text}
      </span>
    );
  return (
    <span class={classes(line, "sb-row__said")}>
      <Said text={text} by={previewBy} />
    </span>
  );
}

/**
 * "You: Hello". Who wrote it stands where the page's lines begin; the text beside it runs its own way and is cut at its
 * own end: in one run of both, one of them would be cut at its beginning.
 */
function Said({ text, by }: { readonly text: string; readonly by: NonNullable<ConversationRowProps["previewBy"]> }) {
  const words = { text };
  const who = { name: by.me ? "" : by.name };
  const pieces = by.me ? rich("row.you", { text: words }) : rich("row.agent", { who, text: words });
  return (
    <>
      {pieces.map((piece, place) => {
        if (piece === words)
          return (
            <span key={place} class="sb-row__words" dir="auto">
              {text}
            </span>
          );
        return piece === who ? <bdi key={place}>{who.name}</bdi> : <span key={place}>{piece as string}</span>;
      })}
    </>
  );
}

function Mark({
  of,
  label,
  tone,
}: {
  readonly of: LucideIcon;
  readonly label: string;
  readonly tone?: "danger" | "warning";
}) {
  return (
    <span class={classes("sb-row__mark", tone && `sb-row__mark--${tone}`)} title={label}>
      <Icon of={of} size={14} label={label} />
    </span>
  );
}

/** When it was last heard of; of one that sleeps, when it comes back. */
function When({ status, snoozedUntil, at }: ConversationRowProps) {
  if (status !== "snoozed" || !snoozedUntil) return <Moment at={at} class="sb-row__time sb-figures" />;
  const time = coming(snoozedUntil, now.value, locale.value);
  return (
    <span class="sb-row__time sb-row__back sb-figures" title={exact(snoozedUntil, locale.value)}>
      <Icon of={AlarmClock} size={14} />
      <Unseen>{t("conversation.snoozed", { time })}</Unseen>
      <span aria-hidden="true">{time}</span>
    </span>
  );
}

function Marks(props: ConversationRowProps) {
  const { status, priority = "none", flagged = false, files = 0, draft = false } = props;
  const { unsent = false, undelivered = false } = props;
  return (
    <>
      {unsent && <Mark of={CircleAlert} label={t("delivery.unsent")} tone="danger" />}
      {undelivered && !unsent && <Mark of={CircleAlert} label={t("delivery.failed")} tone="danger" />}
      {draft && <Mark of={PencilLine} label={t("row.draft")} />}
      {files > 0 && <Mark of={Paperclip} label={t("attachments", { n: files })} />}
      {flagged && <Mark of={Flag} label={t("conversation.flagged")} tone="danger" />}
      {(priority === "high" || priority === "urgent") && (
        <Mark of={SignalHigh} label={t(`priority.${priority}`)} tone={priority === "urgent" ? "danger" : "warning"} />
      )}
      {status === "closed" && <Mark of={CircleCheck} label={t("conversation.closed")} />}
    </>
  );
}

function People({ viewers = [], assignee }: ConversationRowProps) {
  return (
    <>
      {viewers.slice(0, VIEWERS_SHOWN).map((viewer) => (
        <span key={viewer.id} class="sb-row__viewer" title={t("row.viewing", { who: viewer.name })}>
          <Avatar {...viewer} size={16} />
          <Unseen>{t("row.viewing", { who: viewer.name })}</Unseen>
        </span>
      ))}
      {assignee && viewers.every((viewer) => viewer.id !== assignee.id) && (
        <span class="sb-row__assignee" title={assignee.name}>
          <Avatar {...assignee} size={16} />
          <Unseen>{assignee.name}</Unseen>
        </span>
      )}
    </>
  );
}

export function ConversationRow(props: ConversationRowProps) {
  const {
    href,
    contact,
    channel,
    inbox,
    subject,
    unread = false,
    selected = false,
    waits = false,
    tags = [],
    typing = [],
    onOpen,
  } = props;
  const take = (event: MouseEvent) => {
    if (!onOpen || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    onOpen();
  };
  return (
    <a
      class={classes("sb-row", unread && "sb-row--unread", selected && "sb-row--selected")}
      href={href}
      aria-current={selected ? "true" : undefined}
      onClick={take}
    >
      <span class="sb-row__dot">{unread && <Unseen>{t("unread")}</Unseen>}</span>
      <Avatar {...contact} channel={channel} size={32} />
      <span class="sb-row__main">
        <span class="sb-row__line">
          <bdi class="sb-row__name">{contact.name}</bdi>
          <When {...props} />
        </span>
        <span class="sb-row__line">
          {waits && subject === undefined && <Waits />}
          {subject === undefined ? (
            <Preview {...props} in="sb-row__first" />
          ) : (
            <span class="sb-row__first" dir="auto">
              {subject}
            </span>
          )}
          <Marks {...props} />
        </span>
        <span class="sb-row__line sb-row__line--second">
          {waits && subject !== undefined && <Waits />}
          {typing.length > 0 ? (
            <span class="sb-row__typing">
              <TypingDots />
              <span class="sb-row__cut" title={typingSentence(typing)}>
                {typingBrief(typing)}
              </span>
            </span>
          ) : subject === undefined ? (
            <span class="sb-row__second" dir="auto">
              {inbox ?? t(`channel.${channel}`)}
            </span>
          ) : (
            <Preview {...props} in="sb-row__second" />
          )}
          {typing.length === 0 &&
            tags.slice(0, TAGS_SHOWN).map((tag) => (
              <Tag key={tag} small {...(props.tagTone ? { tone: props.tagTone(tag) } : {})}>
                {tag}
              </Tag>
            ))}
          <People {...props} />
        </span>
      </span>
    </a>
  );
}
