/** What is being written: text and files that have not been sent. */

import { computed, effect, type ReadonlySignal, type Signal, signal } from "@preact/signals";
import { ATTACHMENT_BYTES, type Attachment, MESSAGE_ATTACHMENTS, MESSAGE_TEXT_CHARS } from "@switchboard/protocol";
import { bytes } from "@switchboard/ui/i18n";
import { t } from "@switchboard/ui/i18n/panel";

import type { Chat } from "./chat";
import { passing, startUpload, type Upload } from "./uploads";

export interface Draft {
  text: Signal<string>;
  uploads: ReadonlySignal<Upload[]>;
  /** Why it cannot be sent as it is, or why the last files were not taken. */
  problem: ReadonlySignal<string>;
  ready: ReadonlySignal<boolean>;
  add(files: FileList | undefined | null): void;
  remove(upload: Upload): void;
  /** It could not go up without a connection, and goes when there is one. */
  waits(upload: Upload): boolean;
  send(): void;
}

function doneOf({ outcome }: Upload): Attachment[] {
  return outcome.value && "done" in outcome.value ? [outcome.value.done] : [];
}

export function makeDraft(chat: Chat): Draft {
  const text = chat.draft;
  const uploads = signal<Upload[]>([]);
  const said = signal("");
  const long = computed(() => text.value.trim().length > MESSAGE_TEXT_CHARS);
  const done = computed(() => uploads.value.flatMap(doneOf));
  const live = computed(() => chat.connection.value.status === "live");
  const waits = ({ outcome }: Upload) => passing(outcome.value) && !live.value;
  const ready = computed(
    () =>
      !long.value &&
      uploads.value.every((upload) => upload.outcome.value && !waits(upload)) &&
      (text.value.trim() !== "" || done.value.length > 0),
  );

  effect(() => {
    if (live.value) for (const upload of uploads.peek()) upload.again();
  });

  return {
    text,
    uploads,
    problem: computed(() =>
      long.value ? t("panel.tooLong", { have: text.value.trim().length, most: MESSAGE_TEXT_CHARS }) : said.value,
    ),
    ready,
    add(files) {
      const room = MESSAGE_ATTACHMENTS - uploads.value.length;
      const taken = [...(files ?? [])].slice(0, room);
      said.value = taken.length < (files?.length ?? 0) ? t("panel.tooMany", { n: MESSAGE_ATTACHMENTS }) : "";
      const started = taken.map((file) =>
        startUpload(file, chat.token, {
          failed: t("attachment.failed"),
          kind: t("panel.fileKind"),
          tooLarge: t("attachment.tooLarge", { name: file.name, limit: bytes(ATTACHMENT_BYTES) }),
        }),
      );
      uploads.value = [...uploads.value, ...started];
    },
    remove(upload) {
      upload.leave();
      uploads.value = uploads.value.filter((each) => each !== upload);
      said.value = "";
    },
    waits,
    send() {
      if (!ready.value) return;
      // A file that would be missing from the message is not left out without a word.
      if (done.value.length < uploads.value.length) said.value = t("panel.removeFailed");
      else {
        chat.send(text.value.trim(), done.value);
        for (const upload of uploads.value) upload.leave();
        text.value = said.value = "";
        uploads.value = [];
      }
    },
  };
}
