/** Around the composer: the draft, files on their way up, the typing signal, and a reply that was held back. */
import { useSignal } from "@preact/signals";
import { type ConversationRow, MESSAGE_ATTACHMENTS } from "@switchboard/protocol";
import type { UploadState } from "@switchboard/ui/attachment-tile";
import { Button } from "@switchboard/ui/button";
import { Composer, type ComposerMode } from "@switchboard/ui/composer";
import { t } from "@switchboard/ui/i18n/desk";
import { Text } from "@switchboard/ui/text";
import { toast } from "@switchboard/ui/toast";
import { useEffect, useRef } from "preact/hooks";
import { useDesk } from "../context";
import { type HeldBack, heldBackOf } from "../desk/compose";
import type { Desk } from "../desk/desk";
import type { Upload } from "../desk/uploads";
import { authorName, contactName, errorText, mayPass } from "../words";
import { composerMode, useReplyField } from "./focus";

export function ReplyBar({ row }: { readonly row: ConversationRow }) {
  const desk = useDesk();
  const { id } = row;
  const { compose } = desk;
  const draft = useSignal(compose.draft(id));
  const area = useRef<HTMLTextAreaElement>(null);
  const restored = compose.restored.value;
  const followed = compose.followed.value;
  const mode: ComposerMode = draft.value.note ? "note" : "reply";
  const files = desk.uploads.of.value.get(id) ?? [];
  const refused = files.find((one) => one.failed !== null);
  const live = desk.connection.value.status === "live";
  /** It was tried to send with a file that cannot go along. */
  const stopped = useSignal(false);
  const held = heldBackOf(desk.threadView(id).value.pending);

  useEffect(() => desk.uploads.recall(id), [id]);
  // Only what is put into the field while it stands here: the next one that opens leaves the focus where it is.
  const taken = useRef(restored);
  useEffect(() => {
    if (taken.current === restored) return;
    taken.current = restored;
    draft.value = compose.draft(id);
    area.current?.focus();
  }, [restored]);
  useEffect(() => {
    draft.value = compose.draft(id);
  }, [followed]);
  useReplyField(id, (wanted) => {
    setMode(wanted);
    area.current?.focus();
  });
  useEffect(() => () => compose.typing(id, false, false), [id]);
  composerMode.value = mode;

  function setMode(next: ComposerMode): void {
    draft.value = { ...draft.value, note: next === "note" };
    compose.setDraft(id, draft.value);
    tell(draft.value.text);
  }
  function tell(text: string): void {
    const note = draft.value.note;
    desk.conversations.setMode(text.trim() === "" ? "viewing" : note ? "noting" : "replying");
  }
  function onInput(text: string): void {
    draft.value = { ...draft.value, text };
    compose.setDraft(id, draft.value);
    compose.typing(id, text.trim() !== "", draft.value.note);
    tell(text);
  }
  function send(): void {
    stopped.value = refused !== undefined;
    if (refused) return;
    if (files.some((one) => one.done === null)) return void toast({ text: t("composer.uploading") });
    const attachments = files.flatMap((one) => (one.done ? [one.done] : []));
    const text = draft.value.text.trim();
    if (text === "" && attachments.length === 0) return;
    compose.send(id, draft.value.note, text, attachments);
    desk.uploads.clear(id);
    draft.value = { text: "", note: draft.value.note };
    desk.conversations.setMode("viewing");
    area.current?.focus();
  }

  if (desk.me.value.agent.role === "read_only") return null;
  return (
    <div class="dk-reply">
      <Composer
        mode={mode}
        onMode={(next) => {
          setMode(next);
          area.current?.focus();
        }}
        value={draft.value.text}
        onInput={onInput}
        onSend={send}
        to={contactName(row)}
        areaRef={area}
        onFiles={(list) => take(desk, id, list)}
        files={files.map((one) => tileOf(desk, id, one, live))}
        notice={
          held ? (
            <Unseen held={held} row={row} onDecided={() => area.current?.focus()} />
          ) : stopped.value && refused ? (
            <p class="dk-reply__stopped" role="alert">
              {waits(refused, live)
                ? t("composer.fileWaits", { name: refused.file.name })
                : t("composer.fileHolds", { name: refused.file.name })}
            </p>
          ) : undefined
        }
      />
    </div>
  );
}

function take(desk: Desk, id: string, files: readonly File[]): void {
  const room = MESSAGE_ATTACHMENTS - (desk.uploads.of.value.get(id)?.length ?? 0);
  if (files.length > room) toast({ text: t("composer.attachLimit", { n: MESSAGE_ATTACHMENTS }), tone: "danger" });
  for (const file of files.slice(0, Math.max(0, room))) desk.uploads.add(id, file);
}

/** It failed for want of a connection, and goes up when there is one. */
function waits({ failed }: Upload, live: boolean): boolean {
  return failed?.code === "unavailable" && !live;
}

function tileOf(desk: Desk, id: string, upload: Upload, live: boolean) {
  const { key, file, failed, preview } = upload;
  const state = stateOf(upload, live);
  return {
    key,
    name: file.name,
    mediaType: file.type,
    bytes: file.size,
    // What the hub does not take for a picture is none.
    thumbnail: failed && !mayPass(failed) ? undefined : preview,
    state,
    onRemove: () => desk.uploads.remove(id, key),
    ...(failed && mayPass(failed) && state.kind === "failed" ? { onRetry: () => desk.uploads.again(id, key) } : {}),
  };
}

function stateOf(upload: Upload, live: boolean): UploadState {
  const { file, share, done, failed } = upload;
  if (waits(upload, live)) return { kind: "waiting", why: t("composer.fileWaits", { name: file.name }) };
  if (failed) return { kind: "failed", why: errorText(failed) };
  return done ? { kind: "done" } : { kind: "running", part: share };
}

/** A colleague's reply stands before this one: it is read first, then decided. */
function Unseen({
  held,
  row,
  onDecided,
}: {
  readonly held: HeldBack;
  readonly row: ConversationRow;
  onDecided(): void;
}) {
  const desk = useDesk();
  const { thread } = desk.threadView(row.id).value;
  const theirs = thread?.messages.filter((one) => held.unseen.includes(one.number)) ?? [];
  const first = theirs[0];
  const { mine } = held;
  const { conversationId: id, clientId } = mine;
  // The button that was pressed goes: what is typed next must land in the field, not among the desk's keys.
  const decide = (what: () => void) => () => {
    what();
    onDecided();
  };
  return (
    <div class="dk-unseen-reply" role="alert">
      <strong>
        {t("compose.overBody", { who: first ? authorName(first.author, row, desk.house.value) : t("people.hub") })}
      </strong>
      {theirs.map((one) => (
        <blockquote key={one.id}>
          <Text text={one.text} />
        </blockquote>
      ))}
      <span>{t("composer.unseenMine")}</span>
      <blockquote class="dk-unseen-reply__mine">
        <Text text={mine.text} />
      </blockquote>
      <div class="dk-unseen-reply__actions">
        <Button kind="primary" size="small" onClick={decide(() => desk.compose.again(id, clientId, true))}>
          {t("compose.over")}
        </Button>
        <Button size="small" onClick={decide(() => desk.compose.edit(id, clientId))}>
          {t("composer.edit")}
        </Button>
        <Button kind="quiet" size="small" onClick={decide(() => desk.compose.discard(id, clientId))}>
          {t("composer.discard")}
        </Button>
      </div>
    </div>
  );
}
