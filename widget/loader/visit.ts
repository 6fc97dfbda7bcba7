/**
 * What the loader remembers of a visit, in the host page's session storage under one key: where it began, the pages seen
 * before the first message, and whether there is a conversation. Nothing of it leaves the page before the chat is opened.
 */

import type { PageNow, PageSeen } from "@switchboard/protocol";
import type { HostPage } from "../shared/frame";

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
  talked(): void;
  keepOpen(open: boolean): void;
  /** How the page before this one left the chat. */
  resumes: "closed" | "unseen" | "open";
}

function read(): Kept {
  try {
    const kept = JSON.parse(sessionStorage.getItem(KEY) ?? "") as Kept;
    if (Array.isArray(kept.pages)) return kept;
  } catch {
    // Nothing yet, or no storage here.
  }
  return { referrer: document.referrer.slice(0, URL_CHARS), landing: here().url, pages: [] };
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
  const kept = read();

  function save() {
    try {
      sessionStorage.setItem(KEY, JSON.stringify(kept));
    } catch {
      // No storage here: then the visit is this page.
    }
  }

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
      page: here(),
      referrer: kept.referrer,
      landing: kept.landing,
      languages: [...(wished ? [wished] : []), ...navigator.languages],
      pages: kept.pages,
      theme: wishes.theme,
    }),
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
