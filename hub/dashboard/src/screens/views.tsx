/** The views among the folders, each with what its owner may do to it. */
import { VIEWS, type View } from "@switchboard/protocol";
import { t } from "@switchboard/ui/i18n/more";
import { Icon } from "@switchboard/ui/icon";
import { IconButton } from "@switchboard/ui/icon-button";
import { Menu } from "@switchboard/ui/menu";
import { toast } from "@switchboard/ui/toast";
import { ArrowDown, ArrowUp, Bookmark, BookmarkCheck, Copy, Ellipsis, Pencil, Trash2, Users } from "lucide-preact";
import { useDesk } from "../context";
import type { Desk } from "../desk/desk";
import { moved } from "../desk/views";
import { apiError } from "../net/errors";
import { go, linkTo, listPath, route } from "../router";
import type { ListQuery } from "../state/lists";
import { sayRefused } from "./actions";
import { Group } from "./folders";
import { overlay } from "./overlay";
import "./views.css";

export function ViewList() {
  const views = useDesk().views.list.value ?? [];
  if (views.length === 0) return null;
  return (
    <Group title={t("view.title")}>
      {views.map((view) => (
        <ViewEntry key={view.id} view={view} />
      ))}
    </Group>
  );
}

function ViewEntry({ view }: { readonly view: View }) {
  const where = route.value;
  const path = listPath(view.query);
  const current = where.page === "conversations" && listPath(where.query) === path;
  return (
    <div class="dk-view">
      <a class="dk-folder" {...linkTo(path)} aria-current={current ? "page" : undefined}>
        <Icon of={view.shared ? Users : Bookmark} />
        <span class="dk-cut">{view.name}</span>
        {view.shared && <span class="sb-unseen">{t("view.isShared")}</span>}
      </a>
      <ViewMenu view={view} here={where.page === "conversations" && !current ? where.query : null} />
    </div>
  );
}

function ViewMenu({ view, here }: { readonly view: View; readonly here: ListQuery | null }) {
  const desk = useDesk();
  const { id, name, query, shared } = view;
  const all = desk.views.list.value ?? [];
  const quietly = (work: Promise<unknown>): void => void work.catch((cause) => sayRefused(apiError(cause)));
  const room = all.filter((one) => !one.shared).length < VIEWS;
  const mine = [
    { label: t("view.change"), icon: Pencil, onChoose: () => (overlay.value = { kind: "view", query, id }) },
    ...(here === null
      ? []
      : [
          {
            label: t("view.takeThis"),
            icon: BookmarkCheck,
            onChoose: () => quietly(desk.views.save(id, { name, shared, query: here }).then(() => go(listPath(here)))),
          },
        ]),
    ...(moved(all, id, -1)
      ? [{ label: t("view.up"), icon: ArrowUp, onChoose: () => quietly(desk.views.move(id, -1)) }]
      : []),
    ...(moved(all, id, 1)
      ? [{ label: t("view.down"), icon: ArrowDown, onChoose: () => quietly(desk.views.move(id, 1)) }]
      : []),
  ];
  const copy = {
    label: t("view.copy"),
    icon: Copy,
    onChoose: () => quietly(desk.views.create({ name: t("view.copyName", { name }), query, shared: false })),
  };
  const entries = [
    ...(view.mine_to_change ? mine : []),
    ...(room ? [copy] : []),
    ...(view.mine_to_change
      ? [{ label: t("view.remove"), icon: Trash2, danger: true, onChoose: () => quietly(remove(desk, view)) }]
      : []),
  ];
  if (entries.length === 0) return null;
  return (
    <Menu
      label={t("view.menu", { name })}
      align="end"
      entries={entries}
      opener={(opener) => (
        <IconButton icon={Ellipsis} size="small" label={t("view.menu", { name })} tooltip="none" {...opener} />
      )}
    />
  );
}

/** Undone it comes back as the last one. */
async function remove(desk: Desk, { id, name, query, shared }: View): Promise<void> {
  await desk.views.remove(id);
  const takeBack = (): void => {
    desk.undo.current = null;
    dismiss();
    desk.views.create({ name, query, shared }).catch((cause) => sayRefused(apiError(cause)));
  };
  desk.undo.current = takeBack;
  const dismiss = toast({ text: t("view.removed", { name }), onUndo: takeBack });
}
