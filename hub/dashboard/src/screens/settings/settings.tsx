/** The settings: one page a concern, loaded when they are first opened. */

import { EmptyState } from "@switchboard/ui/empty-state";
import { t } from "@switchboard/ui/i18n/more";
import { IconButton } from "@switchboard/ui/icon-button";
import { ArrowLeft, Lock } from "lucide-preact";
import { Fragment } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { useDesk } from "../../context";
import { useKeys } from "../../keys/keys";
import { Part } from "../../parts/part";
import { ADMIN_PAGES, go, linkTo, type SettingsPage, settingsPages } from "../../router";
import { useAdmins } from "../admins";
import { FolderDrawer, Rail } from "../folders";
import { overlay } from "../overlay";
import { Overlays } from "../overlays";
import { Agents } from "./agents";
import { Bots } from "./bots/bots";
import { Inboxes } from "./inboxes";
import { NotificationSettings } from "./notifications";
import { Password } from "./password";
import { Profile } from "./profile";
import { RetentionSettings } from "./retention";
import { Sessions } from "./sessions";
import { TagSettings } from "./tags";
import { Teams } from "./teams";
import { Templates } from "./templates";
import { Tokens } from "./tokens";
import "./settings.css";

const PAGES = {
  inboxes: Inboxes,
  agents: Agents,
  teams: Teams,
  bots: Bots,
  tags: TagSettings,
  templates: Templates,
  retention: RetentionSettings,
  profile: Profile,
  notifications: NotificationSettings,
  sessions: Sessions,
  tokens: Tokens,
  password: Password,
} as const satisfies Record<SettingsPage, unknown>;

/** Somebody sent them the address, or they had another role once: it is said that it is there, and who opens it. */
function NotYours() {
  return (
    <EmptyState icon={Lock} title={t("settings.notYours")} body={t("settings.askWhom", { people: useAdmins() })} />
  );
}

export function Settings({ part }: { readonly part: SettingsPage | null }) {
  const open = settingsPages(useDesk().me.value.agent.role);
  const shown = part ?? open[0] ?? "sessions";
  const Page = open.includes(shown) ? PAGES[shown] : NotYours;
  const links = useRef<HTMLDivElement>(null);
  // On a phone the pages stand in a row that scrolls.
  useEffect(
    () => links.current?.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" }),
    [shown],
  );
  useKeys({
    Escape: () => go("/inbox"),
    "Mod+k": () => {
      overlay.value = { kind: "palette" };
    },
    "?": () => {
      overlay.value = { kind: "help" };
    },
    o: () => {
      overlay.value = { kind: "goTo" };
    },
    "/": () => go("/search?q="),
  });
  return (
    <div class="dk-page">
      <div class="dk-settings">
        <Rail />
        <nav class="dk-settings__nav" aria-label={t("settings.title")}>
          <div class="dk-settings__back">
            <IconButton
              icon={ArrowLeft}
              mirrored
              label={t("settings.close")}
              keys="Escape"
              tooltip="bottom"
              onClick={() => go("/inbox")}
            />
            <h1>{t("settings.title")}</h1>
          </div>
          <div class="dk-settings__links" ref={links}>
            {([true, false] as const).map((ofTeam) => {
              const pages = open.filter((one) => ADMIN_PAGES.has(one) === ofTeam);
              return (
                pages.length > 0 && (
                  <Fragment key={String(ofTeam)}>
                    <h2 class="dk-settings__group">{t(ofTeam ? "settings.ofTeam" : "settings.ofPerson")}</h2>
                    {pages.map((one) => (
                      <a
                        key={one}
                        class="dk-folder"
                        {...linkTo(`/settings/${one}`)}
                        aria-current={one === shown ? "page" : undefined}
                      >
                        {t(`settings.${one}`)}
                      </a>
                    ))}
                  </Fragment>
                )
              );
            })}
          </div>
        </nav>
        <main class="dk-settings__page">
          <div class="dk-settings__column">
            <Part key={shown}>
              <Page />
            </Part>
          </div>
        </main>
      </div>
      <FolderDrawer />
      <Overlays />
    </div>
  );
}
