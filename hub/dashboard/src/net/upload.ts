/** Sends a file up with progress. `fetch` cannot tell how far an upload has come, so this is an XMLHttpRequest. */
import type { Attachment, ErrorBody, Uploaded } from "@switchboard/protocol";
import { apiError } from "./errors";

/** The hub gives itself 300 s for a file; without an end by then the connection is not one. Milliseconds. */
const UPLOAD_MS = 310_000;

/** Rejects with an `ApiError`. */
export function upload(file: File, progress: (share: number) => void, signal: AbortSignal): Promise<Attachment> {
  return new Promise((done, fail) => {
    const request = new XMLHttpRequest();
    const lost = (): void => fail(apiError(null));
    request.open("POST", `/api/attachments?name=${encodeURIComponent(file.name)}`);
    request.setRequestHeader("Content-Type", file.type || "application/octet-stream");
    request.timeout = UPLOAD_MS;
    request.upload.onprogress = (event) => event.lengthComputable && progress(event.loaded / event.total);
    request.onload = () => {
      const answer = parsed(request.responseText);
      if (request.status < 300 && answer && "attachment" in answer) done(answer.attachment);
      else fail(answer && "error" in answer ? answer.error : apiError(null));
    };
    request.onerror = lost;
    request.ontimeout = lost;
    request.onabort = lost;
    signal.addEventListener("abort", () => request.abort());
    request.send(file);
  });
}

/** Nothing, when it is not the hub's answer: a proxy's page. */
function parsed(text: string): Uploaded | ErrorBody | undefined {
  try {
    return JSON.parse(text) as Uploaded | ErrorBody;
  } catch {
    return undefined;
  }
}
