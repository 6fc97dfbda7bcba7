// One message in the dashboard's thread. Messages of one author that follow closely are a group: the first shows face,
// name and time, the rest their text. Who it is shows by name, face and a coloured edge; a note stands on warm ground
// with a lock, and is said to be one.
//
// Not here: system lines and day lines (their own files), and the visitor's bubbles (the chat panel's).

import type { Availability, Format, Keyboard } from "@switchboard/protocol";
import { Lock } from "lucide-preact";
import type { ComponentChildren } from "preact";

import { classes } from "../classes";
import { t } from "../i18n/dashboard";
import { clock } from "../time/index";
import { locale } from "../time/ticker";
import { AttachmentTile, type AttachmentTileProps } from "./attachment-tile";
import { Avatar } from "./avatar";
import { DeliveryMark, type DeliveryState } from "./delivery-mark";
import { Icon } from "./icon";
import { MessageKeyboard } from "./message-keyboard";
import { Moment } from "./moment";
import { RichWords } from "./rich-words";
import { Text } from "./text";
import "./message-item.css";

/** Messages of one author are one group if no more than this lies between them, milliseconds. */
export const GROUP_MS = 5 * 60 * 1000;

export interface MessageAuthor {
  readonly kind: "contact" | "agent" | "bot";
  readonly id: string;
  readonly name: string;
  readonly picture?: string | undefined;
  readonly presence?: Availability | null | undefined;
}

/** What decides where a group begins. */
export interface Grouped {
  readonly authorId: string;
  readonly note: boolean;
  readonly at: number;
}

/** Whether this message begins a group. A line between the two (day, system) begins one too: pass no `before`. */
export function beginsGroup(before: Grouped | undefined, message: Grouped): boolean {
  if (before === undefined) return true;
  return before.authorId !== message.authorId || before.note !== message.note || message.at - before.at > GROUP_MS;
}

export interface MessageItemProps {
  readonly author: MessageAuthor;
  readonly note?: boolean;
  readonly at: number;
  readonly text: string;
  /** The same text with people's names marked in it; absent: it names nobody. */
  readonly marked?: ComponentChildren;
  /** What parts of the text are set in. */
  readonly formats?: readonly Format[] | undefined;
  /** What its reader may press. */
  readonly keyboard?: Keyboard | undefined;
  /** What of it was pressed. */
  readonly pressed?: ReadonlySet<string> | undefined;
  /** It begins its group. */
  readonly first: boolean;
  readonly attachments?: readonly AttachmentTileProps[];
  /** Given only for the last message that went out, and for those that failed or wait. */
  readonly delivery?: DeliveryState | undefined;
  readonly deliveryWhy?: string | undefined;
  /** What can be done about a message that did not arrive. */
  readonly deliveryActions?: ComponentChildren;
  /** What the channel has to say before the text, and what of the message is not its text. */
  readonly above?: ComponentChildren;
  readonly below?: ComponentChildren;
  readonly edited?: boolean;
  readonly deleted?: boolean;
  /** Buttons that show at its end while it is pointed at or holds focus. */
  readonly actions?: ComponentChildren;
}

function Body({
  text,
  marked,
  formats = [],
  keyboard,
  pressed,
  attachments = [],
  edited = false,
  deleted = false,
}: Pick<
  MessageItemProps,
  "text" | "marked" | "formats" | "keyboard" | "pressed" | "attachments" | "edited" | "deleted"
>) {
  if (deleted) return <p class="sb-message__text sb-message__text--gone">{t("message.deleted")}</p>;
  return (
    <>
      {text !== "" && (
        <div class="sb-message__text">
          {marked ?? (formats.length > 0 ? <RichWords text={text} formats={formats} /> : <Text text={text} />)}
          {edited && <span class="sb-message__edited"> ({t("message.edited")})</span>}
        </div>
      )}
      {attachments.length > 0 && (
        <div class="sb-message__files">
          {attachments.map((file, i) => (
            <AttachmentTile key={i} {...file} />
          ))}
        </div>
      )}
      {keyboard && <MessageKeyboard keyboard={keyboard} pressed={pressed} />}
    </>
  );
}

export function MessageItem(props: MessageItemProps) {
  const { author, note = false, at, first, delivery, deliveryWhy, deliveryActions, above, below, actions } = props;
  const kind = note ? "note" : author.kind;
  const unsure = delivery === "sending" || delivery === "waiting";
  return (
    <article
      class={classes("sb-message", `sb-message--${kind}`, first && "sb-message--first", unsure && "sb-message--unsure")}
      aria-label={t("message.by", { who: author.name, time: clock(at, locale.value) })}
    >
      <div class="sb-message__side">
        {first ? (
          <Avatar {...author} bot={author.kind === "bot"} size={28} />
        ) : (
          <Moment at={at} as="clock" class="sb-message__late sb-figures" />
        )}
      </div>
      <div class="sb-message__main">
        {first && (
          <header class="sb-message__head">
            <bdi class="sb-message__name">{author.name}</bdi>
            {author.kind === "bot" && <span class="sb-message__kind">{t("author.bot")}</span>}
            <Moment at={at} as="clock" class="sb-message__time sb-figures" />
            {note && (
              <span class="sb-message__lock">
                <Icon of={Lock} size={12} />
                {t("message.note")}
              </span>
            )}
          </header>
        )}
        {above}
        <Body {...props} />
        {below}
        {delivery && (
          <footer class="sb-message__foot">
            <DeliveryMark state={delivery} why={deliveryWhy} />
            {deliveryActions}
          </footer>
        )}
      </div>
      {actions && <div class="sb-message__actions">{actions}</div>}
    </article>
  );
}
