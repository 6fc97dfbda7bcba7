/** Of what one is told, and how: in the page, by a sound, by the browser outside of its page. */
import type { NotificationChoice } from "@switchboard/protocol";
import { Button } from "@switchboard/ui/button";
import { Checkbox } from "@switchboard/ui/checkbox";
import { t } from "@switchboard/ui/i18n/desk";
import { Volume2 } from "lucide-preact";
import { useState } from "preact/hooks";
import { useDesk } from "../../context";
import { play } from "../../parts/ring";
import { sayRefused } from "../actions";
import { Head } from "./parts";
import "./notifications.css";

const WAYS = ["app", "sound", "desktop"] as const;

export function NotificationSettings() {
  const { notices } = useDesk();
  const choose = (choice: NotificationChoice): void =>
    void notices.choose(choice).then((error) => error && sayRefused(error));
  return (
    <>
      <Head title={t("settings.notifications")} body={t("settings.notificationsBody")} />
      <Allowed />
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
          {notices.choices.value.map((one) => (
            <tr key={one.kind}>
              <th scope="row">{t(`notices.kind.${one.kind}`)}</th>
              {WAYS.map((way) => (
                <td key={way}>
                  <Checkbox
                    bare
                    label={`${t(`notices.kind.${one.kind}`)}: ${t(`notices.way.${way}`)}`}
                    checked={one[way]}
                    onChange={(on) => choose({ ...one, [way]: on })}
                  />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      <div>
        <Button icon={Volume2} onClick={play}>
          {t("notices.try")}
        </Button>
      </div>
    </>
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
