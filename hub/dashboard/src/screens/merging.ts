/** Merging customers' cards and taking it back: one function per action, for buttons, the palette and the search. */
import type { ApiError, Contact, ContactId } from "@switchboard/protocol";
import { t } from "@switchboard/ui/i18n/desk";
import { toast } from "@switchboard/ui/toast";
import type { Desk } from "../desk/desk";
import { topOf } from "../desk/people";
import { errorText } from "../words";

export function mergeWith(desk: Desk, here: Contact, other: Pick<Contact, "id" | "name">): Promise<void> {
  const [top, part] = topOf(here, other);
  const merge = () => desk.people.merge(top, part);
  return done(desk, merge, () => desk.people.separate(top, part), t("person.doneMerged"));
}

export function separate(desk: Desk, top: ContactId, part: ContactId): Promise<void> {
  const separate = () => desk.people.separate(top, part);
  return done(desk, separate, () => desk.people.merge(top, part), t("person.doneSeparated"));
}

export function tellApart(desk: Desk, one: Contact, other: Contact): Promise<void> {
  const tell = (apart: boolean) => () => desk.people.tellApart(one.id, other.id, apart);
  return done(desk, tell(true), tell(false), t("person.doneDifferent"));
}

type Work = () => Promise<ApiError | null>;

/** Says that it is done when it is, with the way back. */
async function done(desk: Desk, work: Work, back: Work, said: string): Promise<void> {
  const error = await work();
  if (error) return sayRefused(error);
  const takeBack = (): void => {
    desk.undo.current = null;
    dismiss();
    void back().then((error) => error && sayRefused(error));
  };
  desk.undo.current = takeBack;
  const dismiss = toast({ text: said, onUndo: takeBack });
}

function sayRefused(error: ApiError): void {
  const text = error.code === "unavailable" ? t("change.offline") : t("change.failed", { why: errorText(error) });
  toast({ text, tone: "danger" });
}
