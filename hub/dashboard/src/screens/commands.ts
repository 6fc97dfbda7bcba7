/** Everything that can be done from where one is, for the palette; keys are the same things without the palette. */
import type { BotId, ConversationId } from "@switchboard/protocol";
import { CHANNEL_ICONS } from "@switchboard/ui/avatar";
import { LANGUAGE_NAMES, LANGUAGES } from "@switchboard/ui/i18n";
import { t } from "@switchboard/ui/i18n/more";
import { zone } from "@switchboard/ui/ticker";
import {
  Activity,
  AlarmClock,
  Archive,
  Bell,
  Bookmark,
  BookUser,
  Bot,
  BotOff,
  CheckCheck,
  CircleCheck,
  CircleHelp,
  Flag,
  FolderOpen,
  Globe,
  Inbox,
  Languages,
  LogOut,
  type LucideIcon,
  MailCheck,
  MailOpen,
  Merge,
  Moon,
  PanelRight,
  Play,
  Printer,
  Quote,
  Reply,
  RotateCcw,
  Search,
  Settings,
  ShieldAlert,
  SignalHigh,
  Split,
  SquarePen,
  StickyNote,
  Sun,
  Tag,
  Trash2,
  Undo2,
  UserRoundCheck,
  UserRoundPlus,
  Users,
  X,
} from "lucide-preact";
import type { Desk } from "../desk/desk";
import { chooseLanguage, panelOpen, showPanel, theme } from "../preferences";
import { customerPath, go, listPath, openId, route, settingsPages } from "../router";
import { signOut } from "../session";
import { blockChoices, thoseBlocked } from "../state/bots";
import { FOLDERS } from "../state/counts";
import { CHANNELS } from "../state/filters";
import { botName } from "../words";
import { assignMe, closeOrReopen, markUnread, move, openToPrint, quietly, undoLast } from "./actions";
import { blockBots, freeBots, freedByKey, runBot } from "./bots/actions";
import { botsNow } from "./bots/here";
import { askToDelete, mayDelete } from "./deleting";
import { focusReply } from "./focus";
import {
  allClosed,
  assignMany,
  closeMany,
  flagMany,
  moveMany,
  pickForMany,
  readAll,
  readMany,
  selecting,
} from "./many";
import { mergeWith, separate } from "./merging";
import { overlay } from "./overlay";
import { answerLast } from "./quoted";

export interface Command {
  readonly id: string;
  readonly label: string;
  readonly icon: LucideIcon;
  readonly group: string;
  readonly keys?: string;
  /** Words by which it is found too. */
  readonly also?: string;
  run(): void;
}

export function commands(desk: Desk): readonly Command[] {
  if (selecting(desk)) return [...ofSelection(desk), ...places(desk), ...ofPage(desk)];
  return [
    ...ofConversation(desk),
    ...ofReading(),
    ...ofBots(desk),
    ...ofPerson(desk),
    ...places(desk),
    ...ofPage(desk),
  ];
}

function ofConversation(desk: Desk): readonly Command[] {
  const id = openId();
  const row = id === null ? undefined : desk.rowNow(id);
  if (id === null || !row || desk.me.value.agent.role === "read_only") return [];
  const group = t("palette.here");
  const show = (kind: "assign" | "team" | "tags" | "priority" | "snooze" | "source" | "mergeCase") => () => {
    overlay.value = { kind, id };
  };
  const closed = row.status === "closed";
  return [
    { id: "reply", label: t("key.reply"), icon: Reply, keys: "R", group, run: () => focusReply(id, "reply") },
    {
      id: "note",
      label: t("key.note"),
      icon: StickyNote,
      keys: "N",
      group,
      run: () => focusReply(id, "note"),
    },
    {
      id: "answer last",
      label: t("key.answerLast"),
      icon: Quote,
      keys: "Q",
      group,
      run: () => answerLast(desk, row),
    },
    {
      id: "close",
      label: t(closed ? "conversation.reopen" : "conversation.close"),
      icon: closed ? RotateCcw : CircleCheck,
      keys: "E",
      group,
      run: () => closeOrReopen(desk, row),
    },
    { id: "assign", label: t("assign.to"), icon: UserRoundPlus, keys: "A", group, run: show("assign") },
    { id: "me", label: t("key.takeIt"), icon: UserRoundCheck, keys: "M", group, run: () => assignMe(desk, row) },
    { id: "team", label: t("key.team"), icon: Users, keys: "G", group, run: show("team") },
    { id: "snooze", label: t("key.snooze"), icon: AlarmClock, keys: "H", group, run: show("snooze") },
    { id: "tags", label: t("key.tags"), icon: Tag, keys: "T", group, run: show("tags") },
    { id: "priority", label: t("key.priority"), icon: SignalHigh, keys: "L", group, run: show("priority") },
    {
      id: "flag",
      label: t("key.flag"),
      icon: Flag,
      keys: "F",
      group,
      run: () => void quietly(desk, id, { flagged: !row.flagged }),
    },
    { id: "unread", label: t("key.unread"), icon: MailOpen, keys: "U", group, run: () => void markUnread(desk, id) },
    { id: "source", label: t("source.show"), icon: Globe, group, run: show("source") },
    ...(row.merged_into
      ? []
      : [{ id: "merge case", label: t("moving.mergeInto"), icon: Merge, group, run: show("mergeCase") }]),
    ...PLACES.filter(({ place }) => place !== row.place).map(({ place, label, icon, keys }) => ({
      id: `move ${place}`,
      label: t(label),
      icon,
      keys,
      group,
      run: () => move(desk, id, place),
    })),
    ...(mayDelete(desk) && (row.place === "trash" || row.place === "spam")
      ? [{ id: "forever", label: t("forever.delete"), icon: Trash2, group, run: () => askToDelete([id]) }]
      : []),
  ];
}

/** Where conversations are moved to: it is not offered where they lie. */
const PLACES = [
  { place: "inbox", label: "key.restore", icon: Inbox, keys: "I" },
  { place: "archived", label: "key.archive", icon: Archive, keys: "Y" },
  { place: "spam", label: "key.spam", icon: ShieldAlert, keys: "!" },
  { place: "trash", label: "key.trash", icon: Trash2, keys: "Delete" },
] as const;

/** All that is selected. */
function ofSelection(desk: Desk): readonly Command[] {
  const { ids } = desk.selection.view.value;
  const group = t("many.selected", { n: ids.size });
  const closed = allClosed(desk);
  const { folder } = desk.lists.view.value.query;
  const elsewhere = folder === "archived" || folder === "spam" || folder === "trash";
  return [
    {
      id: "many close",
      label: t(closed ? "conversation.reopen" : "conversation.close"),
      icon: closed ? RotateCcw : CircleCheck,
      keys: "E",
      group,
      run: () => closeMany(desk),
    },
    {
      id: "many assign",
      label: t("assign.to"),
      icon: UserRoundPlus,
      keys: "A",
      group,
      run: () => pickForMany("assign"),
    },
    {
      id: "many me",
      label: t("key.takeIt"),
      icon: UserRoundCheck,
      keys: "M",
      group,
      run: () => assignMany(desk, desk.me.value.agent.id),
    },
    { id: "many team", label: t("key.team"), icon: Users, keys: "G", group, run: () => pickForMany("team") },
    { id: "many snooze", label: t("key.snooze"), icon: AlarmClock, keys: "H", group, run: () => pickForMany("snooze") },
    { id: "many tags", label: t("key.tags"), icon: Tag, keys: "T", group, run: () => pickForMany("tags") },
    {
      id: "many priority",
      label: t("key.priority"),
      icon: SignalHigh,
      keys: "L",
      group,
      run: () => pickForMany("priority"),
    },
    { id: "many flag", label: t("key.flag"), icon: Flag, keys: "F", group, run: () => flagMany(desk) },
    { id: "many read", label: t("many.markRead"), icon: MailCheck, group, run: () => readMany(desk, true) },
    { id: "many unread", label: t("key.unread"), icon: MailOpen, keys: "U", group, run: () => readMany(desk, false) },
    ...PLACES.filter(({ place }) => (place === "inbox" ? elsewhere : place !== folder)).map(
      ({ place, label, icon, keys }) => ({
        id: `many ${place}`,
        label: t(label),
        icon,
        keys,
        group,
        run: () => moveMany(desk, place),
      }),
    ),
    ...(mayDelete(desk) && (folder === "trash" || folder === "spam")
      ? [{ id: "many forever", label: t("forever.delete"), icon: Trash2, group, run: () => askToDelete([...ids]) }]
      : []),
    { id: "many all", label: t("many.all"), icon: CheckCheck, group, run: () => desk.selection.all() },
    { id: "many none", label: t("many.clear"), icon: X, keys: "Escape", group, run: () => desk.selection.clear() },
  ];
}

/** What also those do who may only read. */
function ofReading(): readonly Command[] {
  const id = openId();
  if (id === null) return [];
  const group = t("palette.here");
  return [{ id: "print", label: t("print.open"), icon: Printer, group, run: () => openToPrint(id) }];
}

/** The bots of what is open. */
function ofBots(desk: Desk): readonly Command[] {
  const id = openId();
  if (id === null || desk.me.value.agent.role === "read_only") return [];
  const group = t("bots.here");
  const bots = botsNow(desk, id);
  const [free, blocked] = [false, true].map((one) => thoseBlocked(bots, one, desk.clock())) as [string[], string[]];
  // Out for a time or for what came of itself: a person may say that it stays so.
  const passing = bots.filter(({ blocked: one }) => one !== null && (one.why !== "agent" || one.until !== null));
  return [
    ...(free.length === 0
      ? []
      : [
          {
            id: "block bots",
            label: t("bots.allBlock"),
            icon: BotOff,
            keys: "B",
            group,
            run: () => blockBots(desk, id, free, null),
          },
        ]),
    ...(blocked.length === 0
      ? []
      : [
          {
            id: "free bots",
            label: t("bots.allFree"),
            icon: Bot,
            ...(free.length === 0 && freedByKey(desk, id).length === blocked.length ? { keys: "B" } : {}),
            group,
            run: () => freeBots(desk, id, blocked),
          },
        ]),
    ...(passing.length === 0
      ? []
      : [
          {
            id: "keep bots",
            label: t("bots.allKeep"),
            icon: BotOff,
            group,
            run: () =>
              blockBots(
                desk,
                id,
                bots.map((one) => one.bot_id),
                null,
              ),
          },
        ]),
    ...bots.map(({ bot_id: bot }) => ({
      id: `run ${bot}`,
      label: t("bots.runNamed", { bot: botName(desk.house.value, bot) }),
      icon: Play,
      also: group,
      group,
      run: () => void runBot(desk, id, bot),
    })),
    ...bots.flatMap(({ bot_id: bot }) => ofBot(desk, id, bot, blocked.includes(bot))),
  ];
}

/** One of them alone: let answer, or blocked for a time. */
function ofBot(desk: Desk, id: ConversationId, bot: BotId, blocked: boolean): readonly Command[] {
  const name = botName(desk.house.value, bot);
  const group = t("bots.here");
  return [
    ...(blocked
      ? [
          {
            id: `free ${bot}`,
            label: t("bots.freeNamed", { bot: name }),
            icon: Bot,
            also: group,
            group,
            run: () => freeBots(desk, id, [bot]),
          },
        ]
      : []),
    ...blockChoices(desk.clock(), zone.value).map((choice) => ({
      id: `block ${bot} ${choice.id}`,
      label: `${t("bots.blockNamed", { bot: name })} · ${t(`bots.blockFor.${choice.id}`)}`,
      icon: BotOff,
      also: group,
      group,
      run: () => blockBots(desk, id, [bot], choice.until),
    })),
  ];
}

/** Whose conversation it is, with others. */
function ofPerson(desk: Desk): readonly Command[] {
  const id = openId();
  const row = id === null ? undefined : desk.rowNow(id);
  const contact = row && desk.core.state.contacts.get(row.contact.id)?.thing;
  if (id === null || !contact) return [];
  const group = t("panel.title");
  const profile: Command = {
    id: "profile",
    label: t("panel.profile"),
    icon: BookUser,
    group,
    run: () => go(customerPath(contact.id)),
  };
  if (desk.me.value.agent.role === "read_only") return [profile];
  const { of, suggestions } = desk.people.view.value;
  return [
    profile,
    ...(of === contact.id ? suggestions : []).map(({ contact: other }) => ({
      id: `merge ${other.id}`,
      label: t("person.mergeWithName", { who: other.name ?? other.email ?? other.phone ?? t("person.unnamedOne") }),
      icon: Merge,
      group,
      run: () => void mergeWith(desk, contact, other),
    })),
    {
      id: "merge",
      label: t("person.mergeWith"),
      icon: Merge,
      group,
      run: () => {
        overlay.value = { kind: "merge", contact: contact.id };
      },
    },
    ...(contact.merged ?? []).map((part) => ({
      id: `separate ${part.id}`,
      label: t("person.separateFrom", { who: part.name ?? part.email ?? part.phone ?? t("person.unnamedOne") }),
      icon: Split,
      group,
      run: () => void separate(desk, contact.id, part.id),
    })),
  ];
}

/** Where one may go. */
export function places(desk: Desk): readonly Command[] {
  const group = t("palette.go");
  const channels = new Set([...desk.house.value.inboxes.values()].map((one) => one.channel));
  return [
    { id: "search", label: t("search.all"), icon: Search, keys: "/", group, run: () => go("/search?q=") },
    { id: "go customers", label: t("nav.customers"), icon: BookUser, group, run: () => go("/contacts") },
    { id: "go pulse", label: t("nav.pulse"), icon: Activity, group, run: () => go("/pulse") },
    ...FOLDERS.map((folder) => ({
      id: `go ${folder}`,
      label: t(`folder.${folder}`),
      icon: FolderOpen,
      group,
      run: () => go(`/${folder}`),
    })),
    ...(desk.views.list.value ?? []).map((view) => ({
      id: `go view ${view.id}`,
      label: view.name,
      icon: Bookmark,
      also: t("view.title"),
      group,
      run: () => go(listPath(view.query)),
    })),
    ...CHANNELS.filter((one) => channels.has(one)).map((one) => ({
      id: `go ${one}`,
      label: t(`channel.${one}`),
      icon: CHANNEL_ICONS[one],
      group,
      run: () => go(listPath({ folder: "inbox", sort: "activity", channel: one })),
    })),
    ...[...desk.house.value.inboxes.values()].map((one) => ({
      id: `go ${one.id}`,
      label: one.name,
      icon: Globe,
      group,
      run: () => go(listPath({ folder: "inbox", sort: "activity", inbox: one.id })),
    })),
    ...settingsPages(desk.me.value.agent.role).map((page) => ({
      id: `go ${page}`,
      label: t("palette.settings", { page: t(`settings.${page}`) }),
      icon: Settings,
      group,
      run: () => go(`/settings/${page}`),
    })),
  ];
}

/** The folder that is shown, if it can be emptied. */
function emptying(desk: Desk): readonly ("trash" | "spam")[] {
  const { query, ids } = desk.lists.view.value;
  const { folder } = query;
  const shown = route.value.page === "conversations" && ids.length > 0 && mayDelete(desk);
  return shown && (folder === "trash" || folder === "spam") ? [folder] : [];
}

/** The list that is shown. */
function ofList(desk: Desk): readonly Command[] {
  const where = route.value;
  if (where.page !== "conversations") return [];
  const group = t("palette.page");
  const { query } = where;
  return [
    { id: "read all", label: t("list.readAll"), icon: CheckCheck, group, run: () => void readAll(desk) },
    {
      id: "keep view",
      label: t("view.save"),
      icon: Bookmark,
      group,
      run: () => {
        overlay.value = { kind: "view", query, id: null };
      },
    },
  ];
}

function ofPage(desk: Desk): readonly Command[] {
  const group = t("palette.page");
  return [
    ...ofList(desk),
    ...(desk.me.value.agent.role === "read_only"
      ? []
      : [
          {
            id: "start",
            label: t("start.title"),
            icon: SquarePen,
            keys: "C",
            group,
            run: () => {
              overlay.value = { kind: "start" };
            },
          },
        ]),
    {
      id: "go to",
      label: t("key.goTo"),
      icon: FolderOpen,
      keys: "O",
      group,
      run: () => {
        overlay.value = { kind: "goTo" };
      },
    },
    {
      id: "notices",
      label: t("notices.title"),
      icon: Bell,
      group,
      run: () => {
        overlay.value = { kind: "notices" };
      },
    },
    ...emptying(desk).map((folder) => ({
      id: `empty ${folder}`,
      label: t(folder === "trash" ? "forever.emptyTrash" : "forever.emptySpam"),
      icon: Trash2,
      group,
      run: () => askToDelete(folder),
    })),
    { id: "undo", label: t("key.undo"), icon: Undo2, keys: "Z", group, run: () => undoLast(desk) },
    {
      id: "panel",
      label: t("key.panel"),
      icon: PanelRight,
      keys: "P",
      group,
      run: () => {
        showPanel(!panelOpen.value);
      },
    },
    {
      id: "help",
      label: t("key.help"),
      icon: CircleHelp,
      keys: "?",
      group,
      run: () => {
        overlay.value = { kind: "help" };
      },
    },
    {
      id: "dark",
      label: t("palette.theme", { theme: t("account.theme.dark") }),
      icon: Moon,
      group,
      run: () => {
        theme.value = "dark";
      },
    },
    {
      id: "light",
      label: t("palette.theme", { theme: t("account.theme.light") }),
      icon: Sun,
      group,
      run: () => {
        theme.value = "light";
      },
    },
    ...LANGUAGES.map((one) => ({
      id: `speak ${one}`,
      label: LANGUAGE_NAMES[one],
      icon: Languages,
      group,
      run: () => void chooseLanguage(one),
    })),
    { id: "out", label: t("account.signOut"), icon: LogOut, group, run: () => void signOut() },
  ];
}
