/**
 * A mail in the thread: from whom and to whom, why it is here, and what of it the thread does not show at once: what it
 * quotes, and how its author meant it to look.
 *
 * Not here: the frame in which it looks so (mail-frame.tsx), and writing mails (reply-bar.tsx).
 */
import { useSignal } from "@preact/signals";
import type { ApiError, MailAddress, Message, MessageBody, MessageMail } from "@switchboard/protocol";
import { Button } from "@switchboard/ui/button";
import { t } from "@switchboard/ui/i18n/desk";
import { MessageItem, type MessageItemProps } from "@switchboard/ui/message-item";
import { useDesk } from "../context";
import { isOf } from "../desk/addresses";
import { apiError } from "../net/errors";
import { mailView } from "../preferences";
import { errorText } from "../words";
import { looksOf, MailFrame } from "./mail-frame";
import "./mail.css";

export interface MailProps extends MessageItemProps {
  readonly message: Message;
  readonly mail: MessageMail;
  /** Address of the mailbox that it came to or from. */
  readonly ours: string | undefined;
  /** It has another subject than the mail before it. */
  readonly newSubject: boolean;
  /** What the reader looks at stays where it is, though it grows. */
  stay(): void;
}

/** `best`: as sent, where that says more than the text. */
type View = "best" | "text" | "sent";

const NONE: ReadonlySet<string> = new Set();

export function MailItem({ message, mail, ours, newSubject, stay, ...item }: MailProps) {
  const desk = useDesk();
  const deleted = message.deleted_at !== undefined;
  const view = useSignal<View>(mail.html && mailView.peek() === "sent" ? "best" : "text");
  const looks = useSignal(looksOf(message.id));
  const whole = useSignal(false);
  const body = useSignal<MessageBody | null>(null);
  const asking = useSignal(false);
  const error = useSignal<ApiError | null>(null);
  const inside = useSignal(NONE);
  /** The frame is there, and seen unless it is only looked at whether it says more. */
  const framed = !deleted && (view.value === "sent" || (view.value === "best" && looks.value?.saysMore !== false));
  const sent = framed && (view.value === "sent" || looks.value?.saysMore === true);

  const showWhole = async (yes: boolean): Promise<void> => {
    stay();
    error.value = null;
    if (yes && !sent && body.value === null) {
      asking.value = true;
      try {
        body.value = await desk.api("GET /api/messages/{id}/body", { id: message.id });
      } catch (cause) {
        error.value = apiError(cause);
        return;
      } finally {
        asking.value = false;
      }
      stay();
    }
    whole.value = yes;
  };
  /** What is chosen for one is how the next are shown. */
  const choose = (wanted: "sent" | "text"): void => {
    stay();
    error.value = null;
    whole.value = false;
    view.value = wanted;
    mailView.value = wanted;
  };
  const wholeText = whole.value && !sent ? body.value?.whole_text : undefined;
  return (
    <MessageItem
      {...item}
      text={sent ? "" : (wholeText ?? item.text)}
      // They are the text's that the thread shows, not the whole one's.
      formats={wholeText === undefined ? item.formats : undefined}
      // What the mail shows in its place is not listed below it again.
      attachments={(item.attachments ?? []).filter(({ href }) => !sent || !inside.value.has(href ?? ""))}
      above={
        <>
          <Head mail={mail} author={item.author.name} ours={ours} newSubject={newSubject} />
          {framed && (
            <MailFrame
              id={message.id}
              subject={mail.subject}
              from={mail.from?.address}
              unseen={!sent}
              whole={whole.value}
              shows={(files) => (inside.value = files)}
              found={(found) => (looks.value = found)}
            />
          )}
        </>
      }
      below={
        !deleted && (
          <>
            {whole.value && !sent && wholeText === undefined && <p class="dk-muted">{t("mail.empty")}</p>}
            <Views
              folded={sent ? looks.value?.quotes === true : mail.folded}
              html={mail.html}
              sent={sent}
              whole={whole.value}
              asking={asking.value}
              showWhole={(yes) => void showWhole(yes)}
              choose={choose}
            />
            {error.value && (
              <p class="dk-mail__error" role="alert">
                {t("mail.notLoaded")} {errorText(error.value)}
              </p>
            )}
          </>
        )
      }
    />
  );
}

interface HeadProps {
  readonly mail: MessageMail;
  /** As which the thread names who wrote it. */
  readonly author: string;
  readonly ours: string | undefined;
  readonly newSubject: boolean;
}

/** What of a mail's head is not clear anyway: that it came to us alone, or from the address by which its writer is named. */
function Head({ mail, author, ours, newSubject }: HeadProps) {
  const { from, to = [], cc = [], bcc = [], reply_to, subject, automatic, threaded, form } = mail;
  // The address that leads an answer back has a long sign in it that tells nobody anything.
  const people = to.map((one) => (ours !== undefined && isOf(one.address, ours) ? { address: ours } : one));
  const toUs = people.length === 1 && people[0]?.address === ours && cc.length === 0;
  return (
    <div class="dk-mail__head">
      {from && from.address !== author && (
        <span title={named(from)}>{t("mail.from", { who: isolated(from.address) })}</span>
      )}
      {people.length > 0 && !toUs && <People label="mail.to" of={people} />}
      {cc.length > 0 && <People label="mail.cc" of={cc} />}
      {bcc.length > 0 && <People label="mail.bcc" of={bcc} />}
      {reply_to !== undefined && reply_to !== from?.address && (
        <span>{t("mail.replyTo", { who: isolated(reply_to) })}</span>
      )}
      {form !== undefined && (
        <span class="dk-mail__why" title={t("mail.formHelp")}>
          {form === "" ? t("mail.form") : t("mail.formOn", { page: isolated(form) })}
        </span>
      )}
      {automatic && (
        <span class="dk-mail__why" title={t("mail.automaticHelp")}>
          {t(`mail.automatic.${automatic}`)}
        </span>
      )}
      {isUnusual(threaded) && (
        <span class="dk-mail__why" title={t(`mail.threadedHelp.${threaded}`)}>
          {t(`mail.threaded.${threaded}`)}
        </span>
      )}
      {newSubject && (
        <span class="dk-mail__subject" dir="auto">
          {t("mail.subject", { subject })}
        </span>
      )}
    </div>
  );
}

/** Answers by the mail program's own marks, or to an address made for the conversation, are what one expects. */
function isUnusual(threaded: MessageMail["threaded"]) {
  return threaded !== undefined && threaded !== "nothing" && threaded !== "references" && threaded !== "reply_address";
}

/** Addresses run from the left, whatever runs around them (UAX 9: FSI … PDI). */
function isolated(address: string): string {
  return `\u2068${address}\u2069`;
}

function named({ name, address }: MailAddress): string {
  return name ? `${name} <${address}>` : address;
}

function People({ label, of }: { readonly label: "mail.to" | "mail.cc" | "mail.bcc"; readonly of: MailAddress[] }) {
  return (
    <span title={of.map(named).join(", ")}>
      {t(label, { people: of.map(({ address }) => isolated(address)).join(", ") })}
    </span>
  );
}

interface ViewsProps {
  /** There is something that it quotes. */
  readonly folded: boolean;
  readonly html: boolean;
  readonly sent: boolean;
  readonly whole: boolean;
  readonly asking: boolean;
  showWhole(yes: boolean): void;
  choose(wanted: "sent" | "text"): void;
}

function Views({ folded, html, sent, whole, asking, showWhole, choose }: ViewsProps) {
  if (!folded && !html) return null;
  return (
    <div class="dk-mail__views">
      {folded && (
        <Button kind="quiet" size="small" aria-expanded={whole} busy={asking} onClick={() => showWhole(!whole)}>
          {t(whole ? "mail.less" : "mail.whole")}
        </Button>
      )}
      {html && (
        <Button key="sent" kind="quiet" size="small" onClick={() => choose(sent ? "text" : "sent")}>
          {t(sent ? "mail.asText" : "mail.asSent")}
        </Button>
      )}
    </div>
  );
}

/** Signs before a subject that say "answer" or "passed on", in the languages that mail programs write them in. */
const BEFORE_SUBJECT = /^(?:\s*(?:re|fwd?|aw|wg|antw|sv|vs|rv|tr|réf|ref|رد)(?:\[\d+\])?\s*:)+/iu;

/** The subject itself: answers and case numbers do not change it. */
export function subjectOf(subject: string, caseNumber: string): string {
  return subject
    .replace(`[${caseNumber}]`, "")
    .replace(BEFORE_SUBJECT, "")
    .replace(/\s+/g, " ")
    .trim()
    .toLocaleLowerCase();
}
