/**
 * Around the composer: the draft, files on their way up, the typing signal, and a reply that was held back. What it offers
 * is what the conversation's channel carries: files, formatting, copies, and how long a text may be.
 */
import { useSignal } from "@preact/signals";
import type { AfterReply, Agent, ConversationRow, TemplateVariable } from "@switchboard/protocol";
import { Composer, type ComposerMode } from "@switchboard/ui/composer";
import { list } from "@switchboard/ui/i18n";
import { t } from "@switchboard/ui/i18n/desk";
import { toast } from "@switchboard/ui/toast";
import { useEffect, useRef } from "preact/hooks";
import { useDesk } from "../context";
import { answersGoTo, isAddress, isCustomers, writerOf } from "../desk/addresses";
import { CHAT, cannot, carriesOf, draftFile } from "../desk/carries";
import { type Draft, heldBackOf } from "../desk/compose";
import { openIn, placeOf } from "../desk/filling";
import { mentionedIn } from "../desk/mentions";
import type { Upload } from "../desk/uploads";
import { formatting, undoSend } from "../preferences";
import { contactName } from "../words";
import { composerMode, useReplyField } from "./focus";
import { AnsweringBar } from "./quoted";
import { EmojiButton } from "./reply/emoji-button";
import { cannotText, heldByFiles, take, tileOf } from "./reply/files";
import { sayHeld } from "./reply/held";
import { MailHead } from "./reply/mail-head";
import { AT, MentionList } from "./reply/mention-list";
import { PlusMenu } from "./reply/plus-menu";
import { RichField, RichTools, useEditor, useRichState } from "./reply/rich-text";
import { Room } from "./reply/room";
import { afterSending, waysToSend } from "./reply/send-and";
import { TemplatePicker, useTemplateKey } from "./reply/template-key";
import { Unseen } from "./reply/unseen";
import { useWhoSees } from "./who-sees";
import "./reply/reply.css";

export function ReplyBar({ row }: { readonly row: ConversationRow }) {
  const desk = useDesk();
  const { id } = row;
  const { compose } = desk;
  const draft = useSignal(compose.draft(id));
  const area = useRef<HTMLTextAreaElement>(null);
  const rich = useRichState();
  const restored = compose.restored.value;
  const followed = compose.followed.value;
  const { note, text, mail = {} } = draft.value;
  const mode: ComposerMode = note ? "note" : "reply";
  const me = desk.me.value.agent.id;
  const inbox = desk.house.value.inboxes.get(row.inbox_id);
  const carries = note ? CHAT : carriesOf(inbox, row.channel);
  const made = useEditor(carries.rich_text && formatting.value === "on");
  const files = desk.uploads.of.value.get(id) ?? [];
  const live = desk.connection.value.status === "live";
  /** How many were sent from here: the next mail begins with an empty head. */
  const sent = useSignal(0);
  /** It was tried to send what cannot go as it is. */
  const tried = useSignal(false);
  const held = heldBackOf(desk.threadView(id).value.pending);
  const contact = desk.contact(row.contact.id).value;
  const identity = contact?.identities.find((one) => one.id === row.identity_id);
  const messages = desk.threadView(id).value.thread?.messages ?? [];
  const to = carries.subject ? answersGoTo(messages, inbox?.address, identity?.address ?? null) : null;
  const answered =
    to === null || isCustomers(to, contact) ? contactName(row) : (writerOf(messages, to) ?? `\u2068${to}\u2069`);
  const points = !note && carries.answers ? draft.value.answers : undefined;
  const stopped = identity?.stopped_at !== undefined;
  // They have said that they do not want to be written to here; or nothing goes out from here any more.
  const silent = !note && (stopped || inbox === undefined);

  useEffect(() => desk.uploads.recall(id), [id]);
  // Only what is put into the field while it stands here: the next one that opens leaves the focus where it is.
  const taken = useRef(restored);
  useEffect(() => {
    if (taken.current === restored) return;
    taken.current = restored;
    draft.value = compose.draft(id);
    focus();
  }, [restored]);
  useEffect(() => {
    draft.value = compose.draft(id);
  }, [followed]);
  useReplyField(id, (wanted) => {
    setMode(wanted);
    focus();
  });
  useEffect(() => () => compose.typing(id, false, false), [id]);
  composerMode.value = mode;

  function focus(): void {
    if (rich.editor.value) rich.editor.value.focus();
    else area.current?.focus();
  }
  function change(next: Draft): void {
    draft.value = next;
    compose.setDraft(id, next);
  }
  function setMode(next: ComposerMode): void {
    change({ ...draft.value, note: next === "note" });
    tell(draft.value.text);
  }
  function tell(written: string): void {
    desk.conversations.setMode(written.trim() === "" ? "viewing" : draft.value.note ? "noting" : "replying");
  }
  /** Words that were written plain have no formatting: of what was, nothing is left behind them. */
  function onInput(written: string, html?: string): void {
    const { html: _, ...rest } = draft.value.mail ?? {};
    const said = html === undefined ? rest : { ...rest, html };
    const { mail: _before, text: _text, ...others } = draft.value;
    change({ ...others, text: written, ...(Object.keys(said).length > 0 ? { mail: said } : {}) });
    compose.typing(id, written.trim() !== "", draft.value.note);
    tell(written);
    slash.look();
    at.look();
  }
  const slash = useTemplateKey(area, rich.editor);
  const at = useTemplateKey(area, rich.editor, AT);
  const who = useWhoSees(row.inbox_id, note && text.includes("@"));
  const nameable = note ? [...desk.house.value.agents.values()].filter(mayBeNamed) : [];
  function mayBeNamed({ id: agent, disabled }: Agent): boolean {
    return !disabled && (who === null || who.has(agent));
  }
  const overdone = cannotText(
    cannot(carries, note ? "web" : row.channel, { text, files: files.map(draftFile) }),
    row.channel,
  );
  // Files stay as they are until they are taken out: what is wrong with them is said at once.
  const open = openIn(text);
  const stuck = (overdone !== null && files.length > 0) || open.length > 0;
  const holds = overdone ?? opensText(open) ?? holdsBack(draft.value, files, live);
  function send(after?: AfterReply): void {
    tried.value = holds !== null;
    if (silent || holds !== null) return;
    if (files.some((one) => one.done === null)) return void toast({ text: t("composer.uploading") });
    const attachments = files.flatMap((one) => (one.done ? [one.done] : []));
    if (text.trim() === "" && attachments.length === 0) return;
    // To whom it says that it goes, whoever writes meanwhile.
    const { answers: _, ...said } = draft.value;
    const named = to === null ? said : { ...said, mail: { ...mail, to } };
    const pointing = points === undefined ? {} : { answers: points };
    const what = { ...named, ...pointing, text: text.trim(), mentions: mentionedIn(text, nameable) };
    const seconds = note ? 0 : Number(undoSend.value);
    const onHeld = (one: string): void => sayHeld(desk, id, one, seconds);
    const hold = seconds > 0 ? { seconds, onHeld } : undefined;
    const went = compose.send(id, what, attachments, after, hold);
    if (after && !note && !hold) void afterSending(desk, row, after, went);
    desk.uploads.clear(id);
    draft.value = { text: "", note };
    sent.value += 1;
    desk.conversations.setMode("viewing");
    focus();
  }

  if (desk.me.value.agent.role === "read_only") return null;
  const why = stopped
    ? t(`reply.stopped.${row.channel === "telegram" ? "blocked" : "stop"}`, { name: contactName(row) })
    : t("reply.inboxRemoved");
  const says = silent ? why : holds;
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: it looks on while the field inside is written in.
    <div
      class="dk-reply"
      onKeyDownCapture={(event) => {
        slash.onKeyDown(event);
        if (note && !event.defaultPrevented) at.onKeyDown(event);
      }}
      onKeyUp={(event) => {
        slash.onKeyUp(event);
        at.onKeyUp(event);
      }}
      onClick={() => {
        slash.look();
        at.look();
      }}
    >
      <TemplatePicker slash={slash} row={row} html={made !== null} files={carries.files} />
      {note && who !== null && <MentionList at={at} people={nameable.filter((one) => one.id !== me)} />}
      <Composer
        mode={mode}
        onMode={(next) => {
          setMode(next);
          focus();
        }}
        value={text}
        onInput={onInput}
        onSend={() => send()}
        {...(note ? {} : { onSendAndClose: () => send({ to: "close" }), more: waysToSend(desk.clock(), send) })}
        to={answered}
        areaRef={area}
        {...(carries.files > 0 ? { onFiles: (given: File[]) => take(desk, id, given, carries.files) } : {})}
        files={files.map((one) => tileOf(desk, id, one, live))}
        {...(silent || stuck ? { ready: false } : {})}
        hint={<Room text={text} carries={carries} files={files.length} stuck={stuck} />}
        fields={
          carries.subject ? (
            <MailHead
              key={`${id} ${sent.value}`}
              row={row}
              inbox={inbox}
              customer={identity?.address ?? null}
              to={to}
              mail={mail}
              onChange={(next) => change({ text: draft.value.text, note: false, mail: next })}
            />
          ) : (
            points && <AnsweringBar answers={points} row={row} />
          )
        }
        tools={
          <>
            <EmojiButton area={area} editor={rich.editor} onInput={onInput} />
            {carries.rich_text && <RichTools state={rich} />}
            <PlusMenu onTemplate={slash.begin} />
          </>
        }
        {...(made
          ? {
              area: (given) => (
                <RichField
                  made={made}
                  state={rich}
                  area={given}
                  written={mail.html === undefined ? { text } : { text, html: mail.html }}
                  focused={document.activeElement === area.current && area.current !== null}
                  onInput={({ text: written, html }) => onInput(written, html)}
                />
              ),
            }
          : {})}
        notice={
          held ? (
            <Unseen held={held} row={row} onDecided={focus} />
          ) : says !== null && (silent || tried.value || stuck) ? (
            <p class="dk-reply__stopped" role={silent ? "status" : "alert"}>
              {says}
            </p>
          ) : undefined
        }
      />
    </div>
  );
}

/** What a template had a place for and nobody has filled in: it goes to nobody as it stands. */
function opensText(open: readonly TemplateVariable[]): string | null {
  if (open.length === 0) return null;
  return t("reply.open", { names: list(open.map((one) => `\u2068${placeOf(one)}\u2069`)) });
}

/** Why what is written waits for its writer: a file that did not go up, an address that is none. */
function holdsBack({ note, mail }: Draft, files: readonly Upload[], live: boolean): string | null {
  const held = heldByFiles(files, live);
  if (held !== null) return held;
  const wrong = note ? undefined : [...(mail?.cc ?? []), ...(mail?.bcc ?? [])].find((one) => !isAddress(one));
  return wrong === undefined ? null : t("reply.badAddress", { text: wrong });
}
