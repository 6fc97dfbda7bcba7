/** Of what one is told, and how: in the page, by a sound, by the browser outside of its page. */
import type { NotificationChoice } from "@switchboard/protocol";
import { Button } from "@switchboard/ui/button";
import { Checkbox } from "@switchboard/ui/checkbox";
import { EmptyState } from "@switchboard/ui/empty-state";
import { t } from "@switchboard/ui/i18n/more";
import { Skeleton } from "@switchboard/ui/skeleton";
import { Volume2 } from "lucide-preact";
import { useEffect, useState } from "preact/hooks";
import { useDesk } from "../../context";
import { play } from "../../parts/ring";
import { errorText } from "../../words";
import { sayRefused } from "../actions";
import { Head } from "./parts";
import "./notifications.css";

const WAYS = ["app", "sound", "desktop"] as const;

export function NotificationSettings() {
  const { notices } = useDesk();
  useEffect(() => notices.want(), []);
  const choose = (choice: NotificationChoice): void =>
    void notices.choose(choice).then((error) => error && sayRefused(error));
  return (
    <>
      <Head title={t("settings.notifications")} body={t("settings.notificationsBody")} />
      <Allowed />
      <Ways choose={choose} />
      <div>
        <Button icon={Volume2} onClick={play}>
          {t("notices.try")}
        </Button>
      </div>
    </>
  );
}

function Ways({ choose }: { choose(choice: NotificationChoice): void }) {
  const { notices } = useDesk();
  const choices = notices.choices.value;
  const error = notices.error.value;
  if (choices.length === 0 && error !== null) {
    return (
      <EmptyState
        title={t("error.load")}
        body={errorText(error)}
        action={<Button onClick={() => void notices.load()}>{t("action.retry")}</Button>}
      />
    );
  }
  if (choices.length === 0) return <Skeleton as="row" count={5} />;
  return (
    <table class="dk-ways">
      <thead>
        <tr>
          <td />
          {WAYS.map((way) => (
            <th key={way} scope="col">
              {t(`notices.way.${way}`)}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {choices.map((one) => (
          <tr key={one.kind}>
            <th scope="row">{t(`notices.kind.${one.kind}`)}</th>
            {WAYS.map((way) => (
              <td key={way}>
                <Checkbox
                  bare
                  label={t("notices.wayOf", { kind: t(`notices.kind.${one.kind}`), way: t(`notices.way.${way}`) })}
                  checked={one[way]}
                  onChange={(on) => choose({ ...one, [way]: on })}
                />
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** The browser asks the person once, and only after they have pressed something. */
function Allowed() {
  const known = "Notification" in window;
  const [allowed, setAllowed] = useState<NotificationPermission>(known ? Notification.permission : "denied");
  if (allowed === "granted") return null;
  if (!known || allowed === "denied") return <p class="dk-muted">{t("notices.denied")}</p>;
  return (
    <div class="dk-ways__allow">
      <p>{t("notices.ask")}</p>
      <Button onClick={() => void Notification.requestPermission().then(setAllowed)}>{t("notices.allow")}</Button>
    </div>
  );
}
