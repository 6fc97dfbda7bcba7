/** Files on their way to the hub. XMLHttpRequest, because `fetch` does not tell how far an upload has come. */

import { type Signal, signal } from "@preact/signals";
import { ATTACHMENT_BYTES, type Attachment, type ErrorBody, type Uploaded } from "@switchboard/protocol";

export interface Upload {
  file: File;
  /** For pictures: what to show meanwhile, a blob's URL. */
  preview: string | undefined;
  /** 0 to 100. */
  percent: Signal<number>;
  /** `done` holds the attachment, `failed` the sentence for the person. */
  outcome: Signal<{ done: Attachment } | { failed: string } | undefined>;
  /** It is no longer shown: stops what still runs. */
  leave(): void;
}

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

export function startUpload(file: File, token: string, words: UploadWords): Upload {
  const percent = signal(0);
  const outcome = signal<{ done: Attachment } | { failed: string } | undefined>();
  const request = new XMLHttpRequest();
  const fail = (why: string) => {
    outcome.value = { failed: why };
  };

  request.open("POST", `/api/visitor/attachments?name=${encodeURIComponent(file.name)}`);
  request.setRequestHeader("Authorization", `Bearer ${token}`);
  request.setRequestHeader("Content-Type", file.type || "application/octet-stream");
  request.timeout = UPLOAD_MS;
  request.upload.onprogress = ({ loaded, total }) => {
    percent.value = Math.floor((100 * loaded) / total);
  };
  request.onerror = request.ontimeout = () => fail(words.failed);
  request.onload = () => {
    const { attachment, error } = answerIn(request.responseText);
    if (attachment) outcome.value = { done: attachment };
    else if (error?.code === "unsupported_file") fail(words.kind);
    else fail(error?.code === "too_large" ? words.tooLarge : words.failed);
  };
  if (file.size > ATTACHMENT_BYTES) fail(words.tooLarge);
  else request.send(file);

  const preview = PICTURE.test(file.type) ? URL.createObjectURL(file) : undefined;
  return {
    file,
    preview,
    percent,
    outcome,
    leave() {
      request.abort();
      if (preview) URL.revokeObjectURL(preview);
    },
  };
}

function answerIn(text: string): Partial<Uploaded & ErrorBody> {
  try {
    return JSON.parse(text) as Partial<Uploaded & ErrorBody>;
  } catch {
    return {}; // A proxy's page, not the hub's answer.
  }
}
