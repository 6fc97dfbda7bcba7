/** What is being written: text and files that have not been sent. It outlives the page. */

import { computed, effect, type ReadonlySignal, signal } from "@preact/signals";
import { ATTACHMENT_BYTES, MESSAGE_ATTACHMENTS, MESSAGE_TEXT_CHARS } from "@switchboard/protocol";
import { bytes } from "@switchboard/ui/i18n";
import { t } from "@switchboard/ui/i18n/panel";

import type { Chat } from "./chat";
import type { Memory } from "./memory";
import { type KeptUpload, restoreUpload, startUpload, type Upload } from "./uploads";

export interface Draft {
  text: ReadonlySignal<string>;
  uploads: ReadonlySignal<Upload[]>;
  /** Why it cannot be sent as it is, what it waits for, or why the last files were not taken. */
  problem: ReadonlySignal<string>;
  /** There is something to send. */
  ready: ReadonlySignal<boolean>;
  write(text: string): void;
  add(files: FileList | undefined | null): void;
  remove(upload: Upload): void;
  /** It could not go up without a connection, and goes when there is one. */
  waits(upload: Upload): boolean | undefined;
  /** At once, or by itself when all files are up. What is changed before that takes it back. */
  send(): void;
}

export function makeDraft(chat: Chat, memory: Memory): Draft {
  const text = signal(memory.get("draft") ?? "");
  const kept = JSON.parse(memory.get("files") ?? "[]") as KeptUpload[];
  const uploads = signal(kept.map((each) => restoreUpload(each, t("attachment.failed"))));
  const said = signal("");
  const going = signal(false);
  const chars = computed(() => text.value.trim().length);
  const ready = computed(() => chars.value <= MESSAGE_TEXT_CHARS && chars.value + uploads.value.length > 0);
  const live = computed(() => chat.connection.value.status === "live");

  function retry() {
    if (live.value) for (const upload of uploads.peek()) upload.again();
  }

  function changed(words = "") {
    said.value = words;
    going.value = false;
  }

  effect(retry);
  effect(() => memory.set("draft", text.value));
  effect(() => {
    // A signal is written as its value.
    const files = uploads.value.map(({ name, bytes, at, outcome }) => ({ name, bytes, at, outcome }));
    memory.set("files", JSON.stringify(files));
  });
  effect(() => {
    if (!going.value) return;
    const ends = uploads.value.map(({ outcome }) => outcome.value);
    const done = ends.flatMap((end) => end?.done ?? []);
    // A file that would be missing from the message is not left out without a word.
    if (ends.some((end) => end?.failed && !end.passing)) changed(t("panel.removeFailed"));
    else if (done.length === ends.length) {
      chat.send(text.value.trim(), done);
      for (const upload of uploads.value) upload.leave();
      text.value = "";
      uploads.value = [];
      changed();
    }
  });

  return {
    text,
    uploads,
    problem: computed(() =>
      chars.value > MESSAGE_TEXT_CHARS
        ? t("panel.tooLong", { have: chars.value, most: MESSAGE_TEXT_CHARS })
        : said.value,
    ),
    ready,
    write(words) {
      text.value = words;
      changed();
    },
    add(files) {
      const given = [...(files ?? [])];
      const taken = given.slice(0, MESSAGE_ATTACHMENTS - uploads.value.length);
      changed(taken.length < given.length ? t("panel.tooMany", { n: MESSAGE_ATTACHMENTS }) : "");
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
      changed();
    },
    waits: ({ outcome }) => !live.value && outcome.value?.passing,
    send() {
      if (!ready.value) return;
      retry();
      said.value = t("panel.goes");
      going.value = true;
    },
  };
}
