/** What went wrong, always as an `ApiError`: the one shape that screens show. */
import type { ApiError } from "@switchboard/protocol";

export function isApiError(cause: unknown): cause is ApiError {
  return (
    typeof cause === "object" &&
    cause !== null &&
    typeof (cause as ApiError).code === "string" &&
    typeof (cause as ApiError).message === "string"
  );
}

/** A fault of this page or of the network becomes "cannot be reached"; screens say it in the reader's language. */
export function apiError(cause: unknown): ApiError {
  // Spread, because an Error's own message is lost when it is kept as JSON.
  return isApiError(cause) ? { ...cause, message: cause.message } : { code: "unavailable", message: "" };
}
