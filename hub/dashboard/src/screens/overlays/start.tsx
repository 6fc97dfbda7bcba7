/** Writing first: from which inbox, to whom, and what. Several customers get a conversation each. */
import { useSignal } from "@preact/signals";
import { type ApiError, type Inbox, type InboxId, START_RECIPIENTS, SUBJECT_CHARS } from "@switchboard/protocol";
import { Button } from "@switchboard/ui/button";
import { Composer } from "@switchboard/ui/composer";
import { Dialog } from "@switchboard/ui/dialog";
import { Select, TextField } from "@switchboard/ui/field";
import { t } from "@switchboard/ui/i18n/more";
import { toast } from "@switchboard/ui/toast";
import { useEffect } from "preact/hooks";
import { useDesk } from "../../context";
import { isAddress } from "../../desk/addresses";
import { cannot, carriesOf, draftFile } from "../../desk/carries";
import type { Desk } from "../../desk/desk";
import { cannotReach, hasTooManyCopies, type Missed, NEW_MESSAGE, type StartDraft } from "../../desk/starting";
import type { Upload } from "../../desk/uploads";
import { apiError } from "../../net/errors";
import { Addresses } from "../../parts/addresses";
import { go, listPath } from "../../router";
import { errorText } from "../../words";
import { closeOverlay } from "../overlay";
import { cannotText, take, tileOf } from "../reply/files";
import { Room } from "../reply/room";
import { Recipients, wrongText } from "./recipients";
import "./start.css";

export function Start() {
  const desk = useDesk();
  const { draft } = desk.starting;
  const begin = [...desk.house.value.inboxes.values()].filter((one) => one.carries?.writes_first);
  const inbox = begin.find(({ id }) => id === draft.value.inbox) ?? begin[0];
  return (
    <Dialog title={t("start.title")} size="medium" onClose={closeOverlay}>
      {inbox ? <Form inbox={inbox} inboxes={begin} /> : <p>{t("start.noInbox")}</p>}
    </Dialog>
  );
}

function Form({ inbox, inboxes }: { readonly inbox: Inbox; readonly inboxes: readonly Inbox[] }) {
  const desk = useDesk();
  const { draft } = desk.starting;
  const { to, text, mail } = draft.value;
  const carries = carriesOf(inbox, inbox.channel);
  const files = desk.uploads.of.value.get(NEW_MESSAGE) ?? [];
  const live = desk.connection.value.status === "live";
  const busy = useSignal(false);
  const says = useSignal<string | null>(null);
  // Said as soon as it is so: it is not mended by writing on.
  const stuck = files.length > 0 ? overdoneText(text, inbox, files) : null;
  const said = says.value ?? stuck;
  useEffect(() => desk.uploads.recall(NEW_MESSAGE), []);

  function change(next: Partial<StartDraft>): void {
    says.value = null;
    draft.value = { ...draft.value, ...next };
  }
  async function send(): Promise<void> {
    says.value = whyNot(draft.value, inbox, files);
    if (says.value !== null) return;
    if (files.some((one) => one.done === null)) {
      says.value = t("composer.uploading");
      return;
    }
    busy.value = true;
    try {
      const attachments = files.flatMap(({ done }) => (done ? [done] : []));
      const { started, missed } = await desk.starting.send(inbox.id, attachments, carries.subject);
      if (missed.length === 0) return done(desk, started);
      says.value = [
        ...(started.length > 0 ? [t("start.started", { n: started.length })] : []),
        ...missed.map(missedText),
      ].join(" ");
    } catch (cause) {
      says.value = errorText(apiError(cause) satisfies ApiError);
    } finally {
      busy.value = false;
    }
  }
  return (
    <div class="dk-start">
      <Select
        label={t("start.from")}
        value={inbox.id}
        options={inboxes.map((one) => ({ value: one.id, label: named(one) }))}
        onChange={(event) => change({ inbox: event.currentTarget.value as InboxId })}
      />
      <NotFirst />
      <Recipients value={to} inbox={inbox} onChange={(next) => change({ to: next })} />
      {carries.subject && (
        <>
          <TextField
            label={t("reply.subject")}
            value={mail.subject ?? ""}
            maxLength={SUBJECT_CHARS}
            autocomplete="off"
            onInput={(event) => change({ mail: { ...mail, subject: event.currentTarget.value } })}
          />
          <Addresses
            label={t("reply.cc")}
            value={mail.cc ?? []}
            onChange={(next) => change({ mail: { ...mail, cc: [...next] } })}
          />
          <Addresses
            label={t("reply.bcc")}
            value={mail.bcc ?? []}
            onChange={(next) => change({ mail: { ...mail, bcc: [...next] } })}
          />
        </>
      )}
      <Composer
        mode="reply"
        value={text}
        onInput={(next) => change({ text: next })}
        onSend={() => void send()}
        to=""
        placeholder={t("start.text")}
        busy={busy.value}
        {...(carries.files > 0 ? { onFiles: (list: File[]) => take(desk, NEW_MESSAGE, list, carries.files) } : {})}
        files={files.map((one) => tileOf(desk, NEW_MESSAGE, one, live))}
        {...(stuck === null ? {} : { ready: false })}
        hint={<Room text={text} carries={carries} files={files.length} stuck={stuck !== null} />}
      />
      {to.length > 1 && cannotReach(to, inbox) === null && <p class="dk-muted">{t("start.each", { n: to.length })}</p>}
      {said !== null && (
        <p class="dk-form-error" role="alert">
          {said}
        </p>
      )}
      <p>
        <Button kind="quiet" size="small" onClick={closeOverlay}>
          {t("start.later")}
        </Button>
      </p>
    </div>
  );
}

/** Channels by which nobody can be written to first are looked for here: they are named. */
function NotFirst() {
  const { inboxes } = useDesk().house.value;
  const names = [...inboxes.values()]
    .filter(({ channel, carries }) => channel === "web" || (carries && !carries.writes_first))
    .map(({ name }) => `\u2068${name}\u2069`);
  if (names.length === 0) return null;
  return <p class="dk-muted dk-start__not">{t("start.notFirst", { inboxes: names.join(", ") })}</p>;
}

function done(desk: Desk, started: readonly string[]): void {
  desk.uploads.clear(NEW_MESSAGE);
  closeOverlay();
  const [first] = started;
  if (started.length === 1 && first !== undefined) go(listPath({ folder: "inbox", sort: "activity" }, first));
  else toast({ text: t("start.started", { n: started.length }) });
}

function named({ name, address }: Inbox): string {
  return address === undefined ? name : `${name} (${address})`;
}

/** Why the text or the files cannot go from there as they are. */
function overdoneText(text: string, inbox: Inbox, files: readonly Upload[]): string | null {
  const what = cannot(carriesOf(inbox, inbox.channel), inbox.channel, { text, files: files.map(draftFile) });
  return cannotText(what, inbox.channel);
}

function missedText({ recipient, why }: Missed): string {
  return t(`start.why.${why}`, { who: recipient.shown });
}

function whyNot({ to, text, mail }: StartDraft, inbox: Inbox, files: readonly Upload[]): string | null {
  const carries = carriesOf(inbox, inbox.channel);
  if (to.length === 0) return t("start.nobody");
  const unreached = cannotReach(to, inbox);
  if (unreached) return wrongText(unreached);
  if (to.length > START_RECIPIENTS) return t("start.tooMany", { n: START_RECIPIENTS });
  if (carries.subject && (mail.subject ?? "").trim() === "") return t("start.subjectNeeded");
  const wrong = carries.subject ? [...(mail.cc ?? []), ...(mail.bcc ?? [])].find((one) => !isAddress(one)) : undefined;
  if (wrong !== undefined) return t("reply.badAddress", { text: wrong });
  if (carries.subject && hasTooManyCopies({ to, mail })) return t("start.copiesMany", { n: START_RECIPIENTS });
  const failed = files.find((one) => one.failed !== null);
  if (failed) return t("composer.fileHolds", { name: failed.file.name });
  if (to.length > 1 && files.length > 0) return t("start.filesOne");
  return overdoneText(text, inbox, files);
}
