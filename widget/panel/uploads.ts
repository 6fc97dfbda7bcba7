/** Files on their way to the hub. XMLHttpRequest, because `fetch` does not tell how far an upload has come. */

import { type Signal, signal } from "@preact/signals";
import { ATTACHMENT_BYTES, type Attachment, type ErrorBody, type Uploaded } from "@switchboard/protocol";

/** How an upload ended: the attachment, or the sentence for the person, and whether another try may go better. */
export type Outcome =
  | { done: Attachment; failed?: undefined; passing?: undefined }
  | { done?: undefined; failed: string; passing?: boolean };

export interface Upload {
  name: string;
  bytes: number;
  /** When it was picked. */
  at: number;
  /** For pictures: what to show meanwhile, a blob's URL. */
  preview: Signal<string | undefined>;
  /** 0 to 100. */
  percent: Signal<number>;
  outcome: Signal<Outcome | undefined>;
  /** Another try, if the last one has failed and not for good. */
  again(): void;
  /** It is no longer shown: stops what still runs. */
  leave(): void;
}

/** An upload as it outlives the page: its bytes do not. */
export type KeptUpload = Pick<Upload, "name" | "bytes" | "at"> & { outcome?: Outcome };

/** The hub keeps a file that no message has for a day; an hour of it is left for sending, ms. */
const KEPT_MS = 23 * 3_600_000;

/** Kinds that every browser shows without running anything. */
const PICTURE = /^image\/(png|jpeg|gif|webp)$/;

export interface UploadWords {
  failed: string;
  tooLarge: string;
  /** Files of this kind are not taken. */
  kind: string;
}

/** The hub gives an upload 300 s; one without an end by then has lost its connection. */
const UPLOAD_MS = 310_000;

export function startUpload(file: File, token: () => string, words: UploadWords): Upload {
  const percent = signal(0);
  const outcome = signal<Outcome | undefined>();
  const request = new XMLHttpRequest();
  const fail = (failed: string, passing = false) => {
    outcome.value = { failed, passing };
  };
  const broken = () => fail(words.failed, true);

  request.upload.onprogress = ({ loaded, total }) => {
    percent.value = Math.floor((100 * loaded) / total);
  };
  request.onerror = request.ontimeout = broken;
  request.onload = () => {
    const { attachment: done, error } = answerIn(request.responseText);
    if (done) outcome.value = { done };
    else if (error?.code === "unsupported_file") fail(words.kind);
    else if (error?.code === "too_large") fail(words.tooLarge);
    else broken();
  };

  function start() {
    outcome.value = undefined;
    percent.value = 0;
    request.open("POST", `/api/visitor/attachments?name=${encodeURIComponent(file.name)}`);
    request.setRequestHeader("Authorization", `Bearer ${token()}`);
    request.setRequestHeader("Content-Type", file.type || "application/octet-stream");
    request.timeout = UPLOAD_MS;
    request.send(file);
  }
  if (file.size > ATTACHMENT_BYTES) fail(words.tooLarge);
  else start();

  const url = PICTURE.test(file.type) ? URL.createObjectURL(file) : undefined;
  return {
    name: file.name,
    bytes: file.size,
    at: Date.now(),
    preview: signal(url),
    percent,
    outcome,
    again() {
      if (outcome.peek()?.passing) start();
    },
    leave() {
      request.abort();
      if (url) URL.revokeObjectURL(url);
    },
  };
}

/** As an earlier page left it: on the hub, or lost. */
export function restoreUpload({ outcome, ...kept }: KeptUpload, failed: string): Upload {
  const there = outcome?.done && Date.now() - kept.at < KEPT_MS;
  return {
    ...kept,
    preview: signal(),
    percent: signal(0),
    outcome: signal(there ? outcome : { failed }),
    again() {},
    leave() {},
  };
}

function answerIn(text: string): Partial<Uploaded & ErrorBody> {
  try {
    return JSON.parse(text) as Partial<Uploaded & ErrorBody>;
  } catch {
    return {}; // A proxy's page, not the hub's answer.
  }
}
