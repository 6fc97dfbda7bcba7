/** Which page is shown: the address is the truth, so that back, reload and a copied link work. */
import { computed, type ReadonlySignal, signal } from "@preact/signals";
import type { ContactId, ConversationId, Folder, Role, Sort } from "@switchboard/protocol";
import { FOLDERS } from "./state/counts";
import { FILTERS, filtersOf } from "./state/filters";
import type { ListQuery } from "./state/lists";

export const SETTINGS_PAGES = [
  "inboxes",
  "agents",
  "teams",
  "bots",
  "tags",
  "templates",
  "retention",
  "profile",
  "notifications",
  "sessions",
  "tokens",
  "password",
] as const;
export type SettingsPage = (typeof SETTINGS_PAGES)[number];
/** What only owners and admins change. */
export const ADMIN_PAGES: ReadonlySet<SettingsPage> = new Set([
  "inboxes",
  "agents",
  "teams",
  "bots",
  "tags",
  "retention",
]);

/** Those that are there for one of this role. */
export function settingsPages(role: Role): readonly SettingsPage[] {
  const admin = role === "owner" || role === "admin";
  return SETTINGS_PAGES.filter((one) => admin || !ADMIN_PAGES.has(one));
}

export type Route =
  | { readonly page: "conversations"; readonly query: ListQuery; readonly conversation: ConversationId | null }
  | { readonly page: "search"; readonly words: string; readonly conversation: ConversationId | null }
  /** `part`: none was named, the first that one may open. */
  | {
      readonly page: "settings";
      readonly part: SettingsPage | null;
      readonly adding: boolean;
      readonly inbox: string | null;
    }
  /** All customers, or one of them. */
  | { readonly page: "customers"; readonly words: string; readonly contact: ContactId | null }
  /** The team, now. */
  | { readonly page: "pulse" }
  /** On paper. */
  | { readonly page: "print"; readonly conversation: ConversationId }
  | { readonly page: "setup"; readonly token: string }
  /** Behind a link that opens once. */
  | { readonly page: "link"; readonly token: string };

const address = signal(here());

function here(): URL {
  return new URL(window.location.href);
}

window.addEventListener("popstate", () => (address.value = here()));
window.addEventListener("hashchange", () => (address.value = here()));

export const route: ReadonlySignal<Route> = computed(() => routeOf(address.value));

/** The sorting that a person last chose; an address that names none means this. */
export const DEFAULT_SORT: Sort = "activity";

export function routeOf({ pathname, searchParams, hash }: URL): Route {
  const [first = "", second] = pathname.split("/").filter(Boolean);
  switch (first) {
    case "setup":
      return { page: "setup", token: hash.slice(1) };
    case "invitation":
    case "password":
      return { page: "link", token: hash.slice(1) };
    case "settings":
      return {
        page: "settings",
        part: SETTINGS_PAGES.find((one) => one === second) ?? null,
        adding: searchParams.has("new"),
        inbox: searchParams.get("inbox"),
      };
    case "contacts":
      return { page: "customers", words: searchParams.get("q") ?? "", contact: second ?? null };
    case "pulse":
      return { page: "pulse" };
    case "print":
      // Of nothing there is nothing to print.
      if (second === undefined) return routeOf(new URL("/", window.location.origin));
      return { page: "print", conversation: second };
    case "search":
      return { page: "search", words: searchParams.get("q") ?? "", conversation: second ?? null };
    default:
      return {
        page: "conversations",
        query: queryOf(first, searchParams),
        conversation: FOLDERS.includes(first as Folder) ? (second ?? null) : null,
      };
  }
}

const SORTS: readonly Sort[] = ["activity", "created", "waiting"];

function queryOf(folder: string, search: URLSearchParams): ListQuery {
  return {
    folder: FOLDERS.find((one) => one === folder) ?? "inbox",
    sort: SORTS.find((one) => one === search.get("sort")) ?? DEFAULT_SORT,
    ...filtersOf(search),
  };
}

/** The address of a list, with a conversation of it open or none. */
export function listPath(query: ListQuery, conversation: ConversationId | null = null): string {
  const search = new URLSearchParams();
  for (const name of FILTERS) {
    const value = query[name];
    if (value !== undefined) search.set(name, String(value));
  }
  if (query.sort !== DEFAULT_SORT) search.set("sort", query.sort);
  const tail = search.size > 0 ? `?${search}` : "";
  return `/${query.folder}${conversation === null ? "" : `/${conversation}`}${tail}`;
}

export function customersPath(words = ""): string {
  return words === "" ? "/contacts" : `/contacts?${new URLSearchParams({ q: words })}`;
}

export function customerPath(contact: ContactId): string {
  return `/contacts/${contact}`;
}

export function printPath(conversation: ConversationId): string {
  return `/print/${conversation}`;
}

export function searchPath(words: string, conversation: ConversationId | null = null): string {
  return `/search${conversation === null ? "" : `/${conversation}`}?${new URLSearchParams({ q: words })}`;
}

/** `replace`: going on does not deserve a step back (walking down a list with J). */
export function go(path: string, replace = false): void {
  if (path === window.location.pathname + window.location.search) return;
  window.history[replace ? "replaceState" : "pushState"](null, "", path);
  address.value = here();
}

/** Props of a link that goes without loading the page anew; with a modifier it is the browser's. */
export function linkTo(path: string): { href: string; onClick: (event: MouseEvent) => void } {
  return {
    href: path,
    onClick(event) {
      if (event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return;
      event.preventDefault();
      go(path);
    },
  };
}

/** The conversation that is open. */
export function openId(): string | null {
  const where = route.value;
  return where.page === "conversations" || where.page === "search" ? where.conversation : null;
}
