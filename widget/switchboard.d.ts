/**
 * What a page may call on the chat widget. Copy this file into your project, or refer to it by
 * `/// <reference path="switchboard.d.ts" />`. What each call does stands in docs/widget.md.
 */

/** Somebody who is signed in on your site. `user_id` and `hash` come from your server. */
interface SwitchboardIdentity {
  /** Your own id for them, at most 200 characters. */
  user_id: string | number;
  /** Hex of HMAC-SHA-256 of `user_id` under the inbox's identity secret. */
  hash: string;
  name?: string;
  email?: string;
  phone?: string;
  attributes?: SwitchboardAttributes;
}

/** What your team is to know of them; `null` takes one away. */
type SwitchboardAttributes = Record<string, string | number | boolean | null>;

interface SwitchboardEvents {
  open: undefined;
  close: undefined;
  /** Messages that have not been seen, each time that it changes. */
  unread: number;
  /** Whether the hub believes who is signed in. */
  identified: boolean;
  /** Who wrote: the visitor, one of your team, or a bot. Never what. */
  message_created: { kind: "you" } | { kind: "agent" | "bot"; name: string };
  message_changed: { kind: "you" } | { kind: "agent" | "bot"; name: string };
  conversation_created: { closed: boolean };
  /** Also when it is read; `closed` says whether your team has closed it. */
  conversation_changed: { closed: boolean };
  /** Your team has deleted it. */
  conversation_removed: undefined;
  /** The widget is on the page: only for who listens before it has loaded. */
  ready: undefined;
}

interface Switchboard {
  (verb: "open" | "close" | "toggle" | "hide" | "show" | "reset" | "shutdown"): void;
  (verb: "identify", who: SwitchboardIdentity): void;
  (verb: "attributes", what: SwitchboardAttributes): void;
  /** A BCP 47 tag. */
  (verb: "language", tag: string): void;
  <E extends keyof SwitchboardEvents>(
    verb: "on" | "off",
    event: E,
    listener: (value: SwitchboardEvents[E]) => void,
  ): void;
  /** Calls that wait for the widget: see the snippet. */
  q?: unknown[][];
  /** The widget is there. */
  ready?: true;
}

declare var Switchboard: Switchboard;
