/**
 * What the loader remembers, in the host page's storage under one key. Of a visit, for its session: where it began, the
 * pages seen before the first message, and whether there is a conversation. Nothing of it leaves the page before the chat
 * is opened. For good: what the panel keeps, where the browser gives a frame of another site no storage of its own.
 */

import type { PageNow, PageSeen } from "@switchboard/protocol";
import type { HostPage, Lent } from "../shared/frame";

/** Pages kept, the newest. */
const PAGES_MAX = 20;
/** As the hub's bound on a URL, characters. */
const URL_CHARS = 2_000;
/** As the hub's bound on a name, characters. */
const TITLE_CHARS = 120;
/** How often the address is looked at for a move within a single-page site, ms. */
const LOOK_MS = 1_000;
const KEY = "switchboard";

interface Kept {
  referrer: string;
  landing: string;
  pages: PageSeen[];
  talked?: boolean;
  open?: boolean;
}

export interface Visit {
  host(): HostPage;
  /** For the panel, which cannot. */
  keep(lent: Lent): void;
  /** There is a conversation; false: whoever it was of is to be forgotten. */
  talked(some?: boolean): void;
  /** A page of the visit is shown. */
  see(): void;
  keepOpen(open: boolean): void;
  /** How the page before this one left the chat. */
  resumes: "open" | "unseen" | false | undefined;
}

/** What is stored, after `next` if there is one. Undefined where nothing is yet, and where there is no storage: then the
 * visit is this page. */
function stored<T>(where: "sessionStorage" | "localStorage", next?: T): T | undefined {
  try {
    if (next) window[where].setItem(KEY, JSON.stringify(next));
    return JSON.parse(window[where].getItem(KEY) ?? "");
  } catch {}
}

function here(): PageNow {
  return { url: location.href.slice(0, URL_CHARS), title: document.title.slice(0, TITLE_CHARS) };
}

/** The browser's own word of it (the Navigation API) is not to be had everywhere, and patching `history` is not a guest's. */
function onNavigation(moved: () => void) {
  let last = location.href;
  setInterval(() => {
    if (location.href === last) return;
    last = location.href;
    // The site's script sets the new title after the address.
    setTimeout(moved, 50);
  }, LOOK_MS);
}

export function readVisit(wishes: DOMStringMap, moved: () => void): Visit {
  const before = stored<Kept>("sessionStorage");
  const kept: Kept = before?.pages
    ? before
    : { referrer: document.referrer.slice(0, URL_CHARS), landing: here().url, pages: [] };
  const save = () => stored("sessionStorage", kept);

  function see() {
    if (!kept.talked) kept.pages = [...kept.pages, { ...here(), at: Date.now() }].slice(-PAGES_MAX);
    save();
  }

  see();
  onNavigation(moved);

  return {
    host: () => ({
      ...kept,
      page: here(),
      languages: [wishes.language || document.documentElement.lang, ...navigator.languages],
      theme: wishes.theme,
      lent: stored("localStorage"),
    }),
    keep: (lent) => stored("localStorage", lent),
    see,
    talked(some = true) {
      kept.talked = some;
      kept.pages = [];
      save();
    },
    keepOpen(open) {
      kept.open = open;
      save();
    },
    // A phone's whole screen is not taken without a touch.
    resumes: kept.talked && (kept.open && innerWidth > 480 ? "open" : "unseen"),
  };
}
