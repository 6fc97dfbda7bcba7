/**
 * What loader and panel say to each other over their one MessageChannel. Types only; each side trusts the port because
 * of how it was handed over: the loader posts it to the hub's origin alone, the panel takes it from its parent alone.
 */

import type { PageNow, PageSeen, VisitorEventFrame } from "@switchboard/protocol";

/** The one message that goes over `window`: it carries the port. */
export const HANDSHAKE = "switchboard.frame.v1";

/** What the panel keeps on the page, by name: what it would keep in the frame's own storage, had the browser given it one. */
export type Lent = Readonly<Record<string, string>>;

/** What the loader knows of the page that it stands on. */
export interface HostPage {
  page: PageNow;
  /** Of the visit's first page. */
  referrer: string;
  /** Of the visit's first page, for its campaign parameters. */
  landing: string;
  /** BCP 47 tags, best first: what the site asks for, then the browser's. */
  languages: string[];
  /** Seen before the first message, oldest first. */
  pages: PageSeen[];
  theme: string | undefined;
  lent?: Lent | undefined;
  /** What the page has asked for by calls that the loader does not know, by verb, as it gave it: nothing is checked yet. */
  wishes?: Readonly<Record<string, unknown>> | undefined;
  /** What this chat is, where it is no customer's: in the place of who is there, and of a greeting. */
  says?: string;
}

/** All that the page is and wishes, whole each time: what is told twice, or again to a frame that was loaded anew, is the same. */
export interface ToPanel {
  host: HostPage;
  open: boolean;
  /** It was opened by the person's own key or click: the focus may follow. */
  focus: boolean;
}

/** What the loader does with each stands in its `heard`; all of them go on to whoever on the page listens by that name. */
export type ToLoader =
  | { t: "look"; value: { accent: string; onAccent: string } }
  | { t: "unread"; value: number }
  /** There is a conversation: later pages of this visit open the frame by themselves, unseen, to hear of answers. */
  | { t: "talked"; value: true }
  | { t: "keep"; value: Lent }
  /** The window is to be closed; whether the focus goes back to the launcher. */
  | { t: "leave"; value: boolean }
  | { t: Heard; value: unknown };

/** Only for who listens. */
export type Heard = VisitorEventFrame["event"] | "identified";
