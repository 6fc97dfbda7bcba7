/** One message on paper: who, when, what; and what the hub wrote of the conversation itself. */
import type { Attachment, ConversationRow, MailAddress, Message, MessageMail } from "@switchboard/protocol";
import { bytes } from "@switchboard/ui/i18n";
import { t } from "@switchboard/ui/i18n/more";
import { RichWords } from "@switchboard/ui/rich-words";
import { SystemLine } from "@switchboard/ui/system-line";
import { Text } from "@switchboard/ui/text";
import { locale } from "@switchboard/ui/ticker";
import { clock, exact } from "@switchboard/ui/time";
import { useEffect, useRef, useState } from "preact/hooks";
import { useDesk } from "../../context";
import { fit, quotedIn } from "../../parts/mail-document";
import { agentName, authorName, botName } from "../../words";
import { authorOf, type ownOf } from "../authors";
import { useDrawing } from "./drawing";

interface PrintedProps {
  readonly message: Message;
  readonly row: ConversationRow;
  readonly own: ReturnType<typeof ownOf>;
  /** Mails look as their authors meant them. */
  readonly asSent: boolean;
}

export function PrintedMessage({ message, row, own, asSent }: PrintedProps) {
  const { house } = useDesk();
  const { mail, attachments = [], kind, delivery, text, rich } = message;
  const author = authorOf(message, row, own, house.value);
  const gone = message.deleted_at !== undefined;
  const formats = rich?.formats ?? [];
  const undelivered = delivery === "failed" || delivery === "uncertain" ? t(`delivery.${delivery}`) : null;
  return (
    <article class="dk-print__message" data-kind={kind === "note" ? "note" : author.kind}>
      <h3>
        <bdi>{author.name}</bdi>
        {author.kind === "bot" && <span> · {t("author.bot")}</span>}
        {kind === "note" && <span> · {t("message.note")}</span>}
        {undelivered !== null && <span> · {undelivered}</span>}
        <time dateTime={new Date(message.at).toISOString()} title={exact(message.at, locale.value)}>
          {clock(message.at, locale.value)}
        </time>
      </h3>
      {gone ? (
        <p class="dk-print__gone">{t("message.deleted")}</p>
      ) : (
        <>
          {mail && <MailHead mail={mail} />}
          {mail?.html && asSent ? (
            <MailSheet message={message} mail={mail} />
          ) : (
            text !== "" && (
              <div class="dk-print__text" dir="auto">
                {formats.length > 0 ? <RichWords text={text} formats={formats} /> : <Text text={text} />}
              </div>
            )
          )}
          {attachments.length > 0 && <Files of={attachments} />}
        </>
      )}
    </article>
  );
}

function MailHead({ mail: { from, to = [], cc = [], subject } }: { readonly mail: MessageMail }) {
  const people = (all: readonly MailAddress[]): string =>
    all.map(({ name, address }) => (name ? `${name} \u2068<${address}>\u2069` : `\u2068${address}\u2069`)).join(", ");
  return (
    <p class="dk-print__mail">
      {from && <span>{t("mail.from", { who: people([from]) })}</span>}
      {to.length > 0 && <span>{t("mail.to", { people: people(to) })}</span>}
      {cc.length > 0 && <span>{t("mail.cc", { people: people(cc) })}</span>}
      {subject !== "" && <span>{t("mail.subject", { subject })}</span>}
    </p>
  );
}

/** As long as nothing is known of it, px. */
const AT_FIRST = 160;

/**
 * The same harmless document in the same sandbox as in the thread (mail-frame.tsx): nothing runs in it, and pictures of
 * other sites are there only if this reader always wants them from this sender. What it quotes stands above it already.
 */
function MailSheet({ message, mail }: { readonly message: Message; readonly mail: MessageMail }) {
  const { trusted } = useDesk();
  const [height, setHeight] = useState(AT_FIRST);
  const watch = useRef<ResizeObserver>();
  const drawn = useDrawing();
  useEffect(() => () => watch.current?.disconnect(), []);
  const pictures = mail.from !== undefined && trusted.senders.value.has(mail.from.address.toLowerCase());
  function look({ contentDocument: shown }: HTMLIFrameElement): void {
    // What the hub answers in its place is not looked at, and nothing more will come.
    if (shown?.contentType !== "text/html") return drawn();
    quotedIn(shown)?.show(false);
    watch.current?.disconnect();
    watch.current = new ResizeObserver(() => {
      setHeight(fit(shown, 0));
      drawn();
    });
    watch.current.observe(shown.body);
  }
  return (
    <iframe
      class="dk-print__frame"
      title={t("mail.asSentOf", { subject: mail.subject })}
      sandbox="allow-same-origin"
      referrerpolicy="no-referrer"
      src={`/api/messages/${message.id}/frame${pictures ? "?pictures=1" : ""}`}
      style={{ blockSize: `${height + 2}px` }}
      onLoad={(event) => look(event.currentTarget)}
    />
  );
}

/** Pictures are seen; of all else there is its name on paper. */
function Files({ of }: { readonly of: readonly Attachment[] }) {
  return (
    <ul class="dk-print__files">
      {of.map(({ id, name, bytes: size, picture }) => (
        <li key={id}>
          {picture && <Picture src={`/api/attachments/${id}`} alt={name} />}
          <bdi>{name}</bdi> ({bytes(size)})
        </li>
      ))}
    </ul>
  );
}

function Picture(of: { readonly src: string; readonly alt: string }) {
  const drawn = useDrawing();
  return <img {...of} alt={of.alt} onLoad={drawn} onError={drawn} />;
}

export function PrintedLine({ message, row }: { readonly message: Message; readonly row: ConversationRow }) {
  const house = useDesk().house.value;
  const { author, line } = message;
  if (!line) return null;
  return (
    <SystemLine
      line={line}
      at={message.at}
      by={author.kind === "system" ? undefined : { id: author.id, name: authorName(author, row, house) }}
      names={{
        agent: (id) => agentName(house, id),
        team: (id) => house.teams.get(id)?.name ?? "",
        bot: (id) => botName(house, id),
        case: ({ case_number }) => <bdi>{case_number}</bdi>,
      }}
    />
  );
}
