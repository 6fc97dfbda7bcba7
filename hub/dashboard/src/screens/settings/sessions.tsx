/** The browsers in which one is signed in, and the end of each. */
import { Button } from "@switchboard/ui/button";
import { t } from "@switchboard/ui/i18n/more";
import { Icon } from "@switchboard/ui/icon";
import { Tag } from "@switchboard/ui/tag";
import { locale, now } from "@switchboard/ui/ticker";
import { longAgo } from "@switchboard/ui/time";
import { Monitor, Smartphone } from "lucide-preact";
import { useDesk } from "../../context";
import { Dotted } from "../../parts/dotted";
import { signOut } from "../../session";
import { doing, Head, Thing, useAsked, Waiting } from "./parts";

export function Sessions() {
  const { api } = useDesk();
  const asked = useAsked(async () => (await api("GET /api/sessions")).sessions);
  const end = (id: string, current: boolean): void => {
    if (current) return void signOut();
    void doing(() => api("DELETE /api/sessions/{id}", { id }), t("settings.revoked")).then(() => asked.again());
  };
  return (
    <>
      <Head title={t("settings.sessions")} body={t("settings.sessionsBody")} />
      {asked.value.value ? (
        <ul class="dk-things">
          {asked.value.value.map((one) => (
            <Thing
              key={one.id}
              before={<Icon of={/Mobile|Android|iPhone/.test(one.user_agent) ? Smartphone : Monitor} size={20} />}
              title={browserName(one.user_agent)}
              line={
                <Dotted
                  of={[
                    one.address,
                    t("settings.lastSeen", {
                      // This one is in use as it is read; the hub writes it down only now and then.
                      time: one.current
                        ? t("time.now")
                        : longAgo(one.last_seen_at, now.value, locale.value, t("time.now")),
                    }),
                  ]}
                />
              }
              actions={
                <>
                  {one.current && <Tag tone="success">{t("settings.current")}</Tag>}
                  <Button
                    aria-label={one.current ? undefined : t("settings.endNamed", { name: browserName(one.user_agent) })}
                    onClick={() => end(one.id, one.current)}
                  >
                    {t(one.current ? "account.signOut" : "settings.revoke")}
                  </Button>
                </>
              }
            />
          ))}
        </ul>
      ) : (
        <Waiting asked={asked} />
      )}
    </>
  );
}

/** "Firefox, Linux": enough to know one's own browsers again. */
export function browserName(agent: string): string {
  const browser = [
    ["Edg/", "Edge"],
    ["OPR/", "Opera"],
    ["Firefox/", "Firefox"],
    ["Chrome/", "Chrome"],
    ["Safari/", "Safari"],
  ].find(([mark]) => agent.includes(mark as string))?.[1];
  const system = [
    ["Android", "Android"],
    ["iPhone", "iPhone"],
    ["iPad", "iPad"],
    ["Windows", "Windows"],
    ["Mac OS", "macOS"],
    ["Linux", "Linux"],
  ].find(([mark]) => agent.includes(mark as string))?.[1];
  return [browser, system].filter(Boolean).join(", ") || agent;
}
