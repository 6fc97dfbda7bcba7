import type { Catalogue } from "../types";

export default {
  "panel.answersOnline": "We are here and answer in a few minutes",
  "panel.answersAway": "Nobody is here now. Write to us; the answer waits for you here.",
  "panel.closed": "This conversation was closed. Write to open it again.",
  "panel.conversation": "Conversation",
  "panel.failed": "Not sent. Your text is kept.",
  "panel.fileKind": "Files of this kind cannot be sent.",
  "panel.greeting": "Hello. How can we help?",
  "panel.minimise": "Minimise",
  "panel.new": { one: "{n} new message", other: "{n} new messages" },
  "panel.placeholder": "Write a message",
  "panel.removeFailed": "Remove the files that could not be uploaded, then send.",
  "panel.title": "Chat with us",
  "panel.older": "Older messages",
  "panel.tooLong": "Too long: {have} of at most {most} characters.",
  "panel.tooMany": "Files with one message: at most {n}.",
  "panel.refused": "The chat is not available on this page.",
  "panel.unreachable": "The chat cannot be reached. It tries again by itself.",
  "panel.goes": "Goes out by itself once the files are up.",
} as const satisfies Catalogue;
