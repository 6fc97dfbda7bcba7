/** What stands in a thread: messages, notes and lines of the hub, what is still on its way, and where a day begins. */
import type { Attachment, ConversationRow, Message } from "@switchboard/protocol";
import { Button } from "@switchboard/ui/button";
import { DayLine, UnreadLine } from "@switchboard/ui/day-line";
import type { DeliveryState } from "@switchboard/ui/delivery-mark";
import { t } from "@switchboard/ui/i18n/desk";
import { beginsGroup, MessageItem, type MessageItemProps } from "@switchboard/ui/message-item";
import { SystemLine } from "@switchboard/ui/system-line";
import { locale } from "@switchboard/ui/ticker";
import { dayNumber } from "@switchboard/ui/time";
import { Fragment } from "preact";
import { useDesk } from "../context";
import type { Pending } from "../state/model";
import { agentName, authorName, botName, deliveryNote, errorText, mayPass } from "../words";
import { authorOf, groupOf, ownOf } from "./authors";
import { pressedIn } from "./bots/pressed";
import { MailItem, subjectOf } from "./mail";
import { CaseLink, MoveThis } from "./moved";
import { Naming } from "./naming";
import { AnswerThis, Quoted } from "./quoted";
import { sendAgain } from "./reply/send-and";
import { SendAgain } from "./send-again";

export function Messages({
  row,
  messages,
  readBefore,
  found,
  stay,
  go,
}: {
  readonly row: ConversationRow;
  readonly messages: readonly Message[];
  readonly readBefore: number;
  readonly found: number | undefined;
  stay(): void;
  go(number: number): void;
}) {
  const { house, contact } = useDesk();
  const own = ownOf(row, contact(row.contact.id).value);
  const { zone } = locale.value;
  const lastOut = messages.findLast((one) => one.kind === "out")?.number;
  const firstUnread = messages.find((one) => one.kind === "in" && one.number > readBefore)?.number;
  const begin = messages[0]?.number;
  const pressed = pressedIn(messages);
  return messages.map((message, place) => {
    const before = messages[place - 1];
    const newDay = !before || dayNumber(before.at, zone) !== dayNumber(message.at, zone);
    const unreadHere = message.number === firstUnread && message.number !== begin && readBefore > 0;
    const grouped = before && !newDay && !unreadHere && before.kind !== "system" ? before : undefined;
    return (
      <Fragment key={message.id}>
        {newDay && <DayLine at={message.at} />}
        {unreadHere && <UnreadLine />}
        {message.number === found && <span class="dk-thread__found" />}
        {message.kind === "system" ? (
          !isMovedTo(message, before) && <Line message={message} row={row} times={movedWith(messages, place)} />
        ) : (
          <Said
            message={message}
            row={row}
            item={{
              author: authorOf(message, row, own, house.value),
              first: beginsGroup(grouped && groupOf(grouped, row, own), groupOf(message, row, own)),
              delivery: deliveryOf(message, row, lastOut),
              pressed: pressed.get(message.number),
            }}
            before={messages.slice(0, place).findLast(namesSubject)?.mail?.subject}
            stay={stay}
            go={go}
          />
        )}
      </Fragment>
    );
  });
}

/** Whether both say that a message has gone to the same conversation: one line says it of all. */
function isMovedTo({ line }: Message, before: Message | undefined): boolean {
  const to = before?.line?.kind === "message_moved" ? before.line.to.id : undefined;
  return line?.kind === "message_moved" && line.to.id === to;
}

/** For how many lines this one stands. */
function movedWith(messages: readonly Message[], place: number): number {
  let times = 1;
  for (let next = messages[place + 1]; next && isMovedTo(next, messages[place + times - 1]); times += 1)
    next = messages[place + times + 1];
  return times;
}

/** Programs that write by themselves put words of their own before it. */
function namesSubject({ mail }: Message): boolean {
  return mail !== undefined && mail.subject !== "" && mail.automatic === undefined;
}

interface SaidProps {
  readonly message: Message;
  readonly row: ConversationRow;
  readonly item: Pick<MessageItemProps, "author" | "first" | "delivery" | "pressed">;
  /** Subject of the mail before it; none: the conversation's own. */
  readonly before: string | undefined;
  stay(): void;
  go(number: number): void;
}

function Said({ message, row, item, before, stay, go }: SaidProps) {
  const { mail } = message;
  const ours = useDesk().house.value.inboxes.get(row.inbox_id)?.address;
  const props: MessageItemProps = {
    ...item,
    note: message.kind === "note",
    at: message.at,
    text: message.text,
    ...(message.mentions ? { marked: <Naming text={message.text} named={message.mentions} /> } : {}),
    formats: message.rich?.formats,
    keyboard: message.rich?.keyboard,
    attachments: (message.attachments ?? []).map(tileOf),
    deliveryWhy: deliveryNote(message.delivery, message.delivery_note),
    deliveryActions: isInDoubt(message) && <SendAgain message={message} />,
    edited: message.edited_at !== undefined,
    deleted: message.deleted_at !== undefined,
    above: <Quoted of={message} row={row} go={go} />,
    actions: (
      <>
        <AnswerThis message={message} row={row} />
        <MoveThis message={message} row={row} />
      </>
    ),
  };
  if (!mail) return <MessageItem {...props} />;
  const subjects = [mail.subject, before ?? row.subject ?? ""].map((one) => subjectOf(one, row.case_number));
  // An answer that names none has the conversation's.
  const newSubject = mail.subject !== "" && subjects[0] !== subjects[1];
  return <MailItem {...props} message={message} mail={mail} ours={ours} newSubject={newSubject} stay={stay} />;
}

function Line({
  message,
  row,
  times,
}: {
  readonly message: Message;
  readonly row: ConversationRow;
  readonly times: number;
}) {
  const house = useDesk().house.value;
  if (!message.line) return null;
  const { author } = message;
  const by = author.kind === "system" ? undefined : { id: author.id, name: authorName(author, row, house) };
  return (
    <SystemLine
      line={message.line}
      at={message.at}
      by={by}
      times={times}
      names={{
        agent: (id) => agentName(house, id),
        team: (id) => house.teams.get(id)?.name ?? "",
        bot: (id) => botName(house, id),
        case: (of) => <CaseLink of={of} />,
      }}
    />
  );
}

export function tileOf(file: Attachment) {
  const href = `/api/attachments/${file.id}`;
  return {
    name: file.name,
    mediaType: file.media_type,
    bytes: file.bytes,
    href,
    thumbnail: file.picture ? href : undefined,
  };
}

function isInDoubt({ delivery }: Message): boolean {
  return delivery === "failed" || delivery === "uncertain";
}

/** Shown under the last one that went out, and wherever something is wrong. For web chat the watermarks say it. */
function deliveryOf(message: Message, row: ConversationRow, lastOut: number | undefined): DeliveryState | undefined {
  if (message.kind !== "out") return undefined;
  if (isInDoubt(message)) return message.delivery;
  // What waits holds up those after it: why stands with the one that it is about.
  if (message.delivery === "queued" && message.delivery_note !== undefined) return "queued";
  if (message.number !== lastOut) return undefined;
  if (row.channel !== "web") return message.delivery;
  if (row.contact_read_number >= message.number) return "read";
  if (row.delivered_number >= message.number) return "delivered";
  return message.delivery ?? "sent";
}

export function PendingMessage({ pending, row }: { readonly pending: Pending; readonly row: ConversationRow }) {
  const desk = useDesk();
  const { agent } = desk.me.value;
  const { conversationId: id, clientId, state } = pending;
  const failed = state.kind === "failed" ? state.error : null;
  const live = desk.connection.value.status === "live";
  return (
    <>
      <MessageItem
        author={{ kind: "agent", id: agent.id, name: agent.name }}
        note={pending.note}
        at={pending.at}
        text={pending.text}
        {...(pending.mentions ? { marked: <Naming text={pending.text} named={pending.mentions} /> } : {})}
        above={<Quoted of={pending} row={row} />}
        first
        attachments={pending.attachments.map(tileOf)}
        delivery={failed ? "unsent" : live ? "sending" : "waiting"}
        deliveryWhy={failed ? errorText(failed) : undefined}
      />
      {failed && (
        <div class="dk-thread__failed">
          {mayPass(failed) && (
            <Button kind="quiet" size="small" onClick={() => sendAgain(desk, row, pending, false)}>
              {t("action.retry")}
            </Button>
          )}
          <Button kind="quiet" size="small" onClick={() => desk.compose.edit(id, clientId)}>
            {t("composer.edit")}
          </Button>
          <Button kind="quiet" size="small" onClick={() => desk.compose.discard(id, clientId)}>
            {t("composer.discard")}
          </Button>
        </div>
      )}
    </>
  );
}
