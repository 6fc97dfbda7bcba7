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
  | { readonly kind: "out" }
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
    current.value = error.code === "unauthenticated" ? { kind: "out" } : { kind: "unreachable", error };
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
  const desk = openDesk(call, me, query, leave);
  current.value = { kind: "in", desk };
  desk.start();
}

function leave(): void {
  if (current.value.kind === "in") current.value.desk.stop();
  current.value = { kind: "out" };
}

/** Only the hub can end the session: until it has, the next one at this browser would be signed in as this person. */
export async function signOut(): Promise<void> {
  try {
    await call("DELETE /api/session");
  } catch (cause) {
    if (apiError(cause).code !== "unauthenticated")
      return void toast({ text: t("account.notSignedOut"), tone: "danger" });
  }
  leave();
}
