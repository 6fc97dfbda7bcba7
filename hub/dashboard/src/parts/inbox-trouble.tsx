/** Says that what customers write does not show here, for as long as that is so; it goes away by itself. */
import type { InboxHealth, InboxId } from "@switchboard/protocol";
import { Banner } from "@switchboard/ui/banner";
import { t } from "@switchboard/ui/i18n/desk";
import { locale, now } from "@switchboard/ui/ticker";
import { clock, dayNumber, exact } from "@switchboard/ui/time";
import { useDesk } from "../context";
import { linkTo } from "../router";

/** A provider may be away for a moment: that is nobody's to act upon, milliseconds. */
const MOMENT_MS = 60_000;

/** Whether somebody of the team should know that this inbox receives nothing. */
export function isInTrouble({ state, since }: InboxHealth, at: number): boolean {
  return state === "broken" || (state === "away" && at - (since ?? 0) >= MOMENT_MS);
}

/** `inbox`: of this one alone; none: of all that there are. */
export function InboxTrouble({ inbox }: { readonly inbox?: InboxId | undefined }) {
  const { house, me } = useDesk();
  const { health, inboxes } = house.value;
  const wrong = [...health.values()].filter(
    (one) =>
      (inbox === undefined || one.inbox_id === inbox) && inboxes.has(one.inbox_id) && isInTrouble(one, now.value),
  );
  const [first] = wrong;
  if (!first) return inbox === undefined ? null : <Unconnected inbox={inbox} />;
  const { role } = me.value.agent;
  const admin = role === "owner" || role === "admin";
  return (
    <Banner tone="warning">
      {wrong.length > 1 ? t("trouble.several", { n: wrong.length }) : <Sentence of={first} />}
      {admin && (
        <>
          {" "}
          <a {...linkTo(wrong.length > 1 ? "/settings/inboxes" : `/settings/inboxes?inbox=${first.inbox_id}`)}>
            {t("trouble.open")}
          </a>
        </>
      )}
    </Banner>
  );
}

/** Of an inbox of the demo, whoever stands in it should know that nothing they write there goes out. */
function Unconnected({ inbox }: { readonly inbox: InboxId }) {
  const { house, me } = useDesk();
  if (house.value.health.get(inbox)?.state !== "unconnected") return null;
  const { role } = me.value.agent;
  return (
    <Banner>
      {t("trouble.demo")}
      {(role === "owner" || role === "admin") && (
        <>
          {" "}
          <a {...linkTo(`/settings/inboxes?inbox=${inbox}`)}>{t("trouble.open")}</a>
        </>
      )}
    </Banner>
  );
}

function Sentence({ of }: { readonly of: InboxHealth }) {
  const inbox = useDesk().house.value.inboxes.get(of.inbox_id);
  const { value: where } = locale;
  const since = of.since ?? now.value;
  const today = dayNumber(since, where.zone) === dayNumber(now.value, where.zone);
  const time = today ? clock(since, where) : exact(since, where);
  const mail = inbox?.channel === "email";
  return (
    <>
      {t(mail ? "trouble.mail" : "trouble.other", { inbox: inbox?.name ?? "", time })}{" "}
      {t(of.state === "broken" ? "trouble.broken" : "trouble.away")}
    </>
  );
}
