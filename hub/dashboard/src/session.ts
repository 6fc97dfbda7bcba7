/** Who is signed in in this browser, and the desk that goes with it. */
import { type ReadonlySignal, signal } from "@preact/signals";
import { type Api, type ApiError, api, type Me } from "@switchboard/protocol";
import { t } from "@switchboard/ui/i18n/desk";
import { toast } from "@switchboard/ui/toast";
import type { Desk } from "./desk/desk";
import { openDesk } from "./desk/open";
import { apiError } from "./net/errors";
import { route } from "./router";

export type Session =
  | { readonly kind: "loading" }
  | { readonly kind: "unreachable"; readonly error: ApiError }
  /** `thrown`: the hub has ended the session, not the person here. */
  | { readonly kind: "out"; readonly thrown: boolean }
  | { readonly kind: "in"; readonly desk: Desk };

const current = signal<Session>({ kind: "loading" });
export const session: ReadonlySignal<Session> = current;
export const call: Api = api();

/** Asks the hub whose cookie this is. */
export async function resume(): Promise<void> {
  current.value = { kind: "loading" };
  try {
    enter(await call("GET /api/session"));
  } catch (cause) {
    const error = apiError(cause);
    current.value = error.code === "unauthenticated" ? { kind: "out", thrown: false } : { kind: "unreachable", error };
  }
}

/** Somebody has just signed in. */
export function enter(me: Me): void {
  // Somebody else, in this browser until now.
  if (current.value.kind === "in") current.value.desk.stop();
  const { page } = route.value;
  const query =
    page === "conversations"
      ? (route.value as Extract<typeof route.value, { page: "conversations" }>).query
      : ({ folder: "inbox", sort: "activity" } as const);
  const desk = openDesk(call, me, query, () => leave(!goes));
  current.value = { kind: "in", desk };
  desk.start();
}

function leave(thrown: boolean): void {
  if (current.value.kind === "in") current.value.desk.stop();
  current.value = { kind: "out", thrown };
}

/** The person here is signing out: the hub may say so on the socket first. */
let goes = false;

/** Only the hub can end the session: until it has, the next one at this browser would be signed in as this person. */
export async function signOut(): Promise<void> {
  goes = true;
  try {
    await call("DELETE /api/session");
  } catch (cause) {
    if (apiError(cause).code !== "unauthenticated")
      return void toast({ text: t("account.notSignedOut"), tone: "danger" });
  } finally {
    goes = false;
  }
  leave(false);
}
