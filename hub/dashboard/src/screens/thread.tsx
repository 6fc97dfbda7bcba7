/**
 * The messages of a conversation. Older ones come when one scrolls up and nothing moves by it; new ones are followed only
 * by who was at the end.
 */
import { useComputed } from "@preact/signals";
import type { ConversationRow, Message } from "@switchboard/protocol";
import { Button } from "@switchboard/ui/button";
import { t } from "@switchboard/ui/i18n/desk";
import { TypingLine } from "@switchboard/ui/typing";
import { ArrowDown } from "lucide-preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { useDesk } from "../context";
import { heldBackOf } from "../desk/compose";
import { othersHere } from "../parts/row";
import { Messages, PendingMessage } from "./messages";
import { HeldMessage } from "./reply/held";

/** Nearer to the end than this counts as "at the end", px. */
const AT_END = 40;
/** What has stood on the screen this long has been read, milliseconds: walking down the list with J reads nothing. */
const READ_AFTER_MS = 350;
/** A message that comes in under the reader's eyes is noticed after this long, milliseconds. */
const NOTICED_AFTER_MS = 2_000;
/** Nearer to the top than this, the older page is asked for, px. */
const ASK_OLDER = 300;
/** A message that was found is looked for in so many older pages; one that lies deeper is for who scrolls to it. */
const FOUND_PAGES = 10;

export function ThreadView({ row }: { readonly row: ConversationRow }) {
  const desk = useDesk();
  const { thread, pending } = desk.threadView(row.id).value;
  const { readBefore, loadingOlder, unasked } = desk.conversations.view.value;
  const held = heldBackOf(pending);
  const messages = thread?.messages ?? [];
  const scroll = useThreadScroll(row.id, messages, pending.length + (thread?.held?.length ?? 0));
  const last = messages[messages.length - 1]?.number ?? 0;
  // Where one has gone from an answer to what it answers; anew each time.
  const [gone, setGone] = useState<{ readonly id: string; readonly number: number }>();
  const here = gone?.id === row.id ? gone : undefined;
  const found = here?.number ?? desk.search.found.value.get(row.id);
  useFound(found, here ?? found, scroll.show);
  useReading(row.id, last, scroll.inSight && !unasked);

  return (
    <div
      class="dk-thread"
      ref={scroll.box}
      role="log"
      aria-label={t("thread.label")}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by key.
      tabIndex={0}
      onScroll={scroll.onScroll}
    >
      <div class="dk-thread__column">
        {thread?.more && (
          <Button
            class="dk-thread__older"
            kind="quiet"
            size="small"
            busy={loadingOlder}
            onClick={() => void desk.conversations.loadOlder()}
          >
            {t("thread.older")}
          </Button>
        )}
        <Messages
          row={row}
          messages={messages}
          readBefore={readBefore}
          found={found}
          stay={scroll.stay}
          go={(number) => setGone({ id: row.id, number })}
        />
        <span ref={scroll.newest} />
        {pending
          .filter((one) => one !== held?.mine)
          .map((one) => (
            <PendingMessage key={one.clientId} pending={one} row={row} />
          ))}
        {thread?.held?.map((one) => (
          <HeldMessage key={`${one.by} ${one.client_id}`} held={one} row={row} />
        ))}
        <div class="dk-thread__typing">
          <Typing row={row} />
        </div>
      </div>
      {!scroll.inSight && <GoDown go={scroll.toEnd} count={last - scroll.seen} />}
    </div>
  );
}

function GoDown({ go, count }: { go(): void; readonly count: number }) {
  return (
    <div class="dk-thread__float">
      <Button size="small" icon={ArrowDown} onClick={go}>
        {count > 0 ? t("list.new", { n: count }) : t("thread.goDown")}
      </Button>
    </div>
  );
}

function Typing({ row }: { readonly row: ConversationRow }) {
  const desk = useDesk();
  const { typing } = useComputed(() => othersHere(desk, row.id)).value;
  return typing.length === 0 ? null : <TypingLine names={typing} />;
}

function useThreadScroll(id: string, messages: readonly Message[], pendingCount: number) {
  const desk = useDesk();
  const box = useRef<HTMLDivElement>(null);
  const newest = useRef<HTMLSpanElement>(null);
  // What was written here and not sent stands below the newest message: one may have the one in sight without the other.
  const [inSight, setInSight] = useState(true);
  const sticks = useRef(true);
  const before = useRef<{ first: number | undefined; top: number }>({ first: undefined, top: 0 });
  /** What stays where it is, whatever grows. */
  const anchor = useRef<Anchor | null>(null);
  /** Something was opened: its beginning stays, until one scrolls. */
  const opened = useRef(false);
  const seen = useRef(0);
  const pendingBefore = useRef(0);
  const first = messages[0]?.number;
  const last = messages[messages.length - 1]?.number ?? 0;
  if (inSight) seen.current = last;

  function look(element: HTMLElement): void {
    if (!opened.current || !anchor.current?.element.isConnected) anchor.current = anchorIn(element);
    before.current = { ...before.current, top: element.scrollTop };
    const end = newest.current?.getBoundingClientRect().bottom ?? 0;
    setInSight(end - element.getBoundingClientRect().bottom < AT_END);
  }

  useLayoutEffect(() => {
    const element = box.current;
    if (!element) return;
    const { first: firstBefore } = before.current;
    // One's own message is always followed; others' only from the end.
    if (sticks.current || pendingCount > pendingBefore.current) element.scrollTop = element.scrollHeight;
    else if (first !== undefined && firstBefore !== undefined && first < firstBefore) hold(element, anchor.current);
    pendingBefore.current = pendingCount;
    before.current = { ...before.current, first };
    look(element);
  }, [id, first, last, pendingCount]);

  useEffect(() => {
    const element = box.current;
    if (!element) return;
    // Pictures that load and a reply bar that grows change heights without a message.
    const watch = new ResizeObserver(() => {
      if (sticks.current) element.scrollTop = element.scrollHeight;
      else hold(element, anchor.current);
      look(element);
    });
    watch.observe(element);
    if (element.firstElementChild) watch.observe(element.firstElementChild);
    return () => watch.disconnect();
  }, [id]);

  return {
    box,
    newest,
    inSight,
    seen: seen.current,
    onScroll() {
      const element = box.current;
      if (!element) return;
      const end = element.scrollHeight - element.scrollTop - element.clientHeight < AT_END;
      // What grew since it was placed at the end is no person who scrolls: they go upwards.
      sticks.current = end || (sticks.current && element.scrollTop >= before.current.top);
      const scrolled = element.scrollTop - before.current.top;
      if (scrolled !== 0) opened.current = false;
      if (!sticks.current) hold(element, anchor.current, scrolled);
      else if (!end) element.scrollTop = element.scrollHeight;
      look(element);
      if (element.scrollTop < ASK_OLDER && !end) void desk.conversations.loadOlder();
    },
    /** Brings this into the middle of what is seen. False: it is not there. */
    show(what: string): boolean {
      const element = box.current;
      const wanted = element?.querySelector(what);
      if (!element || !wanted) return false;
      sticks.current = false;
      opened.current = false;
      wanted.scrollIntoView({ block: "center" });
      look(element);
      return true;
    },
    /** What is opened grows downwards; its beginning stays under the eye. */
    stay() {
      sticks.current = false;
      opened.current = true;
      if (box.current) anchor.current = anchorIn(box.current, "top");
    },
    toEnd() {
      sticks.current = true;
      box.current?.scrollTo({ top: box.current.scrollHeight });
    },
  };
}

/** A message that keeps its place: with which of its edges, and how far below the upper edge of the list, px. */
interface Anchor {
  readonly element: Element;
  readonly edge: "top" | "bottom";
  readonly at: number;
}

/**
 * The first message that is in sight. Of one whose beginning is not, the end keeps its place: it grows into what one has not
 * seen yet, as a mail that is loaded only when one scrolls up to it.
 */
function anchorIn(list: Element, wanted?: Anchor["edge"]): Anchor | null {
  const upper = list.getBoundingClientRect().top;
  const element = firstBelow(list.getElementsByTagName("article"), upper);
  if (!element) return null;
  const { top, bottom } = element.getBoundingClientRect();
  const edge = wanted ?? (top < upper ? "bottom" : "top");
  return { element, edge, at: (edge === "top" ? top : bottom) - upper };
}

/** Puts it back to its place, or to where it is once one has scrolled by so much, px: what grew moves nothing. */
function hold(list: Element, anchor: Anchor | null, scrolled = 0): void {
  if (!anchor?.element.isConnected) return;
  const at = anchor.element.getBoundingClientRect()[anchor.edge] - list.getBoundingClientRect().top;
  const moved = at - (anchor.at - scrolled);
  // Places are fractions of pixels, and where one has scrolled to is not.
  if (Math.abs(moved) >= 1) list.scrollTop += moved;
}

/** The first of them that ends below the edge; they stand one under the other. */
function firstBelow(rows: ArrayLike<Element>, edge: number): Element | null {
  let low = 0;
  let high = rows.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((rows[middle]?.getBoundingClientRect().bottom ?? 0) <= edge) low = middle + 1;
    else high = middle;
  }
  return rows[low] ?? null;
}

/** Shows the message that was found, once for each `asked`; takes older pages for it. */
function useFound(number: number | undefined, asked: unknown, show: (what: string) => boolean): void {
  const { loadOlder, view } = useDesk().conversations;
  const left = useRef(FOUND_PAGES);
  const looked = useRef<unknown>();
  const done = useRef<unknown>();
  useLayoutEffect(() => {
    if (number === undefined || done.current === asked || view.value.loadingOlder) return;
    if (looked.current !== asked) left.current = FOUND_PAGES;
    looked.current = asked;
    if (show(".dk-thread__found + *")) done.current = asked;
    else if (left.current > 0) {
      left.current -= 1;
      void loadOlder();
    }
  });
}

/**
 * Says what was read: what stands at the end, on a page that is looked at. Each message has its own time in which it is
 * noticed: one that comes later does not put off those before it, however lively the conversation is.
 */
function useReading(id: string, last: number, inSight: boolean): void {
  const desk = useDesk();
  const shown = useRef<string>();
  const timers = useRef(new Set<ReturnType<typeof setTimeout>>());
  const newest = useRef(last);
  newest.current = last;

  const look = (noticedAfter: number): void => {
    const upto = newest.current;
    if (upto === 0 || document.visibilityState !== "visible" || !document.hasFocus()) return;
    const after = (ms: number, what: () => void): void => {
      const timer = setTimeout(() => {
        timers.current.delete(timer);
        what();
      }, ms);
      timers.current.add(timer);
    };
    after(READ_AFTER_MS, () => desk.conversations.markRead(id, upto));
    after(noticedAfter, () => desk.compose.saw(id, upto));
  };

  useEffect(() => {
    if (!inSight) return;
    const stop = (): void => {
      timers.current.forEach(clearTimeout);
      timers.current.clear();
    };
    // Who comes back to it looks at what stands there.
    const comeBack = (): void => {
      stop();
      look(0);
    };
    window.addEventListener("focus", comeBack);
    document.addEventListener("visibilitychange", comeBack);
    return () => {
      stop();
      window.removeEventListener("focus", comeBack);
      document.removeEventListener("visibilitychange", comeBack);
    };
  }, [id, inSight]);

  useEffect(() => {
    if (last === 0 || !inSight) return;
    // Who opens it looks at what stands there.
    look(shown.current === id ? NOTICED_AFTER_MS : 0);
    shown.current = id;
  }, [id, last, inSight]);
}
