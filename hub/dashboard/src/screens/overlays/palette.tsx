/** What can be done from where one is, and once something is typed also the conversations that are at hand. */
import { t } from "@switchboard/ui/i18n/more";
import { MessagesSquare, Search } from "lucide-preact";
import { useMemo } from "preact/hooks";
import { useDesk } from "../../context";
import type { Desk } from "../../desk/desk";
import { narrowed, Picker, type PickerItem } from "../../parts/picker";
import { go, listPath, route, searchPath } from "../../router";
import { contactName } from "../../words";
import { type Command, commands } from "../commands";
import { closeOverlay } from "../overlay";

/** Conversations that are offered for what is typed; the search has the rest. */
const OFFERED = 5;

const SEARCH_FOR = "search for ";

type Choice = Command & Pick<PickerItem, "hint">;

export function Palette() {
  const desk = useDesk();
  const things = useMemo(() => commands(desk), []);
  const conversations = useMemo(() => atHand(desk), []);
  const found = (words: string): readonly PickerItem[] => [
    ...narrowed(conversations, words).slice(0, OFFERED),
    { id: SEARCH_FOR + words, label: t("palette.search", { words }), icon: Search, group: t("palette.go") },
  ];
  const choose = (id: string): void => {
    if (id.startsWith(SEARCH_FOR)) go(searchPath(id.slice(SEARCH_FOR.length)));
    else [...things, ...conversations].find((one) => one.id === id)?.run();
  };
  // The overlay that a command opens comes after this one has gone.
  return (
    <Picker
      label={t("palette.title")}
      placeholder={t("palette.placeholder")}
      items={things}
      make={found}
      close={closeOverlay}
      choose={choose}
    />
  );
}

/** Those that the page knows, newest first. */
function atHand(desk: Desk): readonly Choice[] {
  const where = route.value;
  const query = where.page === "conversations" ? where.query : ({ folder: "inbox", sort: "activity" } as const);
  return [...desk.core.state.conversations.values()]
    .map(({ thing }) => thing)
    .sort((a, b) => b.last_activity_at - a.last_activity_at)
    .map((row) => ({
      id: `open ${row.id}`,
      label: contactName(row),
      hint: row.subject ?? row.case_number,
      icon: MessagesSquare,
      group: t("nav.conversations"),
      run: () => go(listPath(query, row.id)),
    }));
}
