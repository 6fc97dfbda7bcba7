import type { Translation } from "../types";
import type en from "../en/panel";

export default {
  "panel.answersOnline": "We zijn er en antwoorden binnen een paar minuten",
  "panel.answersAway": "Er is nu niemand. Schrijf ons; het antwoord komt hier.",
  "panel.closed": "Dit gesprek is gesloten. Schrijf om het te heropenen.",
  "panel.conversation": "Gesprek",
  "panel.failed": "Niet verstuurd. Je tekst is bewaard.",
  "panel.greeting": "Hallo. Waarmee kunnen we helpen?",
  "panel.minimise": "Minimaliseren",
  "panel.new": { one: "{n} nieuw bericht", other: "{n} nieuwe berichten" },
  "panel.placeholder": "Schrijf een bericht",
  "panel.read": "Gelezen",
  "panel.team": "Team",
  "panel.title": "Chat met ons",
} as const satisfies Translation<"nl", typeof en>;
