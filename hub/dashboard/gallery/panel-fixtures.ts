// The visitor's side of the bicycle shop: what the chat panel knows in each of its states, and a draft to go with it.

import { computed, signal } from "@preact/signals";
import type { Attachment, BeforeChat, Rich, VisitorConversation, VisitorMessage } from "@switchboard/protocol";
import type { Answerer, Chat, Pending } from "../../../widget/panel/chat";
import type { Draft } from "../../../widget/panel/draft";
import type { Host } from "../../../widget/panel/host";
import { openMemory } from "../../../widget/panel/memory";
import type { Upload } from "../../../widget/panel/uploads";
import { ANNA, minutesAgo, OPENED } from "./fixtures";

const nothing = () => {};
const ID = "conversation-1";

export interface PanelState {
  readonly phase?: "opening" | "ready" | "refused" | "unreachable";
  readonly away?: boolean;
  /** When it opens again. */
  readonly backAt?: number;
  readonly before?: BeforeChat;
  readonly offline?: boolean;
  readonly messages?: readonly VisitorMessage[];
  /** The team has read up to this number. */
  readonly read?: number;
  readonly closed?: boolean;
  readonly asksRating?: boolean;
  readonly more?: boolean;
  readonly typing?: boolean | "bot";
  readonly told?: string;
  /** A person was asked for. */
  readonly asked?: boolean;
  /** New ones below, while the reader is further up. */
  readonly unread?: number;
  readonly pending?: readonly Pending[];
  readonly text?: string;
  readonly problem?: string;
  readonly uploads?: readonly Upload[];
}

const ROBO: Answerer = { kind: "bot", name: "Robo" };

export function robo(number: number, text: string, ago: number, rich?: Rich): VisitorMessage {
  return { ...said(number, "them", text, ago), author: ROBO, ...(rich ? { rich } : {}) };
}

export function said(number: number, who: "you" | "them", text: string, ago: number, files: Attachment[] = []) {
  return {
    id: `message-${number}`,
    conversation_id: ID,
    number,
    author: who === "you" ? { kind: "you" } : { kind: "agent", name: ANNA.name },
    at: minutesAgo(ago),
    text,
    ...(files.length > 0 ? { attachments: files } : {}),
  } satisfies VisitorMessage;
}

export function upload(name: string, bytes: number, percent: number, failed?: string): Upload {
  const done: Attachment = { id: name, name, media_type: "application/pdf", bytes, picture: false };
  return {
    name,
    bytes,
    at: 0,
    preview: signal(),
    percent: signal(percent),
    outcome: signal(failed === undefined ? (percent === 100 ? { done } : undefined) : { failed }),
    again: nothing,
    leave: nothing,
  };
}

function conversationOf({
  messages = [],
  read = 0,
  closed = false,
  asked,
}: PanelState): VisitorConversation | undefined {
  if (messages.length === 0) return undefined;
  return {
    id: ID,
    case_number: "BK-4711",
    closed,
    created_at: OPENED,
    last_number: messages.length,
    staff_read_number: read,
    read_number: messages.length,
    ...(asked ? { asked_person: true } : {}),
  };
}

export function chatOf(state: PanelState): Chat {
  return {
    phase: signal(state.phase ?? "ready"),
    about: signal(undefined),
    answers: signal(undefined),
    hours: signal(state.backAt ? { open: false, changes_at: state.backAt } : undefined),
    title: signal("Bicycle shop Utrecht"),
    settings: signal({
      widget_key: "key",
      origins: [],
      accent: "",
      greeting: "",
      ask_rating: state.asksRating ?? false,
      ...(state.before ? { before: state.before } : {}),
    }),
    teamOnline: signal(!state.away),
    connection: signal(
      state.offline ? { status: "offline", retryAt: OPENED + 12_000 } : { status: "live", retryAt: null },
    ),
    conversation: signal(conversationOf(state)),
    messages: signal([...(state.messages ?? [])]),
    pending: signal([...(state.pending ?? [])]),
    more: signal(state.more ?? false),
    typing: signal<Answerer | undefined>(
      state.typing === "bot" ? ROBO : state.typing ? { kind: "agent", name: ANNA.name } : undefined,
    ),
    told: signal(state.told ? { text: state.told, alert: false } : undefined),
    placeholder: signal(""),
    unread: signal(state.unread ?? 0),
    atEnd: signal(true),
    memory: openMemory(sessionStorage, "gallery."),
    token: () => "",
    command: async () => ({}),
    send: nothing,
    again: nothing,
    discard: nothing,
    typed: nothing,
    older: async () => {},
    retry: nothing,
  };
}

export function draftOf(state: PanelState): Draft {
  const text = signal(state.text ?? "");
  return {
    text,
    uploads: signal([...(state.uploads ?? [])]),
    problem: signal(state.problem ?? ""),
    ready: computed(() => text.value !== ""),
    write(words) {
      text.value = words;
    },
    add: nothing,
    remove: nothing,
    waits: () => false,
    send: nothing,
  };
}

export const HOST: Host = {
  page: signal(undefined),
  open: signal(true),
  wantsFocus: signal(0),
  origin: signal(undefined),
  known: new Promise(nothing),
  tell: nothing,
};
