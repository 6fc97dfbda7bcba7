/** Draws what comes over the page: the palette, the pickers, the person's own menu, the keys. One at a time. */
import type { ConversationId } from "@switchboard/protocol";
import { loadMoreWords } from "@switchboard/ui/i18n/more";
import { useEffect, useLayoutEffect } from "preact/hooks";
import { useDesk } from "../context";
import { late, lostOver } from "../parts/late";
import { Part } from "../parts/part";
import { typedAhead } from "../parts/picker";
import { snooze } from "./actions";
import { ViewForm } from "./narrowing";
import { closeOverlay, type Overlay, overlay } from "./overlay";
import { Assign } from "./overlays/assign";
import { CustomerTags } from "./overlays/customer-tags";
import { PriorityPicker } from "./overlays/priority";
import { Snooze } from "./overlays/snooze";
import { Tags } from "./overlays/tags";
import { Team } from "./overlays/team";

/** Then nothing of the first page is still on its way, milliseconds. */
const SETTLED_MS = 2_000;

// What one opens seldom comes when it is first opened, and what one types into soon after the page. Pickers of a conversation are
// there at once.
const over = { waits: () => <Coming />, lost: lostOver(closeOverlay) };
const seldom = async () => (await Promise.all([import("./overlays/seldom"), loadMoreWords()]))[0];
const commanding = async () => (await Promise.all([import("./overlays/commanding"), loadMoreWords()]))[0];
const Account = late(async () => (await seldom()).Account, over);
const DeleteForever = late(async () => (await seldom()).DeleteForever, over);
const GoTo = late(async () => (await commanding()).GoTo, over);
const Help = late(async () => (await seldom()).Help, over);
const Many = late(async () => (await Promise.all([import("./overlays/many"), loadMoreWords()]))[0].Many, over);
const MergeCase = late(async () => (await seldom()).MergeCase, over);
const MergeWith = late(async () => (await seldom()).MergeWith, over);
const NoticeList = late(
  async () => (await Promise.all([import("./notices/list"), loadMoreWords()]))[0].NoticeList,
  over,
);
const Palette = late(async () => (await commanding()).Palette, over);
const Source = late(async () => (await seldom()).Source, over);
const Start = late(async () => (await seldom()).Start, over);

/** Keys that mean the part that comes, besides letters. */
const OURS: ReadonlySet<string> = new Set(["Escape", "Enter", "Backspace", "Delete", "ArrowUp", "ArrowDown"]);

/** What is typed before it is there is meant for it, not for the page behind. */
function Coming() {
  // From the very moment: the next key may be there before the next frame.
  useLayoutEffect(() => {
    const take = (event: KeyboardEvent): void => {
      event.stopPropagation();
      // The browser's own keys are the browser's.
      if (event.ctrlKey || event.metaKey || event.altKey || !(event.key.length === 1 || OURS.has(event.key))) return;
      event.preventDefault();
      if (event.key === "Escape") closeOverlay();
      else if (event.key === "Enter") typedAhead.enter = true;
      else if (event.key.length === 1) typedAhead.text += event.key;
    };
    typedAhead.forget();
    document.addEventListener("keydown", take, true);
    return () => {
      document.removeEventListener("keydown", take, true);
      // This goes before the part that came is there. What that has not taken then is nobody's.
      queueMicrotask(() => typedAhead.forget());
    };
  }, []);
  return null;
}

export function Overlays() {
  const { value: open } = overlay;
  // Nothing of it is there for the next one who signs in.
  useEffect(() => closeOverlay, []);
  // Behind these keys one types on too: they come once the page has settled.
  useEffect(() => {
    const timer = setTimeout(() => {
      for (const one of [Palette, GoTo, Start, Many]) one.ask();
    }, SETTLED_MS);
    return () => clearTimeout(timer);
  }, []);
  return (
    open && (
      <Part key={open}>
        <Open open={open} />
      </Part>
    )
  );
}

function Open({ open }: { readonly open: Overlay }) {
  switch (open.kind) {
    case "palette":
      return <Palette />;
    case "account":
      return <Account />;
    case "help":
      return <Help />;
    case "goTo":
      return <GoTo />;
    case "start":
      return <Start />;
    case "notices":
      return <NoticeList />;
    case "customerTags":
      return <CustomerTags of={open.contact} />;
    case "merge":
      return <MergeWith of={open.contact} />;
    case "many":
      return <Many picker={open.picker} />;
    case "view":
      return <ViewForm query={open.query} id={open.id} />;
    case "deleteForever":
      return <DeleteForever what={open.what} />;
    default:
      return <OfConversation kind={open.kind} id={open.id} />;
  }
}

function OfConversation({
  kind,
  id,
}: {
  readonly kind: Extract<Overlay, { id: ConversationId }>["kind"];
  readonly id: ConversationId;
}) {
  const desk = useDesk();
  const row = desk.row(id).value;
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
      return <Snooze of={row.id} close={closeOverlay} choose={(at, stays) => snooze(desk, row.id, at, stays)} />;
    case "source":
      return <Source row={row} />;
    case "mergeCase":
      return <MergeCase row={row} />;
  }
}
