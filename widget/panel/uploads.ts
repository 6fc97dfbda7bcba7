/** Files on their way to the hub. XMLHttpRequest, because `fetch` does not tell how far an upload has come. */

import { type Signal, signal } from "@preact/signals";
import { type ApiError, ATTACHMENT_BYTES, type Attachment, type ErrorBody, type Uploaded } from "@switchboard/protocol";

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
}

export function startUpload(file: File, token: string, words: UploadWords): Upload {
  const percent = signal(0);
  const outcome = signal<{ done: Attachment } | { failed: string } | undefined>();
  const request = new XMLHttpRequest();
  const fail = (why = words.failed) => {
    outcome.value = { failed: why };
  };

  request.open("POST", `/api/visitor/attachments?name=${encodeURIComponent(file.name)}`);
  request.setRequestHeader("Authorization", `Bearer ${token}`);
  request.setRequestHeader("Content-Type", file.type || "application/octet-stream");
  request.upload.onprogress = ({ loaded, total }) => {
    percent.value = Math.floor((100 * loaded) / total);
  };
  request.onerror = () => fail();
  request.onload = () => {
    if (request.status < 300) outcome.value = { done: (JSON.parse(request.responseText) as Uploaded).attachment };
    else fail(refusal(request.responseText)?.message);
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

function refusal(text: string): ApiError | undefined {
  try {
    return (JSON.parse(text) as Partial<ErrorBody>).error;
  } catch {
    return undefined; // A proxy's page, not the hub's answer.
  }
}
