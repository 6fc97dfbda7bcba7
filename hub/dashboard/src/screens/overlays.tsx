/** What comes over the page on a key: the palette, the pickers, the person's own menu, the keys. One at a time. */
import { signal } from "@preact/signals";
import type { AgentId, ConversationId, ConversationRow, InboxId, Priority } from "@switchboard/protocol";
import { Avatar } from "@switchboard/ui/avatar";
import { Button } from "@switchboard/ui/button";
import { Dialog } from "@switchboard/ui/dialog";
import { LANGUAGE_NAMES, LANGUAGES } from "@switchboard/ui/i18n";
import { type DeskWords, t } from "@switchboard/ui/i18n/desk";
import { Kbd } from "@switchboard/ui/kbd";
import { Presence, presenceWord } from "@switchboard/ui/presence";
import { locale } from "@switchboard/ui/ticker";
import { exact } from "@switchboard/ui/time";
import { Keyboard, Languages, LogOut, Monitor, Moon, Rows3, Sun, Tag, UserRound, Users } from "lucide-preact";
import { useEffect, useMemo, useState } from "preact/hooks";
import { useDesk } from "../context";
import { Picker, type PickerItem } from "../parts/picker";
import { chooseLanguage, chosenLanguage, density, letterKeys, theme } from "../preferences";
import { signOut } from "../session";
import { assign, giveToTeam, quietly } from "./actions";
import { type Command, commands } from "./commands";
import { Snooze } from "./snooze";
import "./overlays.css";

export type Overlay =
  | { readonly kind: "palette" | "account" | "help" }
  | { readonly kind: "assign" | "team" | "tags" | "priority" | "snooze" | "source"; readonly id: ConversationId };

export const overlay = signal<Overlay | null>(null);

const close = (): void => {
  overlay.value = null;
};

export function Overlays() {
  const { value: open } = overlay;
  // Nothing of it is there for the next one who signs in.
  useEffect(() => close, []);
  if (!open) return null;
  switch (open.kind) {
    case "palette":
      return <Palette />;
    case "account":
      return <Account />;
    case "help":
      return <Help />;
    default:
      return <OfConversation kind={open.kind} id={open.id} />;
  }
}

function OfConversation({
  kind,
  id,
}: {
  readonly kind: "assign" | "team" | "tags" | "priority" | "snooze" | "source";
  readonly id: ConversationId;
}) {
  const row = useDesk().row(id).value;
  if (!row) return null;
  switch (kind) {
    case "assign":
      return <Assign row={row} />;
    case "team":
      return <Team row={row} />;
    case "tags":
      return <Tags row={row} />;
    case "priority":
      return <PriorityPicker row={row} />;
    case "snooze":
      return <Snooze row={row} close={close} />;
    case "source":
      return <Source row={row} />;
  }
}

function Palette() {
  const desk = useDesk();
  const all = useMemo(() => commands(desk), []);
  const items: PickerItem[] = all.map(({ id, label, icon, keys, group }) => ({
    id,
    label,
    icon,
    group,
    ...(keys === undefined ? {} : { keys }),
  }));
  // The overlay that a command opens comes after this one has gone.
  return (
    <Picker
      label={t("palette.title")}
      placeholder={t("palette.placeholder")}
      items={items}
      close={close}
      choose={(id) => all.find((one: Command) => one.id === id)?.run()}
    />
  );
}

function Assign({ row }: { readonly row: ConversationRow }) {
  const desk = useDesk();
  const me = desk.me.value.agent.id;
  const { team } = desk.now.value;
  const may = useWhoSees(row.inbox_id);
  const cannot = (one: AgentId): boolean => may !== null && !may.has(one);
  const people = [...desk.house.value.agents.values()].filter((one) => !one.disabled);
  people.sort(
    (a, b) =>
      Number(cannot(a.id)) - Number(cannot(b.id)) ||
      Number(b.id === me) - Number(a.id === me) ||
      Number(!team.has(a.id)) - Number(!team.has(b.id)) ||
      a.name.localeCompare(b.name),
  );
  const items: PickerItem[] = [
    ...people.map((one) => ({
      id: one.id,
      label: one.name,
      face: <Avatar id={one.id} name={one.name} size={24} presence={team.get(one.id) ?? null} />,
      checked: row.assignees.includes(one.id),
      disabled: cannot(one.id) && !row.assignees.includes(one.id),
      hint: cannot(one.id)
        ? t("assign.cannotSee")
        : one.id === me
          ? t("author.you")
          : presenceWord(team.get(one.id) ?? null),
    })),
    { id: "", label: t("assign.nobody"), icon: UserRound, checked: row.assignees.length === 0 },
  ];
  const choose = (id: string): void => {
    if (id === "") assign(desk, row, []);
    else
      assign(
        desk,
        row,
        row.assignees.includes(id) ? row.assignees.filter((one) => one !== id) : [...row.assignees, id],
      );
    if (id === "" || row.assignees.length === 0) close();
  };
  return (
    <Picker
      label={t("assign.to")}
      placeholder={t("picker.several")}
      items={items}
      several
      close={close}
      choose={choose}
    />
  );
}

/** Who may be given a conversation of this inbox; null until it is known. */
function useWhoSees(inbox: InboxId): ReadonlySet<AgentId> | null {
  const { api } = useDesk();
  const [known, setKnown] = useState<ReadonlySet<AgentId> | null>(null);
  useEffect(() => {
    let current = true;
    api("GET /api/inboxes/{id}/agents", { id: inbox }).then(
      ({ agents }) => current && setKnown(new Set(agents)),
      // Then the hub says so when it is tried.
      () => undefined,
    );
    return () => {
      current = false;
    };
  }, [inbox]);
  return known;
}

function Team({ row }: { readonly row: ConversationRow }) {
  const desk = useDesk();
  const items: PickerItem[] = [
    ...[...desk.house.value.teams.values()].map((one) => ({
      id: one.id,
      label: one.name,
      icon: Users,
      checked: row.team_id === one.id,
    })),
    { id: "", label: t("assign.nobody"), icon: UserRound, checked: row.team_id === null },
  ];
  return (
    <Picker
      label={t("key.team")}
      items={items}
      close={close}
      choose={(id) => giveToTeam(desk, row, id === "" ? null : id)}
    />
  );
}

function Tags({ row }: { readonly row: ConversationRow }) {
  const desk = useDesk();
  const known = new Set([...desk.core.state.conversations.values()].flatMap(({ thing }) => thing.tags));
  const items = [...new Set([...row.tags, ...[...known].sort()])].map((tag) => ({
    id: tag,
    label: tag,
    icon: Tag,
    checked: row.tags.includes(tag),
  }));
  const choose = (tag: string): void =>
    void quietly(desk, row.id, {
      tags: row.tags.includes(tag) ? row.tags.filter((one) => one !== tag) : [...row.tags, tag],
    });
  const make = (text: string): PickerItem | null =>
    known.has(text) ? null : { id: text, label: text, hint: t("panel.addTag"), icon: Tag };
  return (
    <Picker
      label={t("key.tags")}
      placeholder={t("panel.addTag")}
      items={items}
      several
      close={close}
      choose={choose}
      make={make}
    />
  );
}

const PRIORITIES: readonly Priority[] = ["urgent", "high", "medium", "low", "none"];

function PriorityPicker({ row }: { readonly row: ConversationRow }) {
  const desk = useDesk();
  const items = PRIORITIES.map((id) => ({ id, label: t(`priority.${id}`), checked: row.priority === id }));
  return (
    <Picker
      label={t("key.priority")}
      items={items}
      close={close}
      choose={(id) => void quietly(desk, row.id, { priority: id as Priority })}
    />
  );
}

/** Where the conversation came from, with the exact address. */
function Source({ row }: { readonly row: ConversationRow }) {
  const { url, title, referrer, campaign = [], pages = [] } = row.source;
  return (
    <Dialog title={t("source.show")} size="medium" onClose={close}>
      <dl class="dk-source">
        {url !== undefined && (
          <>
            <dt>{t("source.page")}</dt>
            <dd>
              {title !== undefined && <div>{title}</div>}
              <Address url={url} />
            </dd>
          </>
        )}
        {referrer !== undefined && (
          <>
            <dt>{t("source.referrer")}</dt>
            <dd>
              <Address url={referrer} />
            </dd>
          </>
        )}
        {campaign.length > 0 && (
          <>
            <dt>{t("source.campaign")}</dt>
            <dd>
              {campaign.map(([name, value]) => (
                <div key={name}>
                  <code>{name}</code> {value}
                </div>
              ))}
            </dd>
          </>
        )}
        {pages.length > 0 && (
          <>
            <dt>{t("source.visited")}</dt>
            <dd>
              {pages.map((page) => (
                <div key={`${page.at}${page.url}`} title={exact(page.at, locale.value)}>
                  <Address url={page.url} />
                </div>
              ))}
            </dd>
          </>
        )}
      </dl>
    </Dialog>
  );
}

/** A page of the customer's site; what is not http is shown and not linked. */
export function Address({ url }: { readonly url: string }) {
  if (!/^https?:\/\//i.test(url)) return <span dir="ltr">{url}</span>;
  return (
    <a class="dk-address" dir="ltr" href={url} target="_blank" rel="noopener noreferrer nofollow">
      {url.replace(/^https?:\/\//, "")}
    </a>
  );
}

function Account() {
  const desk = useDesk();
  const me = desk.me.value.agent;
  const mine = desk.now.value.team.get(me.id) ?? desk.me.value.availability;
  const items: PickerItem[] = [
    ...(["online", "away", "busy"] as const).map((one) => ({
      id: `be ${one}`,
      group: t("account.availability"),
      label: t(`presence.${one}`),
      face: <Presence availability={one} named={false} />,
      checked: mine === one,
    })),
    { id: "out", group: me.email, label: t("account.signOut"), icon: LogOut },
    ...(["system", "light", "dark"] as const).map((one) => ({
      id: `theme ${one}`,
      group: t("account.theme"),
      label: t(`account.theme.${one}`),
      icon: one === "system" ? Monitor : one === "light" ? Sun : Moon,
      checked: theme.value === one,
    })),
    ...(["comfortable", "compact"] as const).map((one) => ({
      id: `density ${one}`,
      group: t("account.density"),
      label: t(`account.density.${one}`),
      icon: Rows3,
      checked: density.value === one,
    })),
    ...(["on", "off"] as const).map((one) => ({
      id: `keys ${one}`,
      group: t("account.keys"),
      label: t(`account.keys.${one}`),
      icon: Keyboard,
      checked: letterKeys.value === one,
    })),
    ...(["system", ...LANGUAGES] as const).map((one) => ({
      id: `speak ${one}`,
      group: t("account.language"),
      label: one === "system" ? t("account.language.system") : LANGUAGE_NAMES[one],
      icon: Languages,
      checked: chosenLanguage.value === one,
    })),
  ];
  const choose = (id: string): void => {
    const [what, which = ""] = id.split(" ");
    if (what === "be")
      void desk.socket.command({ do: "availability", availability: which as "online" }).catch(() => undefined);
    else if (what === "theme") theme.value = which as "system";
    else if (what === "density") density.value = which as "compact";
    else if (what === "keys") letterKeys.value = which as "on";
    else if (what === "speak") void chooseLanguage(which as "en");
    else void signOut();
  };
  return <Picker label={t("account.menu")} items={items} close={close} choose={choose} />;
}

type KeyWords = Extract<keyof DeskWords, `key.${string}`>;

const HELP: readonly {
  readonly group: "list" | "conversation" | "page";
  readonly keys: readonly (readonly [string, KeyWords])[];
}[] = [
  {
    group: "list",
    keys: [
      ["J", "key.next"],
      ["K", "key.previous"],
      ["Enter", "key.open"],
      ["Escape", "key.back"],
      [".", "key.newer"],
    ],
  },
  {
    group: "conversation",
    keys: [
      ["R", "key.reply"],
      ["N", "key.note"],
      ["E", "key.close"],
      ["A", "key.assign"],
      ["M", "key.takeIt"],
      ["G", "key.team"],
      ["H", "key.snooze"],
      ["T", "key.tags"],
      ["F", "key.flag"],
      ["U", "key.unread"],
      ["P", "key.panel"],
    ],
  },
  {
    group: "page",
    keys: [
      ["Mod+K", "key.palette"],
      ["/", "key.search"],
      ["Z", "key.undo"],
      ["?", "key.help"],
    ],
  },
];

function Help() {
  return (
    <Dialog
      title={t("help.title")}
      size="medium"
      onClose={close}
      actions={<Button onClick={close}>{t("action.close")}</Button>}
    >
      <div class="dk-help">
        {HELP.map(({ group, keys }) => (
          <section key={group}>
            <h3>{t(`help.group.${group}`)}</h3>
            <dl>
              {keys.map(([key, words]) => (
                <div key={key}>
                  <dt>{t(words)}</dt>
                  <dd>
                    <Kbd keys={key} />
                  </dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Dialog>
  );
}
