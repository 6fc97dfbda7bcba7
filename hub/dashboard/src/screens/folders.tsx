/** The first columns: the rail with the places of the page, and the folders with their live counts. */
import { signal, useComputed } from "@preact/signals";
import type { Folder } from "@switchboard/protocol";
import { Avatar, CHANNEL_ICONS } from "@switchboard/ui/avatar";
import { number } from "@switchboard/ui/i18n";
import { t } from "@switchboard/ui/i18n/desk";
import { Icon } from "@switchboard/ui/icon";
import { IconButton } from "@switchboard/ui/icon-button";
import { presenceWord } from "@switchboard/ui/presence";
import { Tooltip } from "@switchboard/ui/tooltip";
import {
  Activity,
  AlarmClock,
  Archive,
  Bell as BellIcon,
  BookUser,
  CircleCheck,
  CircleDashed,
  CircleHelp,
  Inbox,
  type LucideIcon,
  Mail,
  MessagesSquare,
  PanelLeftClose,
  Search,
  Send,
  Settings,
  ShieldAlert,
  Trash2,
  UserRound,
  Users,
  X,
} from "lucide-preact";
import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";
import { useDesk } from "../context";
import { Drawer } from "../parts/drawer";
import { Mark } from "../parts/mark";
import { folders } from "../preferences";
import { linkTo, listPath, route } from "../router";
import { byChannel, FOLDERS } from "../state/counts";
import { CHANNELS } from "../state/filters";
import { presenceOf } from "../state/now";
import { ViewList } from "./narrowing";
import { Bell, Count } from "./notices/bell";
import { overlay } from "./overlay";
import "./folders.css";

/** On narrow windows the folders come over the list. */
export const folderDrawer = signal(false);

const ICONS: Readonly<Record<Folder, LucideIcon>> = {
  inbox: Inbox,
  unread: Mail,
  mine: UserRound,
  unassigned: CircleDashed,
  snoozed: AlarmClock,
  sent: Send,
  closed: CircleCheck,
  archived: Archive,
  spam: ShieldAlert,
  trash: Trash2,
};

/** Folders in which a number asks for work; the others show theirs on hover. */
const LOUD: ReadonlySet<Folder> = new Set(["inbox", "unread", "mine", "unassigned", "snoozed"]);

export function Rail() {
  const desk = useDesk();
  const me = desk.me.value.agent;
  const { page } = route.value;
  const here = presenceOf(desk.now.value, me.id);
  return (
    <nav class="dk-rail" aria-label={t("nav.label")}>
      <span class="dk-rail__mark">
        <Mark size={26} />
      </span>
      <Place path="/inbox" icon={MessagesSquare} label={t("nav.conversations")} current={page === "conversations"} />
      <Place path="/search?q=" icon={Search} label={t("nav.search")} keys="/" current={page === "search"} />
      <Place path="/contacts" icon={BookUser} label={t("nav.customers")} current={page === "customers"} />
      <Place path="/pulse" icon={Activity} label={t("nav.pulse")} current={page === "pulse"} />
      <span class="dk-rail__gap" />
      <Bell />
      <IconButton
        icon={CircleHelp}
        iconSize={20}
        label={t("key.help")}
        keys="?"
        tooltip="bottom"
        onClick={() => (overlay.value = { kind: "help" })}
      />
      <Place path="/settings" icon={Settings} label={t("nav.settings")} current={page === "settings"} />
      <button
        type="button"
        class="dk-rail__me"
        aria-haspopup="dialog"
        onClick={() => (overlay.value = { kind: "account" })}
      >
        <Avatar id={me.id} name={me.name} size={28} presence={here} />
        <span class="sb-unseen">
          {[`${t("account.menu")}: ${me.name}`, ...(here === undefined ? [] : [presenceWord(here)])].join(", ")}
        </span>
      </button>
    </nav>
  );
}

function Place({
  path,
  icon,
  label,
  keys,
  current,
}: {
  readonly path: string;
  readonly icon: LucideIcon;
  readonly label: string;
  readonly keys?: string;
  readonly current: boolean;
}) {
  return (
    <Tooltip text={label} side="bottom" {...(keys === undefined ? {} : { keys })}>
      <a
        class="dk-rail__place"
        {...linkTo(path)}
        href={path}
        aria-label={label}
        aria-current={current ? "page" : undefined}
      >
        <Icon of={icon} size={20} />
      </a>
    </Tooltip>
  );
}

export function Folders() {
  if (folders.value === "folded") return null;
  return (
    <div class="dk-folders">
      <FolderList />
    </div>
  );
}

/** The same over the list, on narrow windows. */
export function FolderDrawer() {
  const unread = useDesk().notices.unread.value;
  const path = useComputed(() => JSON.stringify(route.value)).value;
  useEffect(() => {
    folderDrawer.value = false;
  }, [path]);
  if (!folderDrawer.value) return null;
  const close = (): void => {
    folderDrawer.value = false;
  };
  return (
    <Drawer label={t("folders.title")} side="start" close={close}>
      <div class="dk-drawer__head">
        <Mark size={26} />
        <IconButton icon={X} label={t("action.close")} tooltip="none" onClick={close} />
      </div>
      <FolderList />
      <div class="dk-drawer__foot">
        <button
          type="button"
          class="dk-folder"
          onClick={() => {
            close();
            overlay.value = { kind: "notices" };
          }}
        >
          <Icon of={BellIcon} />
          <span class="dk-cut">{t("notices.title")}</span>
          <Count of={unread} />
        </button>
        <Entry path="/contacts" icon={BookUser} label={t("nav.customers")} />
        <Entry path="/pulse" icon={Activity} label={t("nav.pulse")} />
        <Entry path="/settings" icon={Settings} label={t("nav.settings")} />
        <button
          type="button"
          class="dk-folder"
          onClick={() => {
            close();
            overlay.value = { kind: "account" };
          }}
        >
          <Icon of={UserRound} />
          <span class="dk-cut">{t("account.menu")}</span>
        </button>
      </div>
    </Drawer>
  );
}

function FolderList() {
  const desk = useDesk();
  const { inboxes, teams } = desk.house.value;
  const { folders: byFolder, inboxes: byInbox, teams: byTeam } = desk.counts.value;
  const channels = byChannel(inboxes.values(), byInbox);
  return (
    <nav class="dk-folders__list" aria-label={t("folders.title")}>
      <Group
        title={t("folders.title")}
        end={
          <IconButton
            class="dk-only-wide"
            icon={PanelLeftClose}
            mirrored
            size="small"
            label={t("folders.hide")}
            tooltip="bottom"
            onClick={() => (folders.value = "folded")}
          />
        }
      >
        {FOLDERS.map((folder) => (
          <Entry
            key={folder}
            path={`/${folder}`}
            icon={ICONS[folder]}
            label={t(`folder.${folder}`)}
            count={byFolder.get(folder)}
            loud={LOUD.has(folder)}
            strong={folder === "unread"}
          />
        ))}
      </Group>
      {(desk.views.list.value ?? []).length > 0 && <ViewList />}
      {/* Of one channel alone all is in the folders above. */}
      {channels.size > 1 && (
        <Group title={t("folders.channels")}>
          {CHANNELS.filter((one) => channels.has(one)).map((one) => (
            <Entry
              key={one}
              path={listPath({ folder: "inbox", sort: "activity", channel: one })}
              icon={CHANNEL_ICONS[one]}
              label={t(`channel.${one}`)}
              count={channels.get(one)}
              loud
            />
          ))}
        </Group>
      )}
      {inboxes.size > 0 && (
        <Group title={t("folders.inboxes")}>
          {[...inboxes.values()].map((inbox) => (
            <Entry
              key={inbox.id}
              path={listPath({ folder: "inbox", sort: "activity", inbox: inbox.id })}
              icon={CHANNEL_ICONS[inbox.channel]}
              label={inbox.name}
              count={byInbox.get(inbox.id)}
              loud
            />
          ))}
        </Group>
      )}
      {teams.size > 0 && (
        <Group title={t("folders.teams")}>
          {[...teams.values()].map((team) => (
            <Entry
              key={team.id}
              path={listPath({ folder: "inbox", sort: "activity", team: team.id })}
              icon={Users}
              label={team.name}
              count={byTeam.get(team.id)}
              loud
            />
          ))}
        </Group>
      )}
      <TeamHere />
    </nav>
  );
}

export function Group({
  title,
  end,
  children,
}: {
  readonly title: string;
  readonly end?: ComponentChildren;
  readonly children: ComponentChildren;
}) {
  return (
    <section class="dk-folders__group">
      <div class="dk-folders__title">
        <h2>{title}</h2>
        {end}
      </div>
      {children}
    </section>
  );
}

function Entry({
  path,
  icon,
  label,
  count,
  loud = false,
  strong = false,
}: {
  readonly path: string;
  readonly icon: LucideIcon;
  readonly label: string;
  readonly count?: number | undefined;
  readonly loud?: boolean;
  readonly strong?: boolean;
}) {
  const where = route.value;
  const current = where.page === "conversations" && listPath({ ...where.query, sort: "activity" }) === path;
  return (
    <a
      class="dk-folder"
      {...linkTo(path)}
      aria-current={current ? "page" : undefined}
      data-loud={loud || undefined}
      data-strong={(strong && (count ?? 0) > 0) || undefined}
    >
      <Icon of={icon} />
      <span class="dk-cut">{label}</span>
      {count !== undefined && count > 0 && (
        <span class="dk-folder__count sb-figures" title={t("folders.count", { n: count })}>
          {number(count)}
        </span>
      )}
    </a>
  );
}

/** Who of the team is here, as presence says. */
function TeamHere() {
  const desk = useDesk();
  const now = desk.now.value;
  // Where nobody knows, they keep the order in which they last stood.
  const { team } = now;
  const people = [...desk.house.value.agents.values()].filter(
    (one) => !one.disabled && one.id !== desk.me.value.agent.id,
  );
  const sorted = people.sort(
    (a, b) => Number(!team.has(a.id)) - Number(!team.has(b.id)) || a.name.localeCompare(b.name),
  );
  if (sorted.length === 0) return null;
  return (
    <Group title={t("folders.team")}>
      <ul class="dk-team">
        {sorted.map((one) => {
          const here = presenceOf(now, one.id);
          return (
            <li key={one.id} class="dk-team__one" data-gone={!here || undefined}>
              <Avatar id={one.id} name={one.name} size={20} presence={here} />
              <span class="dk-cut">{one.name}</span>
              {here !== undefined && <span class="sb-unseen">{presenceWord(here)}</span>}
            </li>
          );
        })}
      </ul>
    </Group>
  );
}
