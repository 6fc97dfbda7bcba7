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
import { apiError } from "../net/errors";
import { errorText } from "../words";
import { MailFrame } from "./mail-frame";
import "./mail.css";

export interface MailProps extends MessageItemProps {
  readonly message: Message;
  readonly mail: MessageMail;
  /** It has another subject than the mail before it. */
  readonly newSubject: boolean;
  /** What the reader looks at stays where it is, though it grows. */
  stay(): void;
}

type View = "text" | "whole" | "sent";

const NONE: ReadonlySet<string> = new Set();

export function MailItem({ message, mail, newSubject, stay, ...item }: MailProps) {
  const desk = useDesk();
  const view = useSignal<View>("text");
  const body = useSignal<MessageBody | null>(null);
  const asking = useSignal<View | null>(null);
  const error = useSignal<ApiError | null>(null);
  const inside = useSignal(NONE);
  const show = async (wanted: View): Promise<void> => {
    stay();
    error.value = null;
    if (wanted === "whole" && body.value === null) {
      asking.value = wanted;
      try {
        body.value = await desk.api("GET /api/messages/{id}/body", { id: message.id });
      } catch (cause) {
        error.value = apiError(cause);
        return;
      } finally {
        asking.value = null;
      }
    }
    stay();
    view.value = wanted;
  };
  const { value: shown } = view;
  const deleted = message.deleted_at !== undefined;
  const sent = shown === "sent" && !deleted;
  const whole = shown === "whole" ? body.value?.whole_text : undefined;
  return (
    <MessageItem
      {...item}
      text={sent ? "" : (whole ?? item.text)}
      // What the mail shows in its place is not listed below it again.
      attachments={(item.attachments ?? []).filter(({ href }) => !sent || !inside.value.has(href ?? ""))}
      above={
        <>
          <Head mail={mail} newSubject={newSubject} />
          {sent && (
            <MailFrame
              id={message.id}
              subject={mail.subject}
              from={mail.from?.address}
              shows={(files) => (inside.value = files)}
            />
          )}
        </>
      }
      below={
        !deleted && (
          <>
            {shown === "whole" && whole === undefined && <p class="dk-muted">{t("mail.empty")}</p>}
            <Views mail={mail} shown={shown} asking={asking.value} show={(wanted) => void show(wanted)} />
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

function Head({ mail, newSubject }: { readonly mail: MessageMail; readonly newSubject: boolean }) {
  const { from, to = [], cc = [], bcc = [], reply_to, subject, automatic, threaded, form } = mail;
  return (
    <div class="dk-mail__head">
      {from && <span title={named(from)}>{t("mail.from", { who: isolated(from.address) })}</span>}
      {to.length > 0 && <People label="mail.to" of={to} />}
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
      {threaded && threaded !== "nothing" && (
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
  readonly mail: MessageMail;
  readonly shown: View;
  readonly asking: View | null;
  show(wanted: View): void;
}

function Views({ mail, shown, asking, show }: ViewsProps) {
  if (!mail.folded && !mail.html) return null;
  return (
    <div class="dk-mail__views">
      {mail.folded && shown !== "sent" && (
        <Button
          kind="quiet"
          size="small"
          aria-expanded={shown === "whole"}
          busy={asking === "whole"}
          onClick={() => show(shown === "whole" ? "text" : "whole")}
        >
          {t(shown === "whole" ? "mail.less" : "mail.whole")}
        </Button>
      )}
      {mail.html && (
        <Button
          key="sent"
          kind="quiet"
          size="small"
          busy={asking === "sent"}
          onClick={() => show(shown === "sent" ? "text" : "sent")}
        >
          {t(shown === "sent" ? "mail.asText" : "mail.asSent")}
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
