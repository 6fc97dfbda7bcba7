/** What is being written: text and files that have not been sent. */

import { computed, type ReadonlySignal, signal } from "@preact/signals";
import { ATTACHMENT_BYTES, type Attachment, MESSAGE_ATTACHMENTS } from "@switchboard/protocol";
import { language } from "@switchboard/ui/i18n";
import { t } from "@switchboard/ui/i18n/panel";

import type { Chat } from "./chat";
import { startUpload, type Upload } from "./uploads";

export interface Draft {
  text: { value: string };
  uploads: ReadonlySignal<Upload[]>;
  /** Why the last files were not taken. */
  problem: ReadonlySignal<string>;
  ready: ReadonlySignal<boolean>;
  add(files: FileList | undefined | null): void;
  remove(upload: Upload): void;
  send(): void;
}

export function fileSize(bytes: number): string {
  const [amount, unit] = bytes < 1e6 ? [bytes / 1e3, "kilobyte"] : [bytes / 1e6, "megabyte"];
  const digits = amount < 10 ? 1 : 0;
  return new Intl.NumberFormat(language.value, { style: "unit", unit, maximumFractionDigits: digits }).format(amount);
}

function doneOf({ outcome }: Upload): Attachment[] {
  return outcome.value && "done" in outcome.value ? [outcome.value.done] : [];
}

export function makeDraft(chat: Chat): Draft {
  const text = signal("");
  const uploads = signal<Upload[]>([]);
  const problem = signal("");
  const ready = computed(() => {
    const done = uploads.value.flatMap(doneOf);
    return done.length === uploads.value.length && (text.value.trim() !== "" || done.length > 0);
  });

  return {
    text,
    uploads,
    problem,
    ready,
    add(files) {
      const room = MESSAGE_ATTACHMENTS - uploads.value.length;
      const taken = [...(files ?? [])].slice(0, room);
      problem.value = taken.length < (files?.length ?? 0) ? t("panel.tooMany", { n: MESSAGE_ATTACHMENTS }) : "";
      const started = taken.map((file) =>
        startUpload(file, chat.token(), {
          failed: t("attachment.failed"),
          tooLarge: t("attachment.tooLarge", { name: file.name, limit: fileSize(ATTACHMENT_BYTES) }),
        }),
      );
      uploads.value = [...uploads.value, ...started];
    },
    remove(upload) {
      upload.cancel();
      uploads.value = uploads.value.filter((each) => each !== upload);
    },
    send() {
      if (!ready.value) return;
      chat.send(text.value.trim(), uploads.value.flatMap(doneOf));
      text.value = "";
      uploads.value = [];
      problem.value = "";
    },
  };
}
