/** To whom an answer by mail goes, from which mailbox, who gets copies, and its subject. */
import { useSignal } from "@preact/signals";
import type { AnswersTo as AnswersToWhom, ConversationRow, Inbox, ReplyMail } from "@switchboard/protocol";
import { SUBJECT_CHARS } from "@switchboard/protocol";
import { Button } from "@switchboard/ui/button";
import { t } from "@switchboard/ui/i18n/desk";
import { useId, useLayoutEffect, useRef } from "preact/hooks";
import { useDesk } from "../../context";
import { copiedIn, joined, subjectOfAnswer } from "../../desk/addresses";
import { Addresses } from "../../parts/addresses";

export interface MailHeadProps {
  readonly row: ConversationRow;
  readonly inbox: Inbox | undefined;
  /** The customer's own address. */
  readonly customer: string | null;
  /** To whom it goes. */
  readonly to: string | null;
  readonly mail: ReplyMail;
  readonly onChange: (mail: ReplyMail) => void;
}

type Part = "cc" | "bcc" | "subject" | "answers_to";

export function MailHead({ row, inbox, customer, to, mail, onChange }: MailHeadProps) {
  const desk = useDesk();
  /** The one that was asked for last has the focus. */
  const asked = useSignal<readonly Part[]>([]);
  const messages = desk.threadView(row.id).value.thread?.messages ?? [];
  const { cc = [], bcc = [], subject } = mail;
  const others = copiedIn(messages, customer, [inbox?.address, to, ...cc, ...bcc]);
  const isOpen = (part: Part): boolean => asked.value.includes(part) || (mail[part]?.length ?? 0) > 0;
  const ask = (part: Part) => () => (asked.value = [...asked.value, part]);
  const last = asked.value[asked.value.length - 1];
  return (
    <div class="dk-mail-to">
      <div class="dk-mail-to__line">
        <span class="dk-mail-to__who">
          {to !== null && <span>{t("reply.to", { who: isolated(to) })}</span>}
          {inbox?.address !== undefined && (
            <span class="dk-muted">{t("reply.from", { address: isolated(inbox.address) })}</span>
          )}
        </span>
        {(["cc", "bcc", "subject", "answers_to"] as const).map(
          (part) =>
            !isOpen(part) && (
              <Button key={part} kind="quiet" size="small" onClick={ask(part)}>
                {t(part === "answers_to" ? "reply.answersTo" : `reply.${part}`)}
              </Button>
            ),
        )}
      </div>
      {isOpen("cc") && (
        <Addresses
          label={t("reply.cc")}
          value={cc}
          known={others}
          focused={last === "cc"}
          onChange={(next) => onChange({ ...mail, cc: [...next] })}
        />
      )}
      {isOpen("bcc") && (
        <Addresses
          label={t("reply.bcc")}
          value={bcc}
          known={others}
          focused={last === "bcc"}
          onChange={(next) => onChange({ ...mail, bcc: [...next] })}
        />
      )}
      {isOpen("subject") && (
        <Subject
          value={subject}
          usual={subjectOfAnswer(row)}
          focused={last === "subject"}
          onChange={(next) => onChange(withSubject(mail, next))}
        />
      )}
      {isOpen("answers_to") && (
        <AnswersTo
          value={mail.answers_to}
          inbox={inbox?.address ?? ""}
          own={desk.me.value.agent.email}
          focused={last === "answers_to"}
          onChange={(next) => onChange(withAnswersTo(mail, next))}
        />
      )}
      {others.length > 0 && (
        <div class="dk-mail-to__others">
          {others.map((one) => (
            <Button
              key={one}
              kind="quiet"
              size="small"
              onClick={() => onChange({ ...mail, cc: [...joined(cc, [one])] })}
            >
              {t("reply.copy", { who: isolated(one) })}
            </Button>
          ))}
        </div>
      )}
    </div>
  );
}

/** What is as it would be anyway is not said: the hub writes it. */
function withSubject({ subject: _, ...rest }: ReplyMail, next: string | undefined): ReplyMail {
  return next === undefined ? rest : { ...rest, subject: next };
}

function withAnswersTo({ answers_to: _, ...rest }: ReplyMail, next: AnswersToWhom | undefined): ReplyMail {
  return next === undefined ? rest : { ...rest, answers_to: next };
}

function AnswersTo({
  value,
  inbox,
  own,
  focused,
  onChange,
}: {
  readonly value: AnswersToWhom | undefined;
  readonly inbox: string;
  readonly own: string;
  readonly focused: boolean;
  readonly onChange: (to: AnswersToWhom | undefined) => void;
}) {
  const id = useId();
  const select = useRef<HTMLSelectElement>(null);
  useLayoutEffect(() => {
    if (focused) select.current?.focus();
  }, []);
  return (
    <div class="dk-addresses">
      <label class="dk-addresses__label" for={id}>
        {t("reply.answersTo")}
      </label>
      <select
        id={id}
        class="dk-addresses__input"
        value={value ?? "inbox"}
        ref={select}
        onChange={(event) => onChange(event.currentTarget.value === "own" ? "own" : undefined)}
      >
        <option value="inbox">{inbox}</option>
        <option value="own">{own}</option>
      </select>
      {value === "own" && <span class="dk-muted">{t("reply.answersOwn")}</span>}
    </div>
  );
}

function Subject({
  value,
  usual,
  focused,
  onChange,
}: {
  readonly value: string | undefined;
  readonly usual: string;
  readonly focused: boolean;
  readonly onChange: (subject: string | undefined) => void;
}) {
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  const text = useSignal(value ?? usual);
  useLayoutEffect(() => {
    if (focused) input.current?.focus();
  }, []);
  return (
    <div class="dk-addresses">
      <label class="dk-addresses__label" for={id}>
        {t("reply.subject")}
      </label>
      <input
        id={id}
        class="dk-addresses__input"
        dir="auto"
        maxLength={SUBJECT_CHARS}
        value={text.value}
        ref={input}
        onInput={(event) => {
          const next = event.currentTarget.value;
          text.value = next;
          onChange(next === usual || next.trim() === "" ? undefined : next);
        }}
        onKeyDown={(event) => event.key === "Enter" && !event.isComposing && event.preventDefault()}
      />
    </div>
  );
}

/** Addresses run from the left, whatever runs around them (UAX 9: FSI … PDI). */
function isolated(address: string): string {
  return `\u2068${address}\u2069`;
}
