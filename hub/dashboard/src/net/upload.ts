/** Sends a file up with progress. `fetch` cannot tell how far an upload has come, so this is an XMLHttpRequest. */
import type { ApiError, Attachment, ErrorBody, Uploaded } from "@switchboard/protocol";
import { apiError } from "./errors";

export function upload(file: File, progress: (share: number) => void, signal: AbortSignal): Promise<Attachment> {
  return new Promise((done, fail) => {
    const request = new XMLHttpRequest();
    request.open("POST", `/api/attachments?name=${encodeURIComponent(file.name)}`);
    request.setRequestHeader("Content-Type", file.type || "application/octet-stream");
    request.upload.onprogress = (event) => event.lengthComputable && progress(event.loaded / event.total);
    request.onload = () =>
      request.status < 300
        ? done((JSON.parse(request.responseText) as Uploaded).attachment)
        : fail(refusal(request.responseText));
    request.onerror = () => fail(apiError(null));
    signal.addEventListener("abort", () => request.abort());
    request.send(file);
  });
}

function refusal(text: string): ApiError {
  try {
    return (JSON.parse(text) as ErrorBody).error;
  } catch {
    // A proxy's page, not the hub's answer.
    return apiError(null);
  }
}
