/** Around the composer: the draft, files on their way up, the typing signal, and a reply that was held back. */
import { signal, useSignal } from "@preact/signals";
import {
  ATTACHMENT_BYTES,
  type Attachment,
  browser,
  type ConversationId,
  type ConversationRow,
  MESSAGE_ATTACHMENTS,
} from "@switchboard/protocol";
import { Button } from "@switchboard/ui/button";
import { Composer, type ComposerMode } from "@switchboard/ui/composer";
import { bytes } from "@switchboard/ui/i18n";
import { t } from "@switchboard/ui/i18n/desk";
import { Text } from "@switchboard/ui/text";
import { toast } from "@switchboard/ui/toast";
import { useEffect, useRef } from "preact/hooks";
import { useDesk } from "../context";
import type { HeldBack } from "../desk/compose";
import { apiError } from "../net/errors";
import { upload } from "../net/upload";
import { authorName, contactName, errorText } from "../words";
import { composerMode, focusComposer } from "./focus";

interface Upload {
  readonly key: string;
  readonly file: File;
  readonly share: number;
  readonly done: Attachment | null;
  readonly failed: string | null;
  readonly stop: AbortController;
}

/** Files of each conversation's draft; they stay when one looks at another conversation meanwhile. */
const uploads = signal<ReadonlyMap<ConversationId, readonly Upload[]>>(new Map());

function change(id: ConversationId, next: (list: readonly Upload[]) => readonly Upload[]): void {
  uploads.value = new Map([...uploads.value, [id, next(uploads.value.get(id) ?? [])]]);
}

function begin(id: ConversationId, file: File): void {
  const one: Upload = {
    key: browser.newId(),
    file,
    share: 0,
    done: null,
    failed: null,
    stop: new AbortController(),
  };
  const set = (patch: Partial<Upload>): void =>
    change(id, (list) => list.map((each) => (each.key === one.key ? { ...each, ...patch } : each)));
  change(id, (list) => [...list, one]);
  upload(file, (share) => set({ share }), one.stop.signal).then(
    (done) => set({ done, share: 1 }),
    (cause) => set({ failed: errorText(apiError(cause)) }),
  );
}

function take(id: ConversationId, files: readonly File[]): void {
  const room = MESSAGE_ATTACHMENTS - (uploads.value.get(id)?.length ?? 0);
  if (files.length > room) toast({ text: t("composer.attachLimit", { n: MESSAGE_ATTACHMENTS }), tone: "danger" });
  for (const file of files.slice(0, Math.max(0, room))) {
    if (file.size > ATTACHMENT_BYTES)
      toast({ text: t("attachment.tooLarge", { name: file.name, limit: bytes(ATTACHMENT_BYTES) }), tone: "danger" });
    else begin(id, file);
  }
}

export function ReplyBar({ row }: { readonly row: ConversationRow }) {
  const desk = useDesk();
  const { id } = row;
  const { compose } = desk;
  const draft = useSignal(compose.draft(id));
  const area = useRef<HTMLTextAreaElement>(null);
  const restored = compose.restored.value;
  const mode: ComposerMode = draft.value.note ? "note" : "reply";
  const files = uploads.value.get(id) ?? [];
  const held = compose.heldBack.value;

  useEffect(() => {
    draft.value = compose.draft(id);
    if (restored > 0) area.current?.focus();
  }, [restored]);
  useEffect(() => {
    focusComposer.current = (wanted) => {
      setMode(wanted);
      area.current?.focus();
    };
    return () => {
      focusComposer.current = null;
      compose.typing(id, false, false);
    };
  }, [id]);
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
    if (files.some((one) => one.done === null && one.failed === null))
      return void toast({ text: t("composer.uploading") });
    const attachments = files.flatMap((one) => (one.done ? [one.done] : []));
    const text = draft.value.text.trim();
    if (text === "" && attachments.length === 0) return;
    compose.send(id, draft.value.note, text, attachments);
    change(id, () => []);
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
        onFiles={(list) => take(id, list)}
        files={files.map((one) => ({
          key: one.key,
          name: one.file.name,
          mediaType: one.file.type,
          bytes: one.file.size,
          state:
            one.failed !== null
              ? { kind: "failed" as const, why: one.failed }
              : one.done
                ? { kind: "done" as const }
                : { kind: "running" as const, part: one.share },
          onRemove: () => {
            one.stop.abort();
            change(id, (list) => list.filter((each) => each.key !== one.key));
          },
          onRetry: () => {
            change(id, (list) => list.filter((each) => each.key !== one.key));
            begin(id, one.file);
          },
        }))}
        notice={
          held?.conversationId === id ? (
            <Unseen held={held} row={row} onDecided={() => area.current?.focus()} />
          ) : undefined
        }
      />
    </div>
  );
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
  const { thread, pending } = desk.threadView(row.id).value;
  const theirs = thread?.messages.filter((one) => held.unseen.includes(one.number)) ?? [];
  const mine = pending.find((one) => one.clientId === held.clientId);
  const first = theirs[0];
  const { conversationId: id, clientId } = held;
  // The button that was pressed goes: what is typed next must land in the field, not among the desk's keys.
  const decide = (what: () => void) => () => {
    what();
    onDecided();
  };
  if (!mine) return null;
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
