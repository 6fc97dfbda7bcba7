/**
 * What the page around the panel says of whoever is signed in there (`Switchboard("identify", …)` and the like). The loader
 * hands it on as it was given: here it is checked. It comes only where a page says something of the kind.
 *
 * Each person has a memory of their own, so that on a shared computer nobody finds another's words; a signed-in person's is
 * used only while the page says who they are. What stood in the browser's own becomes theirs who signs in.
 */

import type { effect } from "@preact/signals";
import type { About, ShelfStorage, SignedUser } from "@switchboard/protocol";

import type { Chat } from "../chat";
import type { Host } from "../host";

/** How the panel speaks, for a page's developer: it is not a person's to read. */
// biome-ignore lint/suspicious/noConsole: the one place where a page's developer looks
const warn = (text: string) => console.warn(`Switchboard: ${text}`);

type Wishes = Readonly<Record<string, unknown>>;

const VERBS = ["identify", "attributes", "reset"];
/** Of the hub's own bounds, only to say so here. */
const TEXTS = ["name", "email", "phone"] as const;

function isObject(given: unknown): given is Record<string, unknown> {
  return typeof given === "object" && given !== null && !Array.isArray(given);
}

const isPlain = (given: unknown) => ["string", "number", "boolean"].includes(typeof given);

function texts(given: unknown, where: string): Record<string, string> {
  if (given === undefined || given === null) return {};
  if (!isObject(given)) {
    warn(`${where} must be an object of texts`);
    return {};
  }
  const entries = Object.entries(given).flatMap(([name, value]): [string, string][] => {
    // Taken away.
    if (value === null) return [[name, ""]];
    if (isPlain(value)) return [[name, String(value)]];
    warn(`${where}.${name} must be a text, a number, true or false`);
    return [];
  });
  return Object.fromEntries(entries);
}

/** Who is signed in; none: nobody, or nobody who can be understood, which has been said. */
export function userOf({ identify }: Wishes): SignedUser | undefined {
  if (identify === undefined || identify === null) return;
  const { user_id, hash } = isObject(identify) ? identify : {};
  if ((typeof user_id === "string" || typeof user_id === "number") && typeof hash === "string")
    return { id: String(user_id), hash };
  warn("identify needs user_id and hash, both made by your server");
}

/** What the page says of them. */
export function aboutOf(wishes: Wishes): About | undefined {
  const { identify, attributes } = wishes;
  const user = userOf(wishes);
  const said = isObject(identify) && user ? identify : {};
  const about: About = user ? { user_id: user.id } : {};
  for (const name of TEXTS) {
    const value = said[name];
    if (isPlain(value)) about[name] = String(value);
  }
  const all = { ...texts(said.attributes, "identify.attributes"), ...texts(attributes, "attributes") };
  if (Object.keys(all).length) about.attributes = all;
  return Object.keys(about).length ? about : undefined;
}

/** All names in the storage that begin so. */
function under(storage: ShelfStorage, prefix: string): string[] {
  return Array.from({ length: storage.length }, (_, i) => storage.key(i) ?? "").filter((name) =>
    name.startsWith(prefix),
  );
}

/** Where the last `reset` is kept that was done: it stands in what a page says until its end. */
const doneKey = (prefix: string) => `${prefix}reset`;

function forget(storage: ShelfStorage, prefix: string, reset: unknown) {
  for (const name of under(storage, prefix)) storage.removeItem(name);
  storage.setItem(doneKey(prefix), String(reset));
}

const isNew = (storage: ShelfStorage, prefix: string, { reset }: Wishes) =>
  reset !== undefined && Number(reset) > Number(storage.getItem(doneKey(prefix)));

export interface Person {
  /** Of the names in their memory. */
  prefix: string;
  user?: SignedUser | undefined;
}

/** Whose chat this is. `prefix` is that of the browser's own memory, and how all others begin. */
export function personOf(storage: ShelfStorage, prefix: string, wishes: Wishes): Person {
  if (isNew(storage, prefix, wishes)) forget(storage, prefix, wishes.reset);
  const user = userOf(wishes);
  if (!user) return { prefix, user };
  const users = `${prefix}user.`;
  const own = `${users}${encodeURIComponent(user.id)}.`;
  for (const name of under(storage, prefix)) {
    if (name.startsWith(users) || name === doneKey(prefix)) continue;
    const moved = own + name.slice(prefix.length);
    // What they have here already is theirs; a browser's token alone is new.
    const value = storage.getItem(name);
    storage.removeItem(name);
    if (value !== null && (name === `${prefix}token` || storage.getItem(moved) === null)) storage.setItem(moved, value);
  }
  return { prefix: own, user };
}

/** Goes on with what the page says from now on. `watch` is the panel's own `effect`: a file with nothing to import is one
 * request. */
export function follow(
  watch: typeof effect,
  {
    storage,
    prefix,
    chat,
    host,
    began,
  }: { storage: ShelfStorage; prefix: string; chat: Chat; host: Host; began: Wishes },
) {
  watch(() => {
    const { value } = chat.phase;
    if (userOf(began) && (value === "ready" || value === "refused"))
      host.tell({ t: "identified", value: value === "ready" });
  });
  const first = JSON.stringify(userOf(began));
  const known = new Set<string>(VERBS);
  let told: string | undefined;
  watch(() => {
    const wishes = host.page.value?.wishes ?? {};
    for (const verb of Object.keys(wishes)) if (!known.has(verb)) warn(`there is no "${verb}"`);
    for (const verb of Object.keys(wishes)) known.add(verb);
    const about = aboutOf(wishes);
    if (isNew(storage, prefix, wishes) || JSON.stringify(userOf(wishes)) !== first) {
      // Somebody else: nothing of the one before is left in the window either. It forgets as it comes back.
      location.reload();
      return;
    }
    chat.about.value = about;
    const said = JSON.stringify(about);
    if (!about || said === told || !chat.conversation.value || chat.connection.value.status !== "live") return;
    told = said;
    chat.command({ do: "describe", about }).catch(() => {
      // Told again with the next change, or on the next page.
    });
  });
}
