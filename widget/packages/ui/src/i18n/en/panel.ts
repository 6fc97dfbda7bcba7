import type { Catalogue } from "../types";

export default {
  "panel.answersOnline": "We are here and answer in a few minutes",
  "panel.answersAway": "Nobody is here now. Write to us; the answer waits for you here.",
  "panel.closed": "This conversation was closed. Write to open it again.",
  "panel.conversation": "Conversation",
  "panel.failed": "Not sent. Your text is kept.",
  "panel.greeting": "Hello. How can we help?",
  "panel.minimise": "Minimise",
  "panel.new": { one: "{n} new message", other: "{n} new messages" },
  "panel.placeholder": "Write a message",
  "panel.read": "Read",
  "panel.team": "Team",
  "panel.title": "Chat with us",
} as const satisfies Catalogue;
