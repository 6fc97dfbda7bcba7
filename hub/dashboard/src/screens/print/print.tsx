/**
 * A conversation as it goes on paper: all of its messages under one head, with whole dates in the reader's zone. The team's
 * notes are left out until they are asked for: what is printed is often handed on. The bar above is not printed.
 */
import { useSignal } from "@preact/signals";
import type { ConversationId, Message } from "@switchboard/protocol";
import { Button } from "@switchboard/ui/button";
import { Checkbox } from "@switchboard/ui/checkbox";
import { EmptyState } from "@switchboard/ui/empty-state";
import { list } from "@switchboard/ui/i18n";
import { t } from "@switchboard/ui/i18n/more";
import { Skeleton } from "@switchboard/ui/skeleton";
import { locale } from "@switchboard/ui/ticker";
import { dayNumber, exact, fullDay } from "@switchboard/ui/time";
import { ArrowLeft, Printer } from "lucide-preact";
import { Fragment } from "preact";
import { useEffect } from "preact/hooks";
import { useDesk } from "../../context";
import { mailView } from "../../preferences";
import { linkTo, listPath } from "../../router";
import { agentName, contactName, errorText } from "../../words";
import { ownOf } from "../authors";
import { Drawing } from "./drawing";
import { PrintedLine, PrintedMessage } from "./message";
import { useWhole, type Whole } from "./whole";
import "./print.css";

export function Print({ id }: { readonly id: ConversationId }) {
  const asked = useWhole(useDesk().api, id);
  const notes = useSignal(false);
  const asSent = useSignal(mailView.peek() === "sent");
  const back = listPath({ folder: "inbox", sort: "activity" }, id);
  const whole = asked.kind === "here" ? asked.whole : null;
  const drawing = useSignal(0);
  useEffect(() => {
    // It is the name of the file, for who prints into one.
    if (whole) document.title = `${whole.row.case_number} ${whole.row.subject ?? contactName(whole.row)}`;
  }, [whole]);
  return (
    <div class="dk-print" data-theme="light">
      <header class="dk-print__bar">
        <a class="dk-print__back" {...linkTo(back)}>
          <ArrowLeft size={16} class="sb-icon--mirrored" aria-hidden="true" />
          {t("print.back")}
        </a>
        <Checkbox label={t("print.notes")} checked={notes.value} onChange={(yes) => (notes.value = yes)} />
        {whole?.messages.some((one) => one.mail?.html) && (
          <Checkbox label={t("print.asSent")} checked={asSent.value} onChange={(yes) => (asSent.value = yes)} />
        )}
        <Button
          kind="primary"
          icon={Printer}
          keys="Mod+P"
          disabled={whole === null}
          busy={drawing.value > 0}
          onClick={() => window.print()}
        >
          {t("print.print")}
        </Button>
      </header>
      {asked.kind === "asking" && (
        <div class="dk-print__sheet" aria-busy="true">
          <Skeleton as="message" count={4} />
        </div>
      )}
      {asked.kind === "failed" && (
        <EmptyState
          title={t("error.load")}
          body={errorText(asked.error)}
          action={<Button onClick={asked.again}>{t("action.retry")}</Button>}
        />
      )}
      {whole && (
        <Drawing.Provider value={drawing}>
          <Sheet whole={whole} notes={notes.value} asSent={asSent.value} />
        </Drawing.Provider>
      )}
    </div>
  );
}

interface SheetProps {
  readonly whole: Whole;
  readonly notes: boolean;
  readonly asSent: boolean;
}

function Sheet({ whole, notes, asSent }: SheetProps) {
  const { row, contact } = whole;
  const { zone } = locale.value;
  const own = ownOf(row, contact);
  const messages = whole.messages.filter((one) => notes || one.kind !== "note");
  return (
    <main class="dk-print__sheet">
      <Head whole={whole} />
      {messages.map((message, place) => {
        const before = messages[place - 1];
        const newDay = !before || dayNumber(before.at, zone) !== dayNumber(message.at, zone);
        return (
          <Fragment key={message.id}>
            {newDay && <h2 class="dk-print__day">{fullDay(message.at, locale.value)}</h2>}
            {message.kind === "system" ? (
              <PrintedLine message={message} row={row} />
            ) : (
              <PrintedMessage message={message} row={row} own={own} asSent={asSent} />
            )}
          </Fragment>
        );
      })}
      <End messages={messages} />
    </main>
  );
}

function Head({ whole: { row, contact } }: { readonly whole: Whole }) {
  const { house } = useDesk();
  const inbox = house.value.inboxes.get(row.inbox_id)?.name;
  const address = contact.identities.find((one) => one.id === row.identity_id)?.address;
  const ways = [...new Set([address, contact.email, contact.phone].filter((one) => one != null))];
  const facts: readonly (readonly [string, string | undefined])[] = [
    [t("panel.case"), row.case_number],
    [t("panel.title"), [contactName(row), ...ways.map((one) => `\u2068${one}\u2069`)].join(" · ")],
    [t("print.inbox"), inbox],
    [t("print.status"), t(`status.${row.status}`)],
    [t("panel.assignees"), list(row.assignees.map((one) => agentName(house.value, one)))],
    [t("panel.tags"), list(row.tags)],
    [t("print.begun"), exact(row.created_at, locale.value)],
  ];
  return (
    <header class="dk-print__head">
      <h1>
        <bdi>{row.subject ?? contactName(row)}</bdi>
      </h1>
      <dl>
        {facts.map(
          ([name, value]) =>
            value !== undefined &&
            value !== "" && (
              <div key={name}>
                <dt>{name}</dt>
                <dd>
                  <bdi>{value}</bdi>
                </dd>
              </div>
            ),
        )}
      </dl>
    </header>
  );
}

/** Which clock the times are of, and of when all this is. */
function End({ messages }: { readonly messages: readonly Message[] }) {
  const { clock } = useDesk();
  const said = messages.filter((one) => one.kind !== "system").length;
  return (
    <footer class="dk-print__end">
      {t("print.messages", { n: said })} ·{" "}
      {t("print.at", { time: exact(clock(), locale.value), zone: locale.value.zone })}
    </footer>
  );
}
