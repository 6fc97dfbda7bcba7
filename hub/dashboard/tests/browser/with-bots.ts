/** A web chat in which a bot has answered with all that it may: formatting, buttons, choices, and what was done to it. */
import type { Rich } from "@switchboard/protocol";
import type { FakeHub } from "./fake-hub";

/** The conversation in which the bots are. */
export const BOTS = "C897";

const HOURS =
  "We are open today until 18:00 🚲.\nOur shop is at the quay, see the map.\nSundays we sleep.\nThe code for the door is 4711.";

const at = (words: string): { offset: number; length: number } => ({
  offset: HOURS.indexOf(words),
  length: words.length,
});

const RICH: Rich = {
  formats: [
    { kind: "bold", ...at("today until 18:00 🚲") },
    { kind: "italic", ...at("18:00") },
    { kind: "link", ...at("the map"), url: "https://maps.example/quay" },
    { kind: "quote", ...at("Sundays we sleep.") },
    { kind: "spoiler", ...at("4711") },
  ],
  keyboard: {
    kind: "inline",
    rows: [
      [{ text: "Yes, that helps" }, { text: "No" }],
      [{ text: "All opening hours", url: "https://shop.example/hours" }],
    ],
  },
};

/** What the hub logs of a bot. */
function log(hub: FakeHub): void {
  const line = { conversation_id: BOTS, note: null, took_ms: 12 };
  hub.bots.log.push(
    { ...line, at: hub.now() - 20_000, kind: "call", what: "sendMessage", status: 200 },
    { ...line, at: hub.now() - 21_000, kind: "call", what: "sendChatAction", status: 200, took_ms: 3 },
    {
      ...line,
      at: hub.now() - 40_000,
      kind: "delivery",
      what: "message",
      status: 502,
      note: "Bad Gateway",
      took_ms: 840,
    },
    {
      ...line,
      at: hub.now() - 90_000,
      kind: "call",
      what: "editMessageText",
      status: 403,
      note: "Forbidden: bot was blocked by the user",
    },
  );
}

export function withBots(hub: FakeHub): void {
  hub.bots.add("bot-robo", "Robo");
  hub.bots.add("bot-orders", "Order helper", "inbox-shop", {
    webhook: "https://orders.example/hook",
    waiting: 3,
    trouble: "502 Bad Gateway",
  });
  hub.bots.add("bot-night", "Night watch", "inbox-help", { off: true, last_seen_at: null, token_hint: null });
  log(hub);
}

/** What the bot has said there, and the customer has pressed. */
export function botSays(hub: FakeHub): void {
  const first = hub.bots.says(BOTS, "bot-robo", HOURS, RICH);
  const contact = { kind: "contact" as const, id: hub.rows.get(BOTS)?.contact.id ?? "" };
  hub.say(BOTS, "", {
    kind: "system",
    author: contact,
    line: { kind: "pressed", number: first.number, row: 0, column: 0, text: "Yes, that helps" },
  });
  hub.bots.says(BOTS, "bot-robo", "When shall we keep one for you?", {
    keyboard: { kind: "choices", rows: [["This morning", "This afternoon"], ["Tomorrow"]], once: true },
  });
}
