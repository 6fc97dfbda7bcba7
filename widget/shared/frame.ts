/**
 * What loader and panel say to each other over their one MessageChannel. Types only; each side trusts the port because
 * of how it was handed over: the loader posts it to the hub's origin alone, the panel takes it from its parent alone.
 */

import type { PageNow, PageSeen } from "@switchboard/protocol";

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
  /** What this chat is, where it is no customer's: in the place of who is there, and of a greeting. */
  says?: string;
}

export type ToPanel =
  | { t: "host"; host: HostPage; open: boolean; focus: boolean }
  | { t: "open"; focus: boolean }
  | { t: "close" }
  | { t: "page"; page: PageNow; pages: PageSeen[] };

export type ToLoader =
  | { t: "look"; accent: string; onAccent: string }
  | { t: "unread"; count: number }
  /** There is a conversation: later pages of this visit open the frame by themselves, unseen, to hear of answers. */
  | { t: "talked" }
  | { t: "keep"; lent: Lent }
  | { t: "close"; focus: boolean };
