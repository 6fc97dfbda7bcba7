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
/** Where the browser does not tell of navigations, the address is looked at this often, ms. */
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
  talked(): void;
  keepOpen(open: boolean): void;
  /** How the page before this one left the chat. */
  resumes: "closed" | "unseen" | "open";
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

function onNavigation(moved: () => void) {
  let last = location.href;
  const look = () => {
    if (location.href === last) return;
    last = location.href;
    // The site's script sets the new title after the address.
    setTimeout(moved, 50);
  };
  const navigation = (window as { navigation?: EventTarget }).navigation;
  if (navigation) navigation.addEventListener("currententrychange", look);
  else setInterval(look, LOOK_MS);
}

export function readVisit(wishes: DOMStringMap, onPage: () => void): Visit {
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
  onNavigation(() => {
    see();
    onPage();
  });

  const wished = wishes.language || document.documentElement.lang;
  return {
    host: () => ({
      ...kept,
      page: here(),
      languages: [wished, ...navigator.languages],
      theme: wishes.theme,
      lent: stored("localStorage"),
    }),
    keep: (lent) => stored("localStorage", lent),
    talked() {
      kept.talked = true;
      kept.pages = [];
      save();
    },
    keepOpen(open) {
      kept.open = open;
      save();
    },
    // A phone's whole screen is not taken without a touch.
    resumes: !kept.talked ? "closed" : kept.open && innerWidth > 480 ? "open" : "unseen",
  };
}
